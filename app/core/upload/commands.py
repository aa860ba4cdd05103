"""Commands: what to do now, named in the imperative. `Scheduler.next_commands` returns them."""

from dataclasses import dataclass

from app.contract import AnswerRecord
from app.core.upload.parts import Part, StoredPiece
from app.core.upload.recording_id import RecordingId


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
class StreamPart:
    """Send what is recorded from `offset` on while more is recorded. Where the stream ends, the part ends."""

    upload: RecordingId
    number: int
    offset: int


@dataclass(frozen=True, slots=True)
class FoldUpload:
    upload: RecordingId
    parts: tuple[StoredPiece, ...]  # each begins where the one before ends, the first one where folding has got to


@dataclass(frozen=True, slots=True)
class FinishUpload:
    upload: RecordingId
    parts: tuple[StoredPiece, ...]  # all; in the folded layout, those that are not folded
    size: int


@dataclass(frozen=True, slots=True)
class ReconcileUpload:
    """Ask the store which parts of an upload it has."""

    upload: RecordingId


@dataclass(frozen=True, slots=True)
class DropUpload:
    """Abort the upload at the store, and delete its rows from the journal."""

    upload: RecordingId


@dataclass(frozen=True, slots=True)
class StoreAnswer:
    record: AnswerRecord


@dataclass(frozen=True, slots=True)
class ProbeEndpoints:
    """Send a small request to signer and store, to learn whether they can be reached."""


Command = (
    OpenUpload
    | SendPart
    | StreamPart
    | FoldUpload
    | FinishUpload
    | ReconcileUpload
    | DropUpload
    | StoreAnswer
    | ProbeEndpoints
)
