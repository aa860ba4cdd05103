"""The messages from the interview's frame to its host page. None holds a URL, a ticket, a key or an answer."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.efficiency import Efficiency as EfficiencyReport
from app.contract.reasons import Reason
from app.contract.types import Identifier, Seconds, TakeNumber, Track


class PageMessage(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _OfTrack(PageMessage):
    question: Identifier
    take: TakeNumber
    track: Track


class Ready(PageMessage):
    """The page has started and waits for `configure`."""

    type: Literal["ready"] = "ready"


class RecordingStarted(_OfTrack):
    type: Literal["recording-started"] = "recording-started"


class RecordingStopped(_OfTrack):
    type: Literal["recording-stopped"] = "recording-stopped"
    duration_s: Seconds
    interrupted: bool  # true: a fault ended it, not Stop or the time limit


class PartUploaded(_OfTrack):
    type: Literal["part-uploaded"] = "part-uploaded"
    number: int = Field(ge=1)


class UploadProgress(PageMessage):
    """Progress over all recordings of the session; sizes in bytes."""

    type: Literal["upload-progress"] = "upload-progress"
    recorded: int
    acknowledged: int  # never falls while the same recordings count
    backlog: int
    percent: int = Field(ge=0, le=100)
    bytes_per_second: float | None  # None: not known yet
    remaining_s: float | None  # None: not known


class UploadRetry(PageMessage):
    """A try failed and is repeated. The host page need not act."""

    type: Literal["upload-retry"] = "upload-retry"
    question: Identifier
    take: TakeNumber
    track: Track | None  # None: answer.json
    reason: Reason


class UploadSuccess(_OfTrack):
    """The store has assembled the object, and its size is what was recorded."""

    type: Literal["upload-success"] = "upload-success"
    size: int = Field(ge=1)


class UploadError(PageMessage):
    """A failure that needs a person to act."""

    type: Literal["upload-error"] = "upload-error"
    question: Identifier | None  # None: the page as a whole cannot continue
    take: TakeNumber | None
    track: Track | None
    reason: str = Field(pattern=r"^[a-z-]{1,40}$")  # a Reason, or the name of a dead end


class IsOffline(PageMessage):
    type: Literal["is-offline"] = "is-offline"


class BackOnline(PageMessage):
    type: Literal["back-online"] = "back-online"


class AnswerCompleted(PageMessage):
    """The whole answer is in the store. A retake sends this message again, with a higher take number."""

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
    """How the uploads of the session went; measured, not estimated."""

    type: Literal["efficiency"] = "efficiency"
    recorded: int  # bytes
    stored_at_stop: float = Field(ge=0, le=1)  # share of `recorded` that was acknowledged before its Stop
    waited_s: Seconds  # from the last Stop until everything was stored
    report: EfficiencyReport  # as in efficiency.json


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
