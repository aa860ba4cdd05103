"""A scheduler whose uploads are streamed, with a hand on the clock."""

from app.contract import PartRules
from app.core.upload.commands import StreamPart
from app.core.upload.events import PartCut, UploadCreated
from app.core.upload.parts import Part
from app.core.upload.recording_id import RecordingId
from app.core.upload.stream_pull import pull
from app.core.upload.streams import Piece
from tests.support.fake_store import video
from tests.support.scheduling import Board

LEAST, MOST = 20, 100
RULES = PartRules(min_bytes=LEAST, max_bytes=MOST, is_streamed=True)
Q1 = video("q1")


class Streams(Board):
    """A board whose uploads are streamed."""

    def open(self, ref: RecordingId) -> None:
        self.creations += 1
        self.tell(UploadCreated(ref, f"upload-{self.creations}", "key", RULES, is_md5_signed=False))

    def streams(self) -> list[StreamPart]:
        return [command for command in self.commands() if isinstance(command, StreamPart)]

    def take(self, command: StreamPart) -> int:
        """Send all that there is; return how many bytes that was."""
        size = 0
        while isinstance(piece := pull(self.scheduler, command, self.now), Piece):
            size += piece.size
        return size

    def cut(self, command: StreamPart) -> Part:
        """End a stream as its driver does."""
        self.take(command)
        part = pull(self.scheduler, command, self.now)
        assert isinstance(part, Part), "the stream is not over"
        self.tell(PartCut(command.upload, part))
        return part


def streaming(size: int = 30, ref: RecordingId = Q1) -> tuple[Streams, StreamPart]:
    board = Streams()
    board.record(ref, size)
    board.open(ref)
    [command] = board.streams()
    return board, command
