"""Camera, microphone and files for tests: they give what the test gives them."""

import asyncio
from collections.abc import AsyncIterator, Callable

from app.contract import Rung, Track, UploadPolicy, VideoCodec
from app.core.media import Media
from app.core.notices import Topic
from app.core.recording.devices import Device, DeviceError, DeviceLost, DevicesView, RecorderFailed, Stream
from app.core.recording.file_rules import HEAD_BYTES, FileFacts
from app.core.recording.ports import Chunk, FileGone, ShrinkFailed
from app.core.recording.shrink_rules import ShrinkBounds
from app.core.recording.signal_quality import Sound
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
        self.follows = True  # it gives fewer frames when asked to
        self.fitted: list[Rung] = []
        self.thinned: list[int] = []  # frames per second, as asked for in the middle of recordings
        self.asked: list[tuple[int, VideoCodec | None]] = []  # bits per second and codec of each recording
        self.heard: Sound | None = Sound(level=0.5, peak=0.5)
        self.seen: float | None = 0.5
        self.looks = 0  # at the picture

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

    async def brightness(self) -> float | None:
        self.looks += 1
        return self.seen if self.is_open else None

    async def fit(self, rung: Rung) -> None:
        await asyncio.sleep(0)
        self.fitted.append(rung)

    def thin(self, frames_per_second: int) -> None:
        self.thinned.append(frames_per_second)

    def frame_rate(self) -> float | None:
        return self.thinned[-1] if self.thinned and self.follows else 30.0

    def record(self, track: Track, policy: UploadPolicy, codec: VideoCodec | None = None) -> FakeRecorder:
        self.asked.append((policy.video_bits_per_second, codec))
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


class FakeShrinking:
    """Encode a file as the test says: to half of its bytes, a piece at a time."""

    def __init__(self, files: "FakeFiles", file: Media) -> None:
        self._files = files
        self._content = bytes_of(file)[::2]
        self._closed = asyncio.Event()
        self._done = 0
        self.is_closed = False

    @property
    def progress(self) -> float:
        return self._done / len(self._content)

    async def pieces(self) -> AsyncIterator[Chunk]:
        files = self._files
        for start in range(0, len(self._content), files.piece_bytes):
            await asyncio.sleep(0)
            if files.shrinking_fails_after is not None and start >= files.shrinking_fails_after:
                raise ShrinkFailed("EncodingError: the test says so")
            if files.shrinking_is_stuck_after is not None and start >= files.shrinking_is_stuck_after:
                await self._closed.wait()
            if self.is_closed:
                return
            piece = self._content[start : start + files.piece_bytes]
            self._done += len(piece)
            yield Chunk(FakeMedia(piece), len(piece), "video/mp4")

    def close(self) -> None:
        self.is_closed = True
        self._closed.set()


class FakeFiles:
    """Read files as the test has laid them down."""

    def __init__(self) -> None:
        self.duration_s: float | None = 30.0
        self.piece_bytes = 4
        self.gone_after: int | None = None  # bytes; then the file cannot be read any more
        self.is_stuck_after: int | None = None  # bytes; then the drive takes for ever
        self.shrinkings: list[FakeShrinking] = []
        self.shrinking_fails_after: int | None = None  # bytes of what it gives
        self.shrinking_is_stuck_after: int | None = None  # likewise; then the encoder gives nothing until it is closed

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

    def shrink(self, file: Media, bounds: ShrinkBounds) -> FakeShrinking:
        self.shrinkings.append(FakeShrinking(self, file))
        return self.shrinkings[-1]
