"""Camera and microphone: opened once, shared by preview, level meter and recorders."""

import asyncio
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import Listeners, optional
from app.browser.media.camera import Camera
from app.browser.media.level import LevelMeter
from app.browser.media.light import LightMeter
from app.browser.media.recorder import BrowserRecorder, start_recorder
from app.contract import Rung, Track, UploadPolicy, VideoCodec
from app.core.notices import Topic
from app.core.recording.devices import Device, DeviceError, DevicesView
from app.core.recording.signal_quality import Sound

_TOPICS = {
    "NotAllowedError": Topic.PERMISSION_DENIED,
    "SecurityError": Topic.PERMISSION_DENIED,
    "NotFoundError": Topic.NO_DEVICE,
    "NotReadableError": Topic.DEVICE_BUSY,
    "AbortError": Topic.DEVICE_BUSY,
    "OverconstrainedError": Topic.DEVICE_UNSUITABLE,
}
_KINDS = {"videoinput": "camera", "audioinput": "microphone"}
LIST_S = 1.0  # to list the devices; open devices work without the list


class BrowserMediaDevices:
    """Own at most one open MediaStream, and list the devices."""

    def __init__(self) -> None:
        self._js_stream: Any = None  # None: closed
        self._meter = LevelMeter()
        self._light = LightMeter()
        self._camera: Camera | None = None  # None: closed, or only the microphone is open
        self._needs_camera = True
        self._formats: dict[Track, str] = {}  # the last format of each track
        self._refused: dict[Track, set[str]] = {track: set() for track in Track}
        self._listeners = Listeners()

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> DevicesView:
        self.close()
        if not js.isSecureContext or not hasattr(js.navigator, "mediaDevices"):
            raise DeviceError(Topic.INSECURE_PAGE)
        try:
            self._js_stream = await _user_media(needs_camera, camera, microphone)
        except JsException as error:
            raise DeviceError(_topic(str(error.name), str(error.message))) from None
        self._needs_camera = needs_camera
        self._meter.listen(self._js_stream)
        if needs_camera:
            self._light.look_at(self._js_stream)
            self._camera = Camera(self._js_stream.getVideoTracks()[0])
        return await self.devices()

    async def devices(self) -> DevicesView:
        return DevicesView(
            devices=await _listed(),
            camera=self._in_use("video"),
            microphone=self._in_use("audio"),
            is_open=self._is_live(),
            needs_camera=self._needs_camera,
        )

    def on_change(self, listener: Callable[[], object]) -> None:
        js_devices = optional(getattr(js.navigator, "mediaDevices", None))
        if js_devices is not None:
            self._listeners.add(js_devices, "devicechange", lambda _: listener())

    def stream(self) -> Any:
        return self._js_stream

    def sound(self) -> Sound | None:
        return self._meter.sound()

    async def brightness(self) -> float | None:
        return await self._light.brightness()

    async def fit(self, rung: Rung) -> None:
        if self._camera is not None:
            await self._camera.fit(rung)

    def thin(self, frames_per_second: int) -> None:
        if self._camera is not None:
            self._camera.thin(frames_per_second)

    def frame_rate(self) -> float | None:
        return self._camera.frame_rate() if self._camera is not None else None

    def record(self, track: Track, policy: UploadPolicy, codec: VideoCodec | None = None) -> BrowserRecorder:
        if self._js_stream is None:
            raise DeviceError(Topic.NO_DEVICE)
        js_stream = self._js_stream
        if track is Track.AUDIO:
            js_stream = js.MediaStream.new(js_stream.getAudioTracks())
        try:
            self._formats[track], recorder = start_recorder(js_stream, track, policy, codec, self._refused[track])
        except DeviceError:
            self._refused[track].clear()  # else every later recording would fail, too
            raise
        return recorder

    def refuse_format(self, track: Track) -> None:
        if track in self._formats:
            self._refused[track].add(self._formats[track])

    def close(self) -> None:
        self._meter.deafen()
        self._light.close()
        self._camera = None
        if self._js_stream is not None:
            for js_track in self._js_stream.getTracks():
                js_track.stop()
            self._js_stream = None

    def dispose(self) -> None:
        """Close the stream, and stop listening to device changes."""
        self.close()
        self._listeners.close()

    def _is_live(self) -> bool:
        """Return whether every device still delivers data: an unplugged camera leaves a frozen picture."""
        return self._js_stream is not None and all(
            str(js_track.readyState) == "live" for js_track in self._js_stream.getTracks()
        )

    def _in_use(self, kind: str) -> str:
        if self._js_stream is None:
            return ""
        js_tracks = [js_track for js_track in self._js_stream.getTracks() if str(js_track.kind) == kind]
        # Firefox omits the id if the track does not come from a device of its own.
        return str(optional(getattr(js_tracks[0].getSettings(), "deviceId", None)) or "") if js_tracks else ""


async def _user_media(needs_camera: bool, camera: str, microphone: str) -> Any:
    """Return a stream. After a cancellation the browser's prompt stays open: close a late stream at once.

    The candidate may have been asked before Python was up; then this is the answer (static/boot/devices.mjs).
    """
    asking = asyncio.ensure_future(js.slipstreamBoot.open(needs_camera, camera, microphone))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        asking.add_done_callback(_close_late)
        raise


async def _listed() -> tuple[Device, ...]:
    """Return every device; () if the browser gives no list in time. Firefox waits until its window is in front."""
    try:
        js_devices = await asyncio.wait_for(js.navigator.mediaDevices.enumerateDevices(), LIST_S)
    except (JsException, TimeoutError):
        return ()  # open devices still work; the candidate cannot choose others
    return tuple(
        Device(id=str(js_device.deviceId), kind=_KINDS[str(js_device.kind)], label=str(js_device.label))
        for js_device in js_devices
        if str(js_device.kind) in _KINDS
    )


def _close_late(asking: "asyncio.Future[Any]") -> None:
    if not asking.cancelled() and asking.exception() is None:
        for js_track in asking.result().getTracks():
            js_track.stop()


def _topic(name: str, message: str) -> Topic:
    # Only the message shows that the operating system denies the devices to Chromium itself.
    if name == "NotAllowedError" and "by system" in message:
        return Topic.SYSTEM_DENIED
    return _TOPICS.get(name, Topic.DEVICE_FAILED)
