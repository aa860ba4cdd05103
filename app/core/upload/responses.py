"""What a reply means: an ETag that proves the bytes, or a refusal as one of our errors."""

from dataclasses import dataclass

from app.contract import ProblemType
from app.core.errors import (
    AlreadySubmitted,
    BodyTooLarge,
    CaptivePortal,
    Corrupted,
    EtagMissing,
    NotComplete,
    StoreBusy,
    StoreUnable,
    TakeExists,
    TakenOver,
    TicketRefused,
    UploadError,
    UploadLost,
    UrlExpired,
    UrlRejected,
)

_PROBLEMS: dict[str, type[UploadError]] = {
    ProblemType.TICKET_REFUSED: TicketRefused,
    ProblemType.ALREADY_SUBMITTED: AlreadySubmitted,
    ProblemType.TAKE_EXISTS: TakeExists,
    ProblemType.TAKEN_OVER: TakenOver,
    ProblemType.UPLOAD_UNKNOWN: UploadLost,
    ProblemType.INCOMPLETE: NotComplete,
    ProblemType.STORE_UNAVAILABLE: StoreBusy,
}
# S3's names for what passes by itself although the status says "your fault".
_PASSING = {"RequestTimeout", "BadDigest", "IncompleteBody", "SlowDown", "InternalError", "OperationAborted"}
# NotImplemented is rclone's word for a part that arrived damaged: it has passed it on and takes no other in its place.
_GONE = {"NoSuchUpload", "NotImplemented"}
_REFUSALS = {"", "AccessDenied", "ExpiredToken", "RequestExpired"}
# What waiting does not help, although the page tries again. A full or an unable store may yet be in between.
_UNFIT: dict[int, type[UploadError]] = {413: BodyTooLarge, 501: StoreUnable, 507: StoreUnable}


@dataclass(frozen=True, slots=True)
class PutResponse:
    """What came back for bytes that were sent to a signed URL."""

    status: int
    code: str = ""  # S3's `<Code>`, "" when there is none
    retry_after: str | None = None
    etag: str | None = None  # with or without its quotes; None: not there, or hidden from pages
    has_body: bool = False


def proven_etag(reply: PutResponse, md5: str) -> str:
    """Return the ETag if it is the MD5 of what was sent: a 200 alone proves nothing. Raises UploadError."""
    if (unfit := _UNFIT.get(reply.status)) is not None and reply.code not in _GONE:
        raise unfit(f"The store answered {reply.status}.")
    if reply.status != 200:
        raise error_of_response("the store", reply.status, reply.code, reply.retry_after)
    if reply.etag is None and reply.has_body:  # a store has nothing to say beside it
        raise CaptivePortal("Somebody else answered in the store's place.")
    if reply.etag is None:
        raise EtagMissing("The store does not show this page the ETag of what it has received.")
    if reply.etag.strip('"').lower() != md5:
        raise Corrupted("The store has received other bytes than were sent.")
    return md5


def error_of_response(who: str, status: int, code: str, retry_after: str | None) -> UploadError:
    """Return the error that a reply other than success stands for.

    `code` is S3's `<Code>` or the problem's `type`, "" when there is none; `retry_after` is the header's text.
    """
    sentence = f"{who} answered {status}{f' ({code})' if code else ''}."
    sentence = sentence[0].upper() + sentence[1:]
    kind = _PROBLEMS.get(code) or _kind_of(status, code)
    return StoreBusy(sentence, seconds_of(retry_after)) if kind is StoreBusy else kind(sentence)


def _kind_of(status: int, code: str) -> type[UploadError]:
    """Return the first kind that fits."""
    kinds = (
        (UploadLost, code in _GONE),
        # A sign-in page answers 200 or leads elsewhere; an honest one says 511 (RFC 6585).
        (CaptivePortal, 200 <= status < 400 or status == 511),
        (StoreBusy, status in (408, 425, 429) or status >= 500 or code in _PASSING),
        # A gateway whose store or signer is restarting: these two say by their own name what they do not have.
        (StoreBusy, status in (404, 405) and not code),
        # AWS and Ceph say 403, rclone 400.
        (UrlExpired, status == 403 or (status == 400 and code in _REFUSALS)),
    )
    return next((kind for kind, fits in kinds if fits), UrlRejected)


def seconds_of(retry_after: str | None) -> float:
    """Return a Retry-After header in seconds; 0 if it is missing, or a date: the page's own clock decides nothing."""
    return float(retry_after) if retry_after is not None and retry_after.strip().isdecimal() else 0.0
