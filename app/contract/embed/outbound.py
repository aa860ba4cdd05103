"""What the interview's frame tells its host page. Never a URL, a ticket, a key or anything that was said."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.types import Identifier, Seconds, TakeNumber, Track


class Reason(StrEnum):
    """Why a try failed. A page that cannot go on at all says it with its own dead end's name instead."""

    NETWORK = "network"  # no reply
    STALLED = "stalled"  # no byte moved for too long
    CAPTIVE_PORTAL = "intercepted"  # a sign-in page answers in place of the store
    EXPIRED = "expired"  # a signed URL; a fresh one is fetched
    BUSY = "busy"  # store or signer ask for patience
    CORRUPTED = "corrupted"  # other bytes arrived than were sent
    LOST = "lost"  # the store forgot the upload; it begins anew
    ETAG_HIDDEN = "etag-hidden"  # the bucket's CORS rule must expose ETag
    REFUSED = "refused"  # by store or signer, for good
    # Four that only the operator can mend: TroubleKind's names.
    TOO_LARGE = "too-large"
    BLOCKED = "blocked"
    FORBIDDEN = "forbidden"
    UNABLE = "unable"
    TICKET_REFUSED = "ticket-refused"
    ALREADY_SUBMITTED = "already-submitted"
    TAKEN_OVER = "taken-over"  # the session goes on on another device
    STORAGE = "storage"  # the device's own storage fails
    OTHER = "other"


class PageMessage(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OfTrack(PageMessage):
    question: Identifier
    take: TakeNumber
    track: Track


class Ready(PageMessage):
    """Wait for `configure`."""

    type: Literal["ready"] = "ready"


class RecordingStarted(_OfTrack):
    type: Literal["recording-started"] = "recording-started"


class RecordingStopped(_OfTrack):
    type: Literal["recording-stopped"] = "recording-stopped"
    duration_s: Seconds
    interrupted: bool  # by a fault, not by Stop or the limit


class PartUploaded(_OfTrack):
    type: Literal["part-uploaded"] = "part-uploaded"
    number: int = Field(ge=1)


class UploadProgress(PageMessage):
    """All of the session's recordings; sizes in bytes."""

    type: Literal["upload-progress"] = "upload-progress"
    recorded: int
    acknowledged: int  # never falls while the same recordings count
    backlog: int
    percent: int = Field(ge=0, le=100)
    bytes_per_second: float | None  # None: not known yet
    remaining_s: float | None  # None: not known


class UploadRetry(PageMessage):
    """A try failed and will be made again. Nothing need be done."""

    type: Literal["upload-retry"] = "upload-retry"
    question: Identifier
    take: TakeNumber
    track: Track | None  # None: the answer's own record
    reason: Reason


class UploadSuccess(_OfTrack):
    """The store has put the object together, and its size is what was recorded."""

    type: Literal["upload-success"] = "upload-success"
    size: int = Field(ge=1)


class UploadError(PageMessage):
    """Something stays undone until a person acts."""

    type: Literal["upload-error"] = "upload-error"
    question: Identifier | None  # None: the page as a whole cannot go on
    take: TakeNumber | None
    track: Track | None
    reason: str = Field(pattern=r"^[a-z-]{1,40}$")  # a Reason, or the name of a dead end


class IsOffline(PageMessage):
    type: Literal["is-offline"] = "is-offline"


class BackOnline(PageMessage):
    type: Literal["back-online"] = "back-online"


class AnswerCompleted(PageMessage):
    """Everything of an answer is in the store. A retake makes another of a higher take."""

    type: Literal["answer-completed"] = "answer-completed"
    question: Identifier
    take: TakeNumber
    tracks: tuple[Track, ...]


class SafeToClose(PageMessage):
    type: Literal["safe-to-close"] = "safe-to-close"
    is_safe: bool  # false: closing the page now might lose something


class Submitted(PageMessage):
    type: Literal["submitted"] = "submitted"
    submitted_at: str  # RFC 3339, UTC, the signer's clock
    answers: int


class Efficiency(PageMessage):
    """What sending while recording was worth in this visit; measured, not estimated."""

    type: Literal["efficiency"] = "efficiency"
    recorded: int  # bytes
    stored_at_stop: float = Field(ge=0, le=1)  # share of `recorded` that was acknowledged at the last Stop
    waited_s: Seconds  # from the last Stop until everything was stored


class Resize(PageMessage):
    type: Literal["resize"] = "resize"
    height_px: int = Field(ge=0)


PAGE_MESSAGES: tuple[type[PageMessage], ...] = (
    Ready,
    RecordingStarted,
    RecordingStopped,
    PartUploaded,
    UploadProgress,
    UploadRetry,
    UploadSuccess,
    UploadError,
    IsOffline,
    BackOnline,
    AnswerCompleted,
    SafeToClose,
    Submitted,
    Efficiency,
    Resize,
)
