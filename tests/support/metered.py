"""A session's meter beside a real scheduler, with a hand on the clock."""

from collections.abc import Iterator

from app.contract import AnswerRecord, PartRules, Question, Track, UploadMode, UploadPolicy
from app.contract.efficiency import Efficiency
from app.core.errors import UploadError
from app.core.metrics.session_meter import SessionMeter
from app.core.session.events import (
    QuestionOpened,
    SessionEvent,
    SubmissionStepped,
    TakeKept,
    TakeStarted,
    TakeStopped,
)
from app.core.session.state import fold, opened
from app.core.session.submission import SubmissionStep
from app.core.upload.commands import Command, SendPart, StoreAnswer
from app.core.upload.events import CommandFailed, Fact, Restored, UploadCreated
from app.core.upload.recording_id import RecordingId
from tests.support.fake_store import video
from tests.support.scheduling import PART, Board

QUESTION = Question(id="q1", prompt="Why?", tracks=(Track.VIDEO,))


class Metered(Board):
    """A board whose facts and progress the meter is told, too."""

    def __init__(self, mode: UploadMode = UploadMode.PROGRESSIVE, *, is_new: bool = True) -> None:
        super().__init__(mode)
        self.meter = SessionMeter(UploadPolicy(mode=mode), self.now)
        self.state = opened((QUESTION,))
        if is_new:
            self.note(Restored())

    def tell(self, *facts: Fact | SessionEvent, jitter: float = 0.5) -> None:
        for fact in facts:
            if isinstance(fact, SessionEvent):
                self.state = fold(self.state, fact)
                self.meter.follow(fact, self.state, self.now)
            else:
                super().tell(fact, jitter=jitter)
                self.meter.note(fact, self.now)
        self.show()

    def note(self, fact: Fact) -> None:
        self.tell(fact)

    def show(self) -> None:
        self.meter.show(self.progress, self.now)

    def wait(self, duration_s: float) -> None:
        self.now += duration_s
        self.show()

    def record(self, ref: RecordingId, size: int, rules: PartRules | None = None) -> None:
        super().record(ref, size)
        self.tell(UploadCreated(ref, "upload", "key", rules or PartRules.equal(PART), is_md5_signed=False))

    def grow(self, ref: RecordingId, size: int) -> None:
        super().record(ref, size)

    def acknowledge(self, ref: RecordingId, *numbers: int) -> None:
        self.sends()
        super().acknowledge(ref, *numbers)

    def sends(self) -> list[SendPart]:
        """Send what may be sent."""
        return [command for command in self.commands() if isinstance(command, SendPart)]

    def send(self) -> None:
        self.sends()
        self.show()

    def fail(self, command: Command, error: UploadError, jitter: float = 0.5) -> None:
        self.meter.note(CommandFailed(command, error), self.now)
        del jitter

    def fail_document(self, error: UploadError) -> None:
        self.fail(StoreAnswer(AnswerRecord(question="q1", take=1)), error)

    def press_record(self) -> None:
        self.tell(TakeStarted("q1", video().key))

    def press_stop(self) -> None:
        if self.state.answers["q1"].key != video().key:
            self.press_record()
        self.tell(TakeStopped("q1"))

    def report(self, *, is_submitted: bool = False) -> Efficiency:
        return self.meter.report(self.now, is_submitted=is_submitted)


def asked(desk: Metered) -> Iterator[SessionEvent]:
    """Yield what happens in a session from its first question to Submit."""
    del desk
    yield QuestionOpened("q1")
    yield TakeStarted("q1", video().key)
    yield TakeStopped("q1")
    yield TakeKept("q1", frozenset({Track.VIDEO}), 5.0)
    yield QuestionOpened("q1")
    yield SubmissionStepped(SubmissionStep.PRESS)
