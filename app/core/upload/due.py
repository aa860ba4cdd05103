"""The commands that one upload is ready for, except those that send its parts; and the step of each."""

from collections.abc import Iterator

from app.core.upload.commands import (
    Command,
    FinishUpload,
    FoldUpload,
    OpenUpload,
    ReconcileUpload,
    SendPart,
    StreamPart,
)
from app.core.upload.fold_progress import FOLDED_TOGETHER, TRIES_OF_A_PLACE
from app.core.upload.steps import Step, StepEvent
from app.core.upload.upload import Upload


def due_commands(upload: Upload, now: float) -> Iterator[Command]:
    """Yield what may be done now; from then on it is in flight."""
    for of_command in (reconciling_command, opening_command, folding_command, finishing_command):
        command = of_command(upload, now)
        step = step_of(upload, command) if command is not None else None
        if command is not None and step is not None:
            step.on(StepEvent.STARTED)
            yield command


def reconciling_command(upload: Upload, now: float) -> ReconcileUpload | None:
    if upload.reconciling.is_ready(now) and not upload.folding.step.is_in_flight:
        return ReconcileUpload(upload.ref)
    return None


def opening_command(upload: Upload, now: float) -> OpenUpload | None:
    """Return the command that opens the upload; None if it is too early, or done.

    An upload is opened only once there is a first byte: empty objects are never stored.
    """
    if upload.recorded and upload.opening.is_ready(now):
        return OpenUpload(upload.ref, upload.content_type, upload.part_bytes_at_most)
    return None


def folding_command(upload: Upload, now: float) -> FoldUpload | None:
    """Return the command that folds the small parts which the store has acknowledged; None if there are none."""
    if not (upload.is_folded and upload.is_certain and upload.folding.step.is_ready(now)):
        return None
    if upload.is_acknowledged and not _folds_first(upload):
        return None  # the end of an upload folds what is left
    pieces = upload.folding.next_pieces(upload.parts)
    enough = FOLDED_TOGETHER if upload.parts.has_backlog else 1
    return FoldUpload(upload.ref, pieces) if len(pieces) >= enough else None


def finishing_command(upload: Upload, now: float) -> FinishUpload | None:
    if not (upload.is_acknowledged and upload.is_certain and upload.finishing.is_ready(now)):
        return None
    if upload.folding.step.is_in_flight or _folds_first(upload):
        return None  # the two would fold the same parts
    return FinishUpload(upload.ref, upload.folding.stored(upload.parts), upload.recorded)


def _folds_first(upload: Upload) -> bool:
    """Whether the end of an upload has failed so often that what is left is folded apart, which tells what fails."""
    if not upload.is_folded or upload.folding.step.has_failed or upload.finishing.failures < TRIES_OF_A_PLACE:
        return False
    return bool(upload.folding.next_pieces(upload.parts))


def streaming_command(upload: Upload, now: float) -> StreamPart | None:
    """Return the command that begins a stream; None if there is nothing to stream, or it is too early."""
    number, offset = upload.parts.next_place
    if not (upload.is_streamed and upload.is_certain and offset < upload.recorded):
        return None
    if not upload.streaming.step.is_ready(now) or upload.parts.refused() is not None:
        return None
    return StreamPart(upload.ref, number, offset)


def step_of(  # noqa: PLR0911  one flat case a command
    upload: Upload, command: OpenUpload | SendPart | StreamPart | FoldUpload | ReconcileUpload | FinishUpload
) -> Step | None:
    """Return the step that `command` belongs to; None if the command is out of date."""
    match command:
        case OpenUpload():
            return upload.opening
        case ReconcileUpload():
            return upload.reconciling
        case FoldUpload():
            return upload.folding.step
        case FinishUpload():
            return upload.finishing
        case SendPart(part=part):
            return upload.parts.step_of(part)
        case StreamPart(number=number, offset=offset) if upload.streaming.is_open_at(number, offset):
            return upload.streaming.step
        case StreamPart(number=number, offset=offset):
            return upload.parts.step_at(number, offset)
