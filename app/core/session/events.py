"""Events of answers and submission (past tense). `fold` takes these, and TakeMoved of core/upload/events.py."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.contract import Track, TrackRecord
from app.core.session.answers import Answer
from app.core.session.submission import SubmissionStep
from app.core.upload.events import TakeMoved
from app.core.upload.recording_id import RecordingId


@dataclass(frozen=True, slots=True)
class AnswersRecovered:
    """The answers of an earlier visit were restored from the bucket and the journal."""

    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class QuestionOpened:
    question: str


@dataclass(frozen=True, slots=True)
class PreparationStarted:
    question: str


@dataclass(frozen=True, slots=True)
class PreparationCancelled:
    question: str


@dataclass(frozen=True, slots=True)
class TakeStarted:
    question: str
    key: str  # of its recordings
    rung: int = 0  # of the policy's ladder, for its picture; 0: the largest


@dataclass(frozen=True, slots=True)
class FrameRateChanged:
    """The running recording gets fewer frames per second, or more again."""

    question: str
    level: int  # how often its rung's frame rate is halved


@dataclass(frozen=True, slots=True)
class FileChosen:
    """A chosen file is being copied as the answer: the take is started and stopped at once."""

    question: str
    key: str  # of its recording


@dataclass(frozen=True, slots=True)
class TakeStopped:
    """The recorders have stopped or were told to stop; their last chunks may still follow."""

    question: str


@dataclass(frozen=True, slots=True)
class TakeKept:
    question: str
    given: frozenset[Track]  # tracks that hold data
    duration_s: float


@dataclass(frozen=True, slots=True)
class TakeDropped:
    """The take was dropped: it was empty, too short to count, or a file that cannot be used."""

    question: str


@dataclass(frozen=True, slots=True)
class TakeSetAside:
    """The candidate has discarded the take. It may be restored until another one replaces it."""

    question: str


@dataclass(frozen=True, slots=True)
class TakeRestored:
    question: str


@dataclass(frozen=True, slots=True)
class TakeReplaced:
    """Another take counts now; the discarded one can no longer be restored."""

    question: str


@dataclass(frozen=True, slots=True)
class TextEdited:
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class TextHandedOn:
    """The current text is handed on to be stored, as a new revision."""

    question: str


@dataclass(frozen=True, slots=True)
class RecordingStored:
    """A recording is a verified object in the store."""

    recording: RecordingId
    record: TrackRecord


@dataclass(frozen=True, slots=True)
class SubmissionStepped:
    step: SubmissionStep
    detail: str = ""  # of FAIL: a sentence of the UploadError


SessionEvent = (
    AnswersRecovered
    | QuestionOpened
    | PreparationStarted
    | PreparationCancelled
    | TakeStarted
    | FrameRateChanged
    | FileChosen
    | TakeStopped
    | TakeKept
    | TakeDropped
    | TakeSetAside
    | TakeRestored
    | TakeReplaced
    | TakeMoved
    | TextEdited
    | TextHandedOn
    | RecordingStored
    | SubmissionStepped
)
