"""Camera, microphone and page for tests: what the candidate does and sees."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from app.contract import InterviewGrant, SubmissionReceipt, Track, UploadPolicy
from app.core.media import Media
from app.core.notices import Notice, Topic
from app.core.recording.devices import (
    Device,
    DeviceError,
    DeviceLost,
    DevicesView,
    RecorderFailed,
    SampleRecording,
    Stream,
)
from app.core.recording.file_rules import HEAD_BYTES, FileFacts
from app.core.recording.ports import Chunk, FileGone
from app.core.recording.signal_quality import Advice, Sound
from app.core.session.answers import AnswerView
from app.core.session.screen import Screen
from app.core.session.view import ScreenState
from app.core.upload.progress import SessionProgress, TrackProgress
from tests.support.fake_journal import FakeMedia, bytes_of


class FakeRecorder:
    """Record what the test gives."""

    def __init__(self, content_type: str) -> None:
        self._content_type = content_type
        self._queue: asyncio.Queue[Chunk | None] = asyncio.Queue()
        self._fault: type[Exception] | None = None
        self.ends_itself = True  # when told to stop; else the test calls `end`
        self.is_stopped = False
        self.is_closed = False
        self.has_no_signal = False
        self.has_turned = False
        self.flushes = 0

    def give(self, content: bytes) -> None:
        self._queue.put_nowait(Chunk(FakeMedia(content), len(content), self._content_type))

    def end(self) -> None:
        self._queue.put_nowait(None)

    def lose(self) -> None:
        """The device is unplugged, or its permission withdrawn."""
        self._fault = DeviceLost
        self.end()

    def fail(self) -> None:
        """The encoder gives up, and the device lives."""
        self._fault = RecorderFailed
        self.end()

    async def chunks(self) -> AsyncIterator[Chunk]:
        while (chunk := await self._queue.get()) is not None:
            yield chunk
        if self._fault is not None:
            raise self._fault

    def flush(self) -> None:
        self.flushes += 1

    def is_muted(self) -> bool:
        return self.has_no_signal

    def is_turned(self) -> bool:
        return self.has_turned

    def stop(self) -> None:
        if not self.is_stopped:
            self.is_stopped = True
            if self.ends_itself:
                self.end()

    def close(self) -> None:
        self.is_closed = True


class FakeMediaDevices:
    def __init__(self) -> None:
        self.refusal: Topic | None = None  # why devices cannot be opened
        self.refused_tracks: set[Track] = set()  # that cannot be recorded
        self.refused: list[Track] = []  # whose last format gave nothing
        self.formats_left = 100  # that are neither refused nor asked for yet
        self.recorders: dict[Track, FakeRecorder] = {}  # the latest of each track
        self.made: list[FakeRecorder] = []
        self.opened: list[tuple[bool, str, str]] = []
        self.is_open = False
        self.answer: asyncio.Future[None] | None = None  # what the browser waits for; None: it answers at once
        self.is_unplugged = False  # what is open gives nothing any more
        self.plugged: tuple[Device, ...] = ()
        self.change: Callable[[], object] = lambda: None
        self.heard: Sound | None = Sound(level=0.5, peak=0.5)
        self.seen: float | None = 0.5

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> DevicesView:
        self.opened.append((needs_camera, camera, microphone))
        await (self.answer or asyncio.sleep(0))
        if self.refusal is not None:
            raise DeviceError(self.refusal)
        self.is_open = True
        return DevicesView(
            camera=camera or "camera-1",
            microphone=microphone or "microphone-1",
            is_open=True,
            needs_camera=needs_camera,
        )

    async def devices(self) -> DevicesView:
        return DevicesView(devices=self.plugged, is_open=self.is_open and not self.is_unplugged)

    def on_change(self, listener: Callable[[], object]) -> None:
        self.change = listener

    def stream(self) -> Stream | None:
        return object() if self.is_open else None

    def sound(self) -> Sound | None:
        return self.heard

    def brightness(self) -> float | None:
        return self.seen if self.is_open else None

    def record(self, track: Track, policy: UploadPolicy) -> FakeRecorder:
        if track in self.refused_tracks or not self.is_open:
            raise DeviceError(Topic.CANNOT_RECORD)
        if not self.formats_left:
            raise DeviceError(Topic.NOTHING_COMES)
        recorder = FakeRecorder(f"{track.value}/webm")
        self.recorders[track] = recorder
        self.made.append(recorder)
        return recorder

    def refuse_format(self, track: Track) -> None:
        self.formats_left -= 1
        self.refused.append(track)

    def close(self) -> None:
        self.is_open = False


class FakeFiles:
    """Read files as the test has laid them down."""

    def __init__(self) -> None:
        self.duration_s: float | None = 30.0
        self.piece_bytes = 4
        self.gone_after: int | None = None  # bytes; then the file cannot be read any more
        self.is_stuck_after: int | None = None  # bytes; then the drive takes for ever

    async def facts(self, file: Media) -> FileFacts:
        await asyncio.sleep(0)
        if self.gone_after == 0:
            raise FileGone
        content = bytes_of(file)
        return FileFacts(len(content), "video/webm", content[:HEAD_BYTES], self.duration_s)

    async def pieces(self, file: Media) -> AsyncIterator[Chunk]:
        content = bytes_of(file)
        for start in range(0, len(content), self.piece_bytes):
            await asyncio.sleep(0)
            if self.gone_after is not None and start >= self.gone_after:
                raise FileGone
            if self.is_stuck_after is not None and start >= self.is_stuck_after:
                await asyncio.Future[None]()
            piece = content[start : start + self.piece_bytes]
            yield Chunk(FakeMedia(piece), len(piece), "video/webm")


class AtOnce:
    """Frames of a browser that paints whenever it is asked."""

    def request(self, draw: Callable[[], None]) -> None:
        draw()


class FakeView:
    """Remember what is on the page."""

    def __init__(self) -> None:
        self.grant: InterviewGrant | None = None
        self.question: str | None = None  # in front; None: the device check
        self.answers: Mapping[str, AnswerView] = {}
        self.clocks: dict[str, tuple[float, float]] = {}
        self.playback: dict[str, dict[Track, str]] = {}
        self.progress: SessionProgress | None = None
        self.all_progress: list[SessionProgress] = []
        self.notices: dict[tuple[Topic, str | None], Notice] = {}
        self.said: list[Notice] = []
        self.taken_back: list[Topic] = []
        self.said_at: dict[Topic, str | None] = {}  # the question that was in front; None: the device check
        self.levels: list[float | None] = []
        self.devices: DevicesView | None = None
        self.advice: frozenset[Advice] = frozenset()
        self.sample = SampleRecording()
        self.is_submitting = False
        self.receipt: SubmissionReceipt | None = None
        self.dead_end: Notice | None = None
        self.dead_ends: list[Topic] = []  # as a host page is told of them
        self.is_closed = False
        self._screen = ScreenState()

    def render(self, screen: ScreenState) -> None:
        before, self._screen = self._screen, screen
        self.receipt, self.dead_end = screen.receipt, screen.dead_end
        if screen.is_over:
            return
        self.grant, self.question, self.answers = screen.grant, screen.question, screen.answers
        self.advice, self.sample, self.is_submitting = screen.advice, screen.sample, screen.is_submitting
        self.clocks = {one: (clock.elapsed_s, clock.remaining_s) for one, clock in screen.clocks.items()}
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


class FakeNetwork:
    def __init__(self) -> None:
        self._is_online = True
        self._listeners: list[Callable[[bool], None]] = []

    def is_online(self) -> bool:
        return self._is_online

    def on_change(self, listener: Callable[[bool], None]) -> None:
        self._listeners.append(listener)

    def turn(self, *, online: bool) -> None:
        self._is_online = online
        for listener in self._listeners:
            listener(online)


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


class FakePlayback:
    def __init__(self) -> None:
        self.live: dict[str, bytes] = {}  # object URLs that nobody has given back
        self._made = 0

    def url(self, *media: Media) -> str:
        self._made += 1
        url = f"blob:{self._made}"
        self.live[url] = b"".join(bytes_of(one) for one in media)
        return url

    def revoke(self, url: str) -> None:
        del self.live[url]


def nothing(*_: Any) -> None:
    """Listen to what the test does not ask about."""


def screen_of(page: FakeView) -> Screen:
    """Return the screen that `page` renders."""
    return Screen(lambda: page, AtOnce(), page.dead_ends.append)
