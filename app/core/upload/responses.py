"""Interpret replies: an ETag that proves the bytes, or one of our errors."""

import base64
from collections.abc import Mapping
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
# S3's codes for temporary failures, even if the status blames the client.
# NoSuchKey: what Ceph 16.2 says to a PUT of which not all bytes have come. Of a lost upload it says NoSuchUpload.
_PASSING = {
    "RequestTimeout",
    "BadDigest",
    "IncompleteBody",
    "NoSuchKey",
    "SlowDown",
    "InternalError",
    "OperationAborted",
}
# NotImplemented: a store that passes parts on at once cannot replace one that arrived damaged. Only a new upload helps.
_GONE = {"NoSuchUpload", "NotImplemented"}
# The bucket is in another region: a URL that was signed for this one will never work.
_ELSEWHERE = {
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
}
_REFUSALS = {"", "AccessDenied", "ExpiredToken", "RequestExpired"}
# Waiting may not help against these. The page tries again all the same: a full or unable store may recover.
_UNFIT: dict[int, type[UploadError]] = {413: BodyTooLarge, 501: StoreUnable, 507: StoreUnable}


@dataclass(frozen=True, slots=True)
class PutResponse:
    """The reply to a PUT to a signed URL."""

    status: int
    code: str = ""  # S3's `<Code>`, "" when there is none
    retry_after: str | None = None
    etag: str | None = None  # with or without its quotes; None: missing, or hidden from the page
    has_body: bool = False
    stored_range: str | None = None  # Range: what a store that takes an object in order has of it


def code_of(body: str) -> str:
    """Return S3's error code in a reply's body; "" if there is none."""
    _, _, rest = body[:4096].partition("<Code>")
    return rest.partition("</Code>")[0][:64]


def proven_etag(reply: PutResponse, md5: str, signed: Mapping[str, str], *, has_md5_etags: bool = True) -> str:
    """Return the ETag if the reply proves that the store holds what was sent: a 200 alone proves nothing.

    `signed` are the headers that were signed and sent. If the store's ETags are no MD5 (encryption with KMS, some
    gateways), the proof is that it accepted a Content-MD5: it compares that with what it has received.

    Raises UploadError.
    """
    if (error := unfit_error(reply)) is not None:
        raise error
    if reply.status != 200:
        raise error_of_response("the store", reply.status, reply.code, reply.retry_after)
    if reply.etag is None and reply.has_body:  # a store itself answers a PUT without a body
        raise CaptivePortal("Somebody else answered in the store's place.")
    if reply.etag is None:
        raise EtagMissing("The store does not show this page the ETag of what it has received.")
    etag = _bare(reply.etag)
    if not has_md5_etags:
        if not _is_signed(md5, signed):
            raise UrlRejected("This store's ETags are no MD5, and no Content-MD5 was signed: nothing proves the bytes.")
        if not etag:
            raise EtagMissing("The store answers with an empty ETag.")
        return etag
    if etag.lower() != md5:
        raise Corrupted("The store has received other bytes than were sent.")
    return md5


def unfit_error(reply: PutResponse) -> UploadError | None:
    """Return the error if the reply says that the store cannot take such a body; None if it says something else."""
    unfit = _UNFIT.get(reply.status)
    return unfit(f"The store answered {reply.status}.") if unfit is not None and reply.code not in _GONE else None


def _bare(etag: str) -> str:
    """Return an ETag without its quotes and without what proxies that compress replies add to it."""
    return etag.strip().removeprefix("W/").strip('"').removesuffix("-gzip")


def _is_signed(md5: str, signed: Mapping[str, str]) -> bool:
    digest = base64.b64encode(bytes.fromhex(md5)).decode()
    return any(name.lower() == "content-md5" and value == digest for name, value in signed.items())


def error_of_response(who: str, status: int, code: str, retry_after: str | None) -> UploadError:
    """Return the error for a reply that is no success.

    `code` is S3's `<Code>` or the problem's `type`, "" when there is none; `retry_after` is the header's text.
    """
    sentence = f"{who} answered {status}{f' ({code})' if code else ''}."
    sentence = sentence[0].upper() + sentence[1:]
    kind = _PROBLEMS.get(code) or _kind_of(status, code)
    return StoreBusy(sentence, seconds_of(retry_after)) if kind is StoreBusy else kind(sentence)


def _kind_of(status: int, code: str) -> type[UploadError]:
    """Return the first error class that matches."""
    kinds = (
        (UploadLost, code in _GONE),
        # Without a code, 301 and 307 would be a sign-in page's. Browsers follow a redirect that names a place.
        (UrlRejected, code in _ELSEWHERE),
        # A sign-in page answers 200 or redirects; a correct one answers 511 (RFC 6585).
        (CaptivePortal, 200 <= status < 400 or status == 511),
        (StoreBusy, status in (408, 425, 429) or status >= 500 or code in _PASSING),
        # A gateway answers so while the store or signer behind it restarts. These two would send a code of their own.
        (StoreBusy, status in (404, 405) and not code),
        # Most stores answer 403, some 400.
        (UrlExpired, status == 403 or (status == 400 and code in _REFUSALS)),
    )
    return next((kind for kind, fits in kinds if fits), UrlRejected)


def seconds_of(retry_after: str | None) -> float:
    """Return a Retry-After header in seconds; 0 if it is missing, or a date: the device's clock may be wrong."""
    return float(retry_after) if retry_after is not None and retry_after.strip().isdecimal() else 0.0
