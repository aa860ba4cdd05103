"""Whether our clock and the store's agree: signatures name the time."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx

from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.visit import Visit

_NOTED_S = 60
_REFUSED_S = 15 * 60  # S3 refuses requests that are further off (RequestTimeTooSkewed)


def check_clock(visit: Visit) -> Iterator[Finding]:
    """Compare our clock with the `Date` of a reply that needs no signature; say nothing of a store that is away."""
    begun = time.time()
    try:
        reply = visit.page.client.head(visit.storage.bucket.endpoint_url)
    except httpx.HTTPError:
        return
    ours = (begun + time.time()) / 2
    if (theirs := _date_of(reply)) is None:
        return
    ahead_s = ours - theirs
    if abs(ahead_s) > _NOTED_S:
        off = f"The signer's clock is {_spoken(abs(ahead_s))} {'ahead of' if ahead_s > 0 else 'behind'} the store's"
        if abs(ahead_s) > _REFUSED_S:
            yield fault(f"{off}, and S3 refuses signatures that are 15 minutes off. Set the clock (NTP).")
        else:
            yield note(f"{off}. Beyond 15 minutes the store refuses every signature: set the clock (NTP).")


def _date_of(reply: httpx.Response) -> float | None:
    try:
        return parsedate_to_datetime(reply.headers["date"]).timestamp()
    except (KeyError, ValueError):
        return None


def _spoken(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
