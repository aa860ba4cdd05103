"""A schedule with a hand on the clock: what the schedule and survey tests talk to."""

from app.contract import AnswerRecord, PartRules, UploadMode, UploadPolicy
from app.core.errors import (
    Aborted,
    BodyTooLarge,
    CaptivePortal,
    Corrupted,
    NetworkFailed,
    SignerInvalid,
    StoreBusy,
    StoreSilent,
    StoreUnable,
    UploadError,
    UploadLost,
    UrlExpired,
    UrlRejected,
)
from app.core.upload.commands import Command, SendPart
from app.core.upload.events import (
    AnswerWritten,
    ChunkJournalled,
    CommandFailed,
    Fact,
    PartAcknowledged,
    RecordingStarted,
    RecordingStopped,
    UploadAborted,
    UploadCompleted,
    UploadCreated,
)
from app.core.upload.progress import SessionProgress
from app.core.upload.recording_id import RecordingId
from app.core.upload.scheduler import Scheduler
from app.core.upload.snapshot import snapshot
from app.journal.replay import in_order
from tests.support.fake_store import video

PART = 10
ETAG = "e" * 32

# One of each cure.
ERRORS: list[UploadError] = [
    NetworkFailed("reset"),
    CaptivePortal("sign in first"),
    StoreSilent("network, or CORS"),
    BodyTooLarge("413"),
    StoreUnable("507"),
    StoreBusy("busy"),
    StoreBusy("busy", 7),
    Corrupted("bits"),
    SignerInvalid("another place"),
    UrlExpired("403"),
    UploadLost("gone"),
    Aborted("cancelled"),
    UrlRejected("no"),
]


class Board:
    def __init__(self, mode: UploadMode = UploadMode.PROGRESSIVE, parallel_parts: int = 2) -> None:
        self.scheduler = Scheduler(UploadPolicy(mode=mode, parallel_parts=parallel_parts))
        self.now = 100.0
        self.creations = 0

    def tell(self, *facts: Fact, jitter: float = 0.5) -> None:
        for fact in facts:
            self.scheduler.apply(fact, self.now, jitter)

    def commands(self) -> list[Command]:
        return self.scheduler.next_commands(self.now)

    def parts(self) -> list[tuple[RecordingId, int]]:
        """Return which parts are to be sent now."""
        return [(one.upload, one.part.number) for one in self.commands() if isinstance(one, SendPart)]

    def record(self, ref: RecordingId, size: int) -> None:
        if ref not in self.scheduler.uploads:
            self.tell(RecordingStarted(ref, "video/webm", int(ref.key)))
        self.tell(ChunkJournalled(ref, size, 1.0))

    def stop(self, ref: RecordingId) -> None:
        self.tell(RecordingStopped(ref, "0" * 64, 1.0))

    def open(self, ref: RecordingId) -> None:
        """Let the store know the upload."""
        self.creations += 1
        self.tell(UploadCreated(ref, f"upload-{self.creations}", "key", PartRules.equal(PART), is_md5_signed=False))

    def recorded(self, ref: RecordingId, size: int) -> None:
        self.record(ref, size)
        self.stop(ref)

    def acknowledge(self, ref: RecordingId, *numbers: int) -> None:
        for number in numbers:
            self.tell(PartAcknowledged(ref, number, ETAG))

    def complete(self, ref: RecordingId) -> None:
        self.tell(UploadCompleted(ref, "key", self.scheduler.uploads[ref].recorded))

    def fail(self, command: Command, error: UploadError, jitter: float = 0.5) -> None:
        self.tell(CommandFailed(command, error), jitter=jitter)

    @property
    def progress(self) -> SessionProgress:
        return snapshot(self.scheduler, self.now)


class KeepingBoard(Board):
    """A board whose journal keeps what it is told."""

    def __init__(self, mode: UploadMode, parallel_parts: int) -> None:
        super().__init__(mode, parallel_parts)
        self.kept: list[Fact] = []

    def tell(self, *facts: Fact, jitter: float = 0.5) -> None:
        super().tell(*facts, jitter=jitter)
        for fact in facts:
            if isinstance(fact, UploadAborted):
                self.kept = [one for one in self.kept if getattr(one, "upload", None) != fact.upload]
            elif isinstance(fact, _KEPT):
                self.kept.append(fact)

    def forget_last_acknowledgement(self) -> None:
        places = [place for place, fact in enumerate(self.kept) if isinstance(fact, PartAcknowledged)]
        for place in places[-1:]:
            del self.kept[place]

    def replay(self) -> list[Fact]:
        chunks = [fact for fact in self.kept if isinstance(fact, ChunkJournalled)]
        return in_order([fact for fact in self.kept if not isinstance(fact, ChunkJournalled)], chunks)

    def reloaded(self) -> "KeepingBoard":
        """Return the board of the page that comes after this one."""
        policy = self.scheduler.policy
        board = KeepingBoard(policy.mode, policy.parallel_parts)
        board.now, board.creations, board.kept = self.now, self.creations, self.kept
        return board


_KEPT = (RecordingStarted, ChunkJournalled, RecordingStopped, UploadCreated, PartAcknowledged, AnswerWritten)


def note(question: str = "q1", text: str = "", take: int = 1) -> AnswerRecord:
    return AnswerRecord(question=question, take=take, text=text)


def opened(size: int, parallel_parts: int = 2) -> Board:
    """Begin one upload of `size` recorded bytes, known to the store."""
    board = Board(parallel_parts=parallel_parts)
    board.record(video(), size)
    board.open(video())
    return board


def sends(board: Board) -> list[SendPart]:
    return [command for command in board.commands() if isinstance(command, SendPart)]


def fail_for(board: Board, error: UploadError, duration_s: float) -> int:
    """Fail whatever is sent within the next seconds, each after 10 ms; return how many requests that were."""
    end, requests = board.now + duration_s, 0
    running: list[Command] = []
    while board.now < end:
        running += board.commands()
        if running:
            board.now += 0.01
            board.fail(running.pop(0), error)
            requests += 1
        else:
            board.now = board.scheduler.next_wake(board.now) or end
    for command in running:
        board.fail(command, error)
    return requests
