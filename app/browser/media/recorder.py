"""Turn a MediaRecorder into a stream of chunks."""

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import Listeners, js_object
from app.contract import Track, UploadPolicy, VideoCodec
from app.core.notices import Topic
from app.core.recording.cadence import Cadence, cadence_of
from app.core.recording.devices import DeviceError, DeviceLost, RecorderFailed
from app.core.recording.formats import choose_format
from app.core.recording.ports import Chunk


def start_recorder(
    js_stream: Any, track: Track, policy: UploadPolicy, codec: VideoCodec | None, refused: Collection[str]
) -> tuple[str, "BrowserRecorder"]:
    """Record `js_stream` in the best supported format that is not `refused`; return that format and the recorder.

    Raises DeviceError (CANNOT_RECORD or NOTHING_COMES).
    """
    tried = set(refused)
    while (content_type := choose_format(track, _is_supported, tried, codec)) is not None:
        try:
            return content_type, _start(js_stream, track, policy, content_type)
        except JsException:  # `isTypeSupported` was wrong
            tried.add(content_type)
    raise DeviceError(Topic.NOTHING_COMES if refused else Topic.CANNOT_RECORD)


def _is_supported(content_type: str) -> bool:
    return bool(js.MediaRecorder.isTypeSupported(content_type))


def _start(js_stream: Any, track: Track, policy: UploadPolicy, content_type: str) -> "BrowserRecorder":
    """Return a running recorder. Raises JsException."""
    cadence = cadence_of(content_type, policy)
    if track is Track.VIDEO:
        options = {
            "videoBitsPerSecond": policy.video_bits_per_second,
            "audioBitsPerSecond": policy.video_audio_bits_per_second,
        }
    else:
        options = {"audioBitsPerSecond": policy.audio_bits_per_second}
    if cadence.key_frame_ms is not None:
        options["videoKeyFrameIntervalDuration"] = cadence.key_frame_ms  # only Chromium knows this option
    js_recorder = js.MediaRecorder.new(js_stream, js_object(mimeType=content_type, **options))
    return BrowserRecorder(js_recorder, cadence)


class BrowserRecorder:
    """Own one MediaRecorder, and queue its chunks as Blobs until the driver has journalled them."""

    def __init__(self, js_recorder: Any, cadence: Cadence) -> None:
        self._js_recorder = js_recorder
        self._queue: asyncio.Queue[Chunk | None] = asyncio.Queue()  # None: the recorder has stopped
        self._fault: type[DeviceLost | RecorderFailed] | None = None  # why it stopped without `stop`; None: it did not
        self._size = self._picture_size()  # None: no picture, or none yet
        self._has_turned = False
        self._listeners = Listeners()
        self._listeners.add(js_recorder, "dataavailable", self._take)
        self._listeners.add(js_recorder, "stop", self._end)
        self._listeners.add(js_recorder, "error", self._fail)
        for js_track in js_recorder.stream.getTracks():
            # When a permission is withdrawn, Chromium's recorder continues silently: stop it here.
            self._listeners.add(js_track, "ended", self._lose)
        try:
            if cadence.is_requested:
                js_recorder.start()
            else:
                js_recorder.start(cadence.timeslice_ms)
        except JsException:
            self._listeners.close()
            raise
        self._requests = asyncio.ensure_future(self._request(cadence)) if cadence.is_requested else None

    async def _request(self, cadence: Cadence) -> None:
        while self._js_recorder.state != "inactive":
            await asyncio.sleep(cadence.timeslice_ms / 1000)
            self.flush()

    async def chunks(self) -> AsyncIterator[Chunk]:
        while (chunk := await self._queue.get()) is not None:
            yield chunk
        if self._fault is not None:
            raise self._fault

    def flush(self) -> None:
        if self._js_recorder.state == "recording":
            self._js_recorder.requestData()

    def is_muted(self) -> bool:
        return any(bool(js_track.muted) for js_track in self._js_recorder.stream.getTracks())

    def is_turned(self) -> bool:
        # avc1 stores the picture size once, in the header; all our other formats store it with the pictures.
        if not self._has_turned and "avc1" in str(self._js_recorder.mimeType):
            size = self._picture_size()
            self._size = self._size or size  # a camera may not know its size before the first picture
            self._has_turned = size not in (None, self._size)
        return self._has_turned

    def _picture_size(self) -> tuple[int, int] | None:
        for js_track in self._js_recorder.stream.getVideoTracks():
            js_settings = js_track.getSettings()
            if hasattr(js_settings, "width") and hasattr(js_settings, "height"):
                return int(js_settings.width), int(js_settings.height)
        return None

    def stop(self) -> None:
        if self._js_recorder.state != "inactive":
            self._js_recorder.stop()

    def close(self) -> None:
        self._listeners.close()
        self.stop()
        if self._requests is not None:
            self._requests.cancel()

    def _take(self, js_event: Any) -> None:
        js_blob = js_event.data
        # In Firefox the first chunk has a type when the recorder has none yet; in Safari a chunk may have no type.
        content_type = str(js_blob.type or self._js_recorder.mimeType)
        self._queue.put_nowait(Chunk(js_blob, int(js_blob.size), content_type))

    def _end(self, _: Any) -> None:
        self._queue.put_nowait(None)

    def _lose(self, _: Any) -> None:
        self._fault = DeviceLost
        self.stop()

    def _fail(self, _: Any) -> None:
        is_live = all(str(js_track.readyState) == "live" for js_track in self._js_recorder.stream.getTracks())
        self._fault = RecorderFailed if is_live else DeviceLost
        self.stop()
