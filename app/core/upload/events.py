"""Facts (past tense) and commands (imperative)."""

from dataclasses import dataclass, replace

from app.contract import AnswerRecord, Gap, Track
from app.core.errors import UploadError
from app.core.upload.parts import Part
from app.core.upload.refusals import Reached


@dataclass(frozen=True, slots=True)
class RecordingId:
    """Name one recording, and its upload, for good: one track of one take at one question.

    The take's number is not part of it: it may move when another device has stored a take of the same number.
    """

    question: str
    track: Track
    key: str  # of the take: both its tracks have the same

    def is_same_take(self, other: "RecordingId") -> bool:
        return (self.question, self.key) == (other.question, other.key)


# Facts: what has happened. `Scheduler.apply` takes them.


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    upload: RecordingId
    content_type: str  # as the recorder names it, with codecs
    take: int  # its number in the bucket, from 1; TakeMoved changes it


@dataclass(frozen=True, slots=True)
class ChunkJournalled:
    upload: RecordingId
    size: int
    elapsed_s: float  # of the recording, when the recorder gave the chunk


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    upload: RecordingId
    sha256: str | None  # None: not all of it could be read here to digest it
    duration_s: float
    interrupted: bool = False
    size: int | None = None  # bytes; None: told by a journal of an older version
    gaps: tuple[Gap, ...] = ()
    prepared: bool = False  # a file that was chosen

    def cut_short(self, cut: "RecordingCutShort", whole: int) -> "RecordingStopped":
        """Return the end of what is left of `whole` bytes; its duration is an estimate."""
        duration_s = round(self.duration_s * cut.size / whole, 3)
        return replace(
            self,
            sha256=cut.sha256,
            duration_s=duration_s,
            interrupted=True,
            size=cut.size,
            gaps=tuple(gap for gap in self.gaps if gap.at_s < duration_s),
        )


@dataclass(frozen=True, slots=True)
class RecordingCutShort:
    """The device has lost bytes of an ended recording that nobody else has: it ends before them."""

    upload: RecordingId
    size: int  # of what is left
    sha256: str | None  # of what is left; None: not all of it is on this device


@dataclass(frozen=True, slots=True)
class TakeMoved:
    """Another device has stored a take of this number: in the bucket, this one goes by a higher one."""

    upload: RecordingId
    take: int


@dataclass(frozen=True, slots=True)
class AnswerWritten:
    """The text of an answer, or its closing record, is to be stored (again)."""

    record: AnswerRecord


@dataclass(frozen=True, slots=True)
class TakeDiscarded:
    """The candidate does not want this take to count; 0: the one discarded before counts again."""

    question: str
    take: int


@dataclass(frozen=True, slots=True)
class UploadCreated:
    upload: RecordingId
    handle: str  # the signer's; opaque
    key: str
    part_bytes: int
    is_md5_signed: bool


@dataclass(frozen=True, slots=True)
class BytesSent:
    """Some bytes of a part went out. They count for speed, never for progress."""

    upload: RecordingId
    size: int


@dataclass(frozen=True, slots=True)
class PartAcknowledged:
    upload: RecordingId
    number: int
    etag: str


@dataclass(frozen=True, slots=True)
class UploadCompleted:
    upload: RecordingId
    key: str
    size: int


@dataclass(frozen=True, slots=True)
class UploadAborted:
    upload: RecordingId


@dataclass(frozen=True, slots=True)
class AnswerStored:
    record: AnswerRecord


@dataclass(frozen=True, slots=True)
class Restored:
    """The journal has told all it knows: what it says of the store is to be compared with the store."""


@dataclass(frozen=True, slots=True)
class EndpointsProbed:
    """Signer and store were asked something small."""

    reached: Reached


@dataclass(frozen=True, slots=True)
class UploadReconciled:
    """The store was asked what it has; each of these parts was compared with the journal's bytes."""

    upload: RecordingId
    parts: tuple[tuple[int, str], ...]  # number and ETag


# Commands: what to do now. `Scheduler.next_commands` returns them.


@dataclass(frozen=True, slots=True)
class OpenUpload:
    upload: RecordingId
    content_type: str
    part_bytes_at_most: int | None = None  # larger parts were refused; None: none was


@dataclass(frozen=True, slots=True)
class SendPart:
    upload: RecordingId
    part: Part


@dataclass(frozen=True, slots=True)
class FinishUpload:
    upload: RecordingId
    parts: tuple[tuple[Part, str], ...]  # each with its ETag
    size: int


@dataclass(frozen=True, slots=True)
class ReconcileUpload:
    """Ask the store what it has of an upload."""

    upload: RecordingId


@dataclass(frozen=True, slots=True)
class DropUpload:
    """Abort what the store has and forget what the journal has."""

    upload: RecordingId


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    record: AnswerRecord


@dataclass(frozen=True, slots=True)
class ProbeEndpoints:
    """Ask signer and store something small: does anybody answer there?"""


Command = OpenUpload | SendPart | FinishUpload | ReconcileUpload | DropUpload | StoreAnswer | ProbeEndpoints


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """A command did not succeed. `error` says whether it may be given again."""

    command: Command
    error: UploadError


Fact = (
    RecordingStarted
    | ChunkJournalled
    | RecordingStopped
    | RecordingCutShort
    | TakeMoved
    | AnswerWritten
    | TakeDiscarded
    | UploadCreated
    | BytesSent
    | PartAcknowledged
    | UploadCompleted
    | UploadAborted
    | AnswerStored
    | Restored
    | EndpointsProbed
    | UploadReconciled
    | CommandFailed
)


# What a journal keeps beside the chunks, and tells again after a reload.
Noted = (
    RecordingStarted | RecordingStopped | TakeMoved | AnswerWritten | TakeDiscarded | UploadCreated | PartAcknowledged
)
