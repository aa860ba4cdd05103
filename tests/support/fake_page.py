"""The page for tests: what the candidate does and sees."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from app.contract import InterviewGrant, SubmissionReceipt, Track
from app.contract.efficiency import Efficiency
from app.core.media import Media
from app.core.metrics.instruments import Instruments
from app.core.notices import Notice, Topic
from app.core.recording.connection import Connection
from app.core.recording.devices import DevicesView, SampleRecording
from app.core.recording.shrink_rules import ShrinkView
from app.core.recording.signal_quality import Advice
from app.core.session.answers import AnswerView
from app.core.session.screen import Screen
from app.core.session.view import ScreenState
from app.core.upload.progress import SessionProgress, TrackProgress
from tests.support.fake_journal import bytes_of


class AtOnce:
    """Frames of a browser that paints whenever it is asked."""

    def request(self, draw: Callable[[], None]) -> None:
        draw()


class FakeView:
    """Remember what is on the page."""

    def __init__(self) -> None:
        self.grant: InterviewGrant | None = None
        self.is_up = False  # the device check or a question is in front
        self.question: str | None = None  # in front; None: the device check
        self.answers: Mapping[str, AnswerView] = {}
        self.clocks: dict[str, tuple[float, float]] = {}
        self.shrinking: Mapping[str, ShrinkView] = {}
        self.playback: dict[str, dict[Track, str]] = {}
        self.progress: SessionProgress | None = None
        self.all_progress: list[SessionProgress] = []
        self.notices: dict[tuple[Topic, str | None], Notice] = {}
        self.said: list[Notice] = []
        self.taken_back: list[Topic] = []
        self.said_at: dict[Topic, str | None] = {}  # the question that was in front; None: the device check
        self.levels: list[float | None] = []
        self.devices: DevicesView | None = None
        self.connection: Connection | None = None
        self.advice: frozenset[Advice] = frozenset()
        self.sample = SampleRecording()
        self.is_submitting = False
        self.receipt: SubmissionReceipt | None = None
        self.efficiency: Efficiency | None = None
        self.dead_end: Notice | None = None
        self.dead_ends: list[Topic] = []  # as a host page is told of them
        self.is_closed = False
        self._screen = ScreenState()

    def render(self, screen: ScreenState) -> None:
        before, self._screen = self._screen, screen
        self.receipt, self.efficiency, self.dead_end = screen.receipt, screen.efficiency, screen.dead_end
        if screen.is_over:
            return
        self.is_up = screen.is_checking_devices or screen.question is not None
        self.grant, self.question, self.answers = screen.grant, screen.question, screen.answers
        self.connection = screen.connection
        self.advice, self.sample, self.is_submitting = screen.advice, screen.sample, screen.is_submitting
        self.clocks = {one: (clock.elapsed_s, clock.remaining_s) for one, clock in screen.clocks.items()}
        self.shrinking = screen.shrinking
        self.playback = {question: dict(urls) for question, urls in screen.playback.items()}
        if screen.devices is not before.devices:
            self.devices = screen.devices
        if screen.level is not before.level and screen.level is not None:
            self.levels.append(screen.level.level)
        if screen.progress is not before.progress and screen.progress is not None:
            self.progress = screen.progress
            self.all_progress.append(screen.progress)
        self._render_notices(screen, before)

    def _render_notices(self, screen: ScreenState, before: ScreenState) -> None:
        self.notices = dict(screen.notices)
        self.taken_back += [topic for topic, _ in before.notices.keys() - screen.notices.keys()]
        for key, notice in screen.notices.items():
            if before.notices.get(key) is not notice:
                self.said.append(notice)
                self.said_at[notice.topic] = screen.question

    def close(self) -> None:
        self.is_closed = True

    # What a test asks.

    @property
    def topics(self) -> set[Topic]:
        return {topic for topic, _ in self.notices}

    @property
    def figures(self) -> SessionProgress:
        assert self.progress is not None
        return self.progress

    def track(self, place: int = 0) -> TrackProgress:
        return self.figures.tracks[place]


class FakePageLifecycle:
    def __init__(self) -> None:
        self.is_guarded = False
        self.is_awake = False
        self.put_away: Callable[[], None] = lambda: None
        self.come_back: Callable[[], None] = lambda: None

    def guard(self, is_unsaved: bool) -> None:
        self.is_guarded = is_unsaved

    async def keep_awake(self, is_needed: bool) -> None:
        self.is_awake = is_needed

    def on_put_away(self, listener: Callable[[], None]) -> None:
        self.put_away = listener

    def on_return(self, listener: Callable[[], None]) -> None:
        self.come_back = listener


class FakeInstruments:
    """A browser that tells nothing of its own work, but when it was ready."""

    def __init__(self) -> None:
        self.ready_s: float | None = None
        self.memory: int | None = None

    def note_ready(self) -> None:
        self.ready_s = 1.0

    def read(self) -> Instruments:
        return Instruments(ready_s=self.ready_s, memory=self.memory)


class FakePlayback:
    def __init__(self) -> None:
        self.live: dict[str, bytes] = {}  # object URLs that nobody has given back
        self.has_files = True  # of its own
        self.files_come = asyncio.Event()
        self.files_come.set()
        self._made = 0

    def url(self, *media: Media) -> str:
        self._made += 1
        url = f"blob:{self._made}"
        self.live[url] = b"".join(bytes_of(one) for one in media)
        return url

    async def settled_url(self, media: Media) -> str | None:
        await self.files_come.wait()
        return self.url(media) if self.has_files else None

    def revoke(self, url: str) -> None:
        del self.live[url]


class FakeConsole:
    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


def nothing(*_: Any) -> None:
    """Listen to what the test does not ask about."""


def screen_of(page: FakeView) -> Screen:
    """Return the screen that `page` renders."""
    return Screen(lambda: page, AtOnce(), page.dead_ends.append)
