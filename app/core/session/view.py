"""What the page shows, as one value. `app/page` renders all of it; its views keep no state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from app.contract import InterviewGrant, SubmissionReceipt, Track
from app.contract.efficiency import Efficiency
from app.core.notices import Notice
from app.core.recording.connection import Connection
from app.core.recording.devices import DevicesView, SampleRecording, Stream
from app.core.recording.shrink_rules import ShrinkView
from app.core.recording.signal_quality import Advice
from app.core.session.answers import AnswerView, Phase
from app.core.session.notice_rules import Notices
from app.core.upload.progress import SessionProgress, TrackProgress


@dataclass(frozen=True, slots=True)
class LevelView:
    """One measurement of the microphone."""

    level: float | None  # 0 to 1; None: unknown


@dataclass(frozen=True, slots=True)
class ClockView:
    """The time of the recording, or of the preparation while the answer's phase is PREPARING."""

    elapsed_s: float
    remaining_s: float


@dataclass(frozen=True, slots=True)
class ScreenState:
    grant: InterviewGrant | None = None  # None: the interview is being fetched
    is_checking_devices: bool = False  # the device check is shown
    question: str | None = None  # the question that is shown; None: none is
    stream: Stream | None = None  # feeds the live preview
    devices: DevicesView = field(default_factory=DevicesView)
    level: LevelView | None = None  # None: nothing was measured yet
    advice: frozenset[Advice] = frozenset()
    connection: Connection | None = None  # what the connection check says; None: nothing
    sample: SampleRecording = field(default_factory=SampleRecording)
    answers: Mapping[str, AnswerView] = field(default_factory=dict)
    clocks: Mapping[str, ClockView] = field(default_factory=dict)  # by question
    shrinking: Mapping[str, ShrinkView] = field(default_factory=dict)  # chosen videos being encoded, by question
    playback: Mapping[str, Mapping[Track, str]] = field(default_factory=dict)  # object URLs, by question
    progress: SessionProgress | None = None
    notices: Notices = field(default_factory=dict)
    is_submitting: bool = False
    receipt: SubmissionReceipt | None = None  # replaces everything else
    efficiency: Efficiency | None = None  # how the uploads went; only with a receipt
    dead_end: Notice | None = None  # replaces everything else: the session cannot continue here

    @property
    def recording(self) -> str | None:
        """Return the question that is being recorded; None if none is."""
        running = (question for question, answer in self.answers.items() if answer.phase is Phase.RECORDING)
        return next(running, None)

    @property
    def missing(self) -> int:
        """Return how many required questions have no answer yet."""
        questions = self.grant.interview.questions if self.grant is not None else ()
        return sum(question.required and not self.is_answered(question.id) for question in questions)

    @property
    def is_over(self) -> bool:
        return self.receipt is not None or self.dead_end is not None

    def stream_at(self, question: str) -> Stream | None:
        """Return the stream for a question's preview; None unless the question is in front."""
        return self.stream if question == self.question else None

    def playback_at(self, question: str) -> Mapping[Track, str]:
        """Return what a question's players play; nothing unless it is in front: a browser's player holds megabytes."""
        return self.playback.get(question, {}) if question == self.question else {}

    def tracks_of(self, question: str) -> list[TrackProgress]:
        """Return the tracks of the current take, without those of earlier takes, which were discarded."""
        if self.progress is None:
            return []
        take = self.answers[question].take if question in self.answers else 1
        return [track for track in self.progress.tracks if track.upload.question == question and track.take >= take]

    def is_answered(self, question: str) -> bool:
        return question in self.answers and self.answers[question].is_answered


class Page(Protocol):
    """The page in one language."""

    def render(self, screen: ScreenState) -> None:
        """Show `screen`. Never waits, and never fails because of what the candidate has typed."""

    def close(self) -> None:
        """Detach everything. May be called twice."""


class Frames(Protocol):
    def request(self, draw: Callable[[], None]) -> None:
        """Call `draw` once, before the browser's next paint; in a hidden tab, after a short delay."""
