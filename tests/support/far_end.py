"""Store and signer behind a scheduler: what each command of it does, and what the store then has."""

from app.core.errors import UploadLost, UrlRejected
from app.core.upload.commands import (
    Command,
    DropUpload,
    FinishUpload,
    OpenUpload,
    ProbeEndpoints,
    ReconcileUpload,
    SendPart,
    StoreAnswer,
)
from app.core.upload.events import AnswerStored, EndpointsProbed, UploadAborted, UploadCompleted, UploadReconciled
from app.core.upload.recording_id import RecordingId
from app.core.upload.refusals import Reached
from tests.support.scheduling import ETAG, KeepingBoard


class FarEnd:
    """A test sets the fields; its commands wait in `running` until it has them done or failed."""

    board: KeepingBoard
    running: list[Command]
    stored: dict[RecordingId, set[int]]  # part numbers of each open upload
    objects: set[RecordingId]
    unheard: set[tuple[RecordingId, int]]  # stored, and the page of today has not heard of it

    @property
    def uploads(self):
        return self.board.scheduler.uploads

    @property
    def sending(self) -> int:
        return sum(isinstance(command, SendPart) for command in self.running)

    def forget(self, ref: RecordingId) -> None:
        self.running = [one for one in self.running if not (isinstance(one, SendPart) and one.upload == ref)]

    def lose(self, ref: RecordingId) -> None:
        """Have the store lose an upload. The driver cancels its other parts."""
        self.forget(ref)
        self.stored.pop(ref, None)
        self.unheard = {part for part in self.unheard if part[0] != ref}

    def fits(self, command: FinishUpload) -> bool:
        return {piece.part.number for piece in command.parts} == self.stored.get(command.upload)

    def do(self, command: Command) -> None:
        match command:
            case OpenUpload(upload=ref):
                self.stored[ref] = set()
                self.unheard = {part for part in self.unheard if part[0] != ref}
                self.board.open(ref)
            case SendPart(upload=ref, part=part):
                self.stored[ref].add(part.number)
                self.unheard.discard((ref, part.number))
                self.board.acknowledge(ref, part.number)
            case ReconcileUpload(upload=ref):
                self.reconcile(ref)
            case FinishUpload(upload=ref, parts=parts, size=size):
                assert sum(piece.part.size for piece in parts) == size
                if ref in self.objects or self.fits(command):
                    self.objects.add(ref)
                    self.board.tell(UploadCompleted(ref, "key", size))
                else:
                    self.board.fail(command, UrlRejected("other parts than were named"))
            case DropUpload(upload=ref):
                self.stored.pop(ref, None)
                self.board.tell(UploadAborted(ref))
            case StoreAnswer(record=record):
                self.board.tell(AnswerStored(record))
            case ProbeEndpoints():
                self.board.tell(EndpointsProbed(Reached(signer=True, store=True)))

    def reconcile(self, ref: RecordingId) -> None:
        if ref not in self.stored and ref not in self.objects:  # lost before a reload, and the journal did not know
            self.board.fail(ReconcileUpload(ref), UploadLost("gone"))
            return
        known = [part.number for part in self.uploads[ref].parts.known()]
        stored = known if ref in self.objects else [number for number in known if number in self.stored[ref]]
        self.unheard = {part for part in self.unheard if part[0] != ref}
        self.board.tell(UploadReconciled(ref, tuple((number, ETAG) for number in stored)))
