"""Send recordings as page and signer do: parts of full size, folded where the layout folds, to whole objects."""

from collections.abc import Iterator
from contextlib import suppress

from app.contract import MIB, Interview, Layout, UploadPolicy
from server.cli.doctor.finding import Finding, fault
from server.cli.doctor.permission import Action, Denied, needing
from server.cli.doctor.recording import Recording
from server.cli.doctor.visit import Visit
from server.errors import InvalidRequest, ObjectExists, UploadGone
from server.settings import Settings
from server.signer.interview_file import InterviewError, read_interview
from server.signer.interviews import Interviews
from server.signer.object_keys import PAD
from server.signer.part_sizes import WINDOW, layout_for, max_bytes, rules_for
from server.store.profiles import StoreProfile

_SMALL_BYTES = 64 * 1024  # of a part that is folded, or the last
_LOST: dict[type[Exception], str] = {
    InvalidRequest: "The store lists other parts than were sent: does something before it keep replies (a cache)?",
    UploadGone: (
        "The store forgets an upload that is open: does more than one store answer at this address, or does a "
        "lifecycle rule abort uploads at once?"
    ),
    ObjectExists: "The store says that an object is there whose name is new: does something before it keep replies?",
}
_MAX_SENT_BYTES = 64 * MIB  # larger parts would take too long


def check_recordings(visit: Visit) -> Iterator[Finding]:
    """Send a recording in every layout that an interview uses. Raises StoreError, httpx.HTTPError."""
    large = min(largest_part(visit.settings, visit.profile), _MAX_SENT_BYTES)
    for layout in layouts_of(visit.settings, visit.profile):
        is_folded = layout is Layout.FOLDED
        try:
            if is_folded and visit.storage.objects.head(PAD) is None:
                visit.will_delete(PAD)
            small = (_SMALL_BYTES,) * (2 if is_folded else 1)
            is_sent = yield from Recording(visit, layout, (WINDOW if is_folded else large, *small)).walk()
            if not is_sent:  # the rest can still be tried
                yield from Recording(visit, layout, small).walk()
        except Denied as denied:
            if not visit.is_told(denied):
                yield denied.finding
        except (InvalidRequest, UploadGone, ObjectExists) as error:
            yield fault(_LOST[type(error)])


def check_giving_up(visit: Visit) -> Iterator[Finding]:
    """Give up an upload, as for a retake. Raises StoreError."""
    key = visit.key("given-up/video.webm")
    try:
        with needing(Action.WRITE, visit.bucket):
            upload = visit.storage.multipart.create(key, "video/webm", "doctor")
        with needing(Action.ABORT, visit.bucket):
            visit.storage.multipart.abort(key, upload)
        with needing(Action.LIST_PARTS, visit.bucket):
            visit.storage.multipart.parts(key, upload)
    except UploadGone:
        return
    except Denied as denied:
        if not visit.is_told(denied):
            yield denied.finding
        return
    yield fault("The store keeps an upload that was given up. Let the signer abort uploads (s3:AbortMultipartUpload).")


def layouts_of(settings: Settings, profile: StoreProfile) -> list[Layout]:
    """Return the layouts in which some page sends its parts. Streams, which fall back on them, have their own check."""
    policies = [settings.base_policy(), *(policy for policy, _ in recordings_of(settings))]
    return sorted({layout_for(policy, profile) for policy in policies} & {Layout.MULTIPART, Layout.FOLDED})


def largest_part(settings: Settings, profile: StoreProfile) -> int:
    """Return the size of the largest parts that any interview's page sends, in bytes."""
    sizes = [_largest_of(settings.base_policy(), profile, 0)]
    return max([*sizes, *(_largest_of(policy, profile, budget) for policy, budget in recordings_of(settings))])


def interviews_of(settings: Settings) -> Iterator[Interview]:
    """Yield the interviews that can be read; the others are reported by their own check."""
    for path in Interviews(settings.interviews).files():
        with suppress(InterviewError):
            yield read_interview(path)


def recordings_of(settings: Settings) -> Iterator[tuple[UploadPolicy, int]]:
    """Yield policy and size limit of each recording that an interview asks for."""
    for interview in interviews_of(settings):
        policy = settings.base_policy().overridden_by(interview.policy)
        for question in interview.questions:
            for track in question.tracks:
                yield policy, max_bytes(question, track, policy)


def _largest_of(policy: UploadPolicy, profile: StoreProfile, budget: int) -> int:
    return rules_for(layout_for(policy, profile), policy, profile, budget, at_most=None).max_bytes
