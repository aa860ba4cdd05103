"""Whether what stands before the signer lets the longest bodies through that pages send to it."""

from collections.abc import Iterator
from http import HTTPStatus

import httpx

from app.contract import MAX_PARTS, Layout
from server.cli.doctor.finding import Finding, fault
from server.cli.doctor.recordings import interviews_of, recordings_of
from server.cli.doctor.visit import Visit
from server.settings import origin_of
from server.signer.document_sizes import max_submission_bytes
from server.signer.part_sizes import layout_for, rules_for

_PART_BYTES = 120  # of one part in the JSON that completes an upload
_AROUND_BYTES = 8 * 1024  # the upload's handle


def check_signer_bodies(visit: Visit) -> Iterator[Finding]:
    """Send the signer a body of full size without a ticket, which it refuses unread. It need not run yet."""
    size, origin = _longest_body(visit), _origin(visit)
    try:
        if not visit.page.client.get(f"{origin}/api/live").is_success:
            return
        answer = visit.page.client.post(f"{origin}/api/submission", content=bytes(size))
    except httpx.HTTPError:
        return
    if answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        yield fault(
            f"Something before the signer refuses a body of {size} bytes as too large (413): that long are the list of "
            "a recording's parts, or what is submitted, at most. Let it through (nginx: `client_max_body_size`)."
        )


def _origin(visit: Visit) -> str:
    """Return where pages reach the signer: not where they come from, if another server has them."""
    return origin_of(visit.settings.url) if visit.settings.url is not None else visit.page.origin


def _longest_body(visit: Visit) -> int:
    submissions = [max_submission_bytes(interview) for interview in interviews_of(visit.settings)]
    completions = [0]
    for policy, budget in recordings_of(visit.settings):
        if (layout := layout_for(policy, visit.profile)) is not Layout.FOLDED:  # there only what is not folded is named
            smallest = rules_for(layout, policy, visit.profile, budget, at_most=None).min_bytes
            completions.append(min(MAX_PARTS, budget // smallest) * _PART_BYTES + _AROUND_BYTES)
    return max([*submissions, *completions])
