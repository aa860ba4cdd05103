"""What happens to answers and submission (past tense). `fold` takes these, and those of core/upload/events.py."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.contract import Track, TrackRecord
from app.core.session.answers import Answer
from app.core.session.submission import SubmissionStep
from app.core.upload.events import RecordingId, TakeMoved


@dataclass(frozen=True, slots=True)
class AnswersRecovered:
    """The bucket and the journal have told what an earlier visit has left."""

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


@dataclass(frozen=True, slots=True)
class FileChosen:
    """A file is copied as the answer: a take that ends as it begins."""

    question: str
    key: str  # of its recording


@dataclass(frozen=True, slots=True)
class TakeStopped:
    """The recorders have been told to stop; their last chunks are on their way."""

    question: str


@dataclass(frozen=True, slots=True)
class TakeKept:
    question: str
    given: frozenset[Track]  # tracks that hold something
    duration_s: float


@dataclass(frozen=True, slots=True)
class TakeDropped:
    """Nothing of the take is left: it held nothing, or was too short to count."""

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
    """Another take counts now; the discarded one is gone for good."""

    question: str


@dataclass(frozen=True, slots=True)
class TextEdited:
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class TextHandedOn:
    """The text as it stands is to be stored: one revision more."""

    question: str


@dataclass(frozen=True, slots=True)
class RecordingStored:
    """A recording is an object in the store, verified."""

    recording: RecordingId
    record: TrackRecord


@dataclass(frozen=True, slots=True)
class SubmissionStepped:
    step: SubmissionStep


SessionEvent = (
    AnswersRecovered
    | QuestionOpened
    | PreparationStarted
    | PreparationCancelled
    | TakeStarted
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
