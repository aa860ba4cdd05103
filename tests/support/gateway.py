"""The scheduler before a gateway that lets only small bodies pass."""

from app.contract import PartRules
from app.core.errors import UploadError
from app.core.upload.commands import OpenUpload, ProbeEndpoints, SendPart
from app.core.upload.events import EndpointsProbed, UploadCreated
from app.core.upload.refusals import Reached
from app.core.upload.upload import Upload
from tests.support.fake_store import video
from tests.support.scheduling import Board

BOTH = Reached(True, True)
Q1 = video("q1")


class Gateway(Board):
    """A board before a store that takes parts up to a size, and a signer that goes down to `floor`."""

    def __init__(self, part_bytes: int = 80, floor: int = 10, takes: int = 0) -> None:
        super().__init__()
        self.part_bytes, self.floor, self.takes = part_bytes, floor, takes
        self.opened: list[int | None] = []
        self.record(Q1, 1000)

    @property
    def upload(self) -> Upload:
        return self.scheduler.uploads[Q1]


def answer(board: Gateway, error: UploadError, duration_s: float, reached: Reached = BOTH) -> list[SendPart]:
    """Fail whatever is sent for some seconds, and answer looks; return what was sent."""
    end, sent = board.now + duration_s, []
    while board.now < end:
        commands = board.commands()
        if not commands:
            board.now = min(board.scheduler.next_wake(board.now) or end, end)
        for command in commands:
            board.now += 0.01
            match command:
                case ProbeEndpoints():
                    board.tell(EndpointsProbed(reached))
                case OpenUpload(upload=ref, part_bytes_at_most=at_most):
                    board.opened.append(at_most)
                    size = min(board.part_bytes, max(board.floor, at_most or board.part_bytes))
                    board.tell(UploadCreated(ref, "again", "key", PartRules.equal(size), is_md5_signed=False))
                case SendPart() if command.part.size <= board.takes:
                    board.acknowledge(command.upload, command.part.number)
                case SendPart():
                    sent.append(command)
                    board.fail(command, error)
                case _:
                    board.fail(command, error)
    return sent
