"""Have the store fold the small parts that it has acknowledged."""

from collections.abc import Sequence

from app.contract import FoldedParts, FoldParts, PartState, PartToFold, PartToSign
from app.core.errors import JournalUnread, PartStuck, RecordingGone, SignerInvalid
from app.core.ports import Signer, UploadPorts
from app.core.upload.commands import FoldUpload
from app.core.upload.events import UploadFolded
from app.core.upload.parts import Part, StoredPiece
from app.core.upload.recording_id import RecordingId
from app.core.upload.scheduler import Scheduler
from app.upload.created import created_upload
from app.upload.signed_urls import SignedUrls


class Folder:
    def __init__(self, scheduler: Scheduler, ports: UploadPorts, urls: SignedUrls) -> None:
        self._scheduler = scheduler
        self._ports = ports
        self._urls = urls

    async def fold(self, command: FoldUpload) -> UploadFolded:
        """Fold parts in order, and have the next ones signed in the same call. Raises PartStuck, UploadError."""
        created = created_upload(self._scheduler, command.upload)
        expected = self._scheduler.uploads[command.upload].parts.expected()
        ahead = self._urls.unsigned_ahead(created, expected) if expected is not None else ()
        done = await ask_to_fold(self._ports.signer, created.handle, command.parts, ahead)
        self._urls.keep(created, ahead, done.ahead)
        if done.states[0] is PartState.STUCK:
            stuck = command.parts[0].part
            raise PartStuck(stuck.number, may_repeat=await self._hold(command.upload, stuck))
        first = command.parts[0].part
        if self._scheduler.uploads[command.upload].folding.stuck_tries and done.states[0] is PartState.FOLDED:
            await self._ports.journal.release(
                command.upload, first.offset, first.size
            )  # it was held while it was stuck
        numbers = [piece.part.number for piece in command.parts]
        missing = tuple(
            number for number, state in zip(numbers, done.states, strict=True) if state is PartState.MISSING
        )
        return UploadFolded(command.upload, done.folded, missing)

    async def _hold(self, ref: RecordingId, part: Part) -> bool:
        """Keep the bytes of an acknowledged part, which may have to be sent again. Return whether they are there."""
        self._ports.journal.hold(ref, part.offset, part.size)  # before it is read: or they could go right after that
        try:
            await self._ports.journal.read(ref, part.offset, part.size)
        except (RecordingGone, JournalUnread):
            return False
        return True


async def ask_to_fold(
    signer: Signer, handle: str, pieces: Sequence[StoredPiece], ahead: tuple[PartToSign, ...] = ()
) -> FoldedParts:
    """Have the signer fold `pieces`, and sign the parts `ahead`. Raises UploadError."""
    parts = tuple(PartToFold.model_validate(fields_of(piece)) for piece in pieces)
    done = await signer.fold(FoldParts(upload=handle, parts=parts, ahead=ahead))
    if len(done.states) != len(parts):
        raise SignerInvalid("The signer answered for other parts than were asked for.")
    return done


def fields_of(piece: StoredPiece) -> dict[str, int | str | None]:
    """Return the fields by which requests name an acknowledged part."""
    part = piece.part
    return {"number": part.number, "offset": part.offset, "size": part.size, "etag": piece.etag, "slot": piece.slot}
