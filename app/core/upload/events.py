"""Facts: what has happened, named in the past tense. `Scheduler.apply` takes them."""

from dataclasses import dataclass, replace

from app.contract import AnswerRecord, Gap, PartRules
from app.core.errors import UploadError
from app.core.upload.commands import Command
from app.core.upload.parts import Part
from app.core.upload.recording_id import RecordingId
from app.core.upload.refusals import Reached


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    upload: RecordingId
    content_type: str  # as the recorder names it, with codecs
    take: int  # its number in the bucket, from 1; TakeMoved changes it


@dataclass(frozen=True, slots=True)
class ChunkJournalled:
    upload: RecordingId
    size: int
    elapsed_s: float  # of the recording, when the recorder delivered the chunk


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """All bytes of the recording are journalled. RecordingStopped, with their digest, follows.

    The journal does not keep this fact: a reload ends the recording anew.
    """

    upload: RecordingId


@dataclass(frozen=True, slots=True)
class RecordingStopped:
    upload: RecordingId
    sha256: str | None  # None: the page could not read all of it to digest it
    duration_s: float
    interrupted: bool = False
    size: int | None = None  # bytes; None: from a journal of an older version
    gaps: tuple[Gap, ...] = ()
    prepared: bool = False  # True: a chosen file

    def cut_short(self, cut: "RecordingCutShort", whole: int) -> "RecordingStopped":
        """Return this fact for what is left of `whole` bytes; the duration is an estimate."""
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
    """The device has lost bytes of an ended recording that the store does not have: the recording ends before them."""

    upload: RecordingId
    size: int  # of what is left
    sha256: str | None  # of what is left; None: not all of it is on this device


@dataclass(frozen=True, slots=True)
class TakeMoved:
    """The recording has a higher take number in the bucket now: another device has stored a take with the old one."""

    upload: RecordingId
    take: int


@dataclass(frozen=True, slots=True)
class AnswerWritten:
    """The record of an answer (answer.json) is to be stored, for the first time or again."""

    record: AnswerRecord


@dataclass(frozen=True, slots=True)
class TakeDiscarded:
    """The candidate has discarded this take; 0: the take discarded before counts again."""

    question: str
    take: int


@dataclass(frozen=True, slots=True)
class UploadCreated:
    upload: RecordingId
    handle: str  # the signer's; opaque
    key: str
    parts: PartRules
    is_md5_signed: bool
    has_md5_etags: bool = True  # so it is in the journals of older versions


@dataclass(frozen=True, slots=True)
class PartCut:
    """A part was cut, and is about to be sent. Where all parts are equal, its number says as much."""

    upload: RecordingId
    part: Part
    slot: str | None = None  # where the store keeps it until it is folded; None: it is not to be folded


@dataclass(frozen=True, slots=True)
class BytesSent:
    """Some bytes of a part went out. They count for speed, never for progress."""

    upload: RecordingId
    size: int
    number: int | None = None  # of the part; None: they were streamed


@dataclass(frozen=True, slots=True)
class PartAcknowledged:
    upload: RecordingId
    number: int
    etag: str


@dataclass(frozen=True, slots=True)
class UploadFolded:
    """The store has folded small parts."""

    upload: RecordingId
    folded: int  # bytes from the start of the recording
    missing: tuple[int, ...] = ()  # numbers of the parts that the store does not have


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
    """The journal was replayed: what it says about the store must now be compared with the store."""


@dataclass(frozen=True, slots=True)
class EndpointsProbed:
    """A small request was sent to signer and store."""

    reached: Reached


@dataclass(frozen=True, slots=True)
class UploadReconciled:
    """The store was asked which parts it has; each of `parts` was compared with what was recorded."""

    upload: RecordingId
    parts: tuple[tuple[int, str], ...]  # number and ETag
    adopted: tuple[Part, ...] = ()  # of `parts`, those of which the journal did not know how they were cut
    folded: int = 0  # bytes from the start of the recording


@dataclass(frozen=True, slots=True)
class CommandFailed:
    """A command did not succeed. `error` says whether it may be given again."""

    command: Command
    error: UploadError


Fact = (
    RecordingStarted
    | ChunkJournalled
    | RecordingEnded
    | RecordingStopped
    | RecordingCutShort
    | TakeMoved
    | AnswerWritten
    | TakeDiscarded
    | UploadCreated
    | PartCut
    | BytesSent
    | PartAcknowledged
    | UploadFolded
    | UploadCompleted
    | UploadAborted
    | AnswerStored
    | Restored
    | EndpointsProbed
    | UploadReconciled
    | CommandFailed
)


# The facts that the journal keeps beside the chunks, and replays after a reload.
Noted = (
    RecordingStarted
    | RecordingStopped
    | TakeMoved
    | AnswerWritten
    | TakeDiscarded
    | UploadCreated
    | PartCut
    | PartAcknowledged
)
