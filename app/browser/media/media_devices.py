"""Camera and microphone: opened once, shared by preview, level meter and recorders."""

import asyncio
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import Listeners, js_object, optional
from app.browser.media.level import LevelMeter
from app.browser.media.light import LightMeter
from app.browser.media.recorder import BrowserRecorder, start_recorder
from app.contract import Track, UploadPolicy
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
# 720p at 30 fps is what 2.5 Mbit/s holds well; "ideal" leaves the last word to the device.
_PICTURE = {"width": {"ideal": 1280}, "height": {"ideal": 720}, "frameRate": {"ideal": 30}, "facingMode": "user"}
LIST_S = 1.0  # for the list of devices; what is open works without it
_SOUND = {"echoCancellation": True, "noiseSuppression": True, "autoGainControl": True}


class BrowserMediaDevices:
    """Hold at most one open MediaStream."""

    def __init__(self) -> None:
        self._js_stream: Any = None  # None: closed
        self._meter = LevelMeter()
        self._light = LightMeter()
        self._needs_camera = True
        self._formats: dict[Track, str] = {}  # each track's last one
        self._refused: dict[Track, set[str]] = {track: set() for track in Track}
        self._listeners = Listeners()

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> DevicesView:
        self.close()
        if not js.isSecureContext or not hasattr(js.navigator, "mediaDevices"):
            raise DeviceError(Topic.INSECURE_PAGE)
        constraints: dict[str, Any] = {"audio": _SOUND | _exactly(microphone)}
        if needs_camera:
            constraints["video"] = _PICTURE | _exactly(camera)
        try:
            self._js_stream = await _user_media(constraints)
        except JsException as error:
            raise DeviceError(_topic(str(error.name), str(error.message))) from None
        self._needs_camera = needs_camera
        self._meter.listen(self._js_stream)
        if needs_camera:
            self._light.look_at(self._js_stream)
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

    def brightness(self) -> float | None:
        return self._light.brightness()

    def record(self, track: Track, policy: UploadPolicy) -> BrowserRecorder:
        if self._js_stream is None:
            raise DeviceError(Topic.NO_DEVICE)
        js_stream = self._js_stream
        if track is Track.AUDIO:
            js_stream = js.MediaStream.new(js_stream.getAudioTracks())
        try:
            self._formats[track], recorder = start_recorder(js_stream, track, policy, self._refused[track])
        except DeviceError:
            self._refused[track].clear()  # or nothing could be recorded here ever again
            raise
        return recorder

    def refuse_format(self, track: Track) -> None:
        if track in self._formats:
            self._refused[track].add(self._formats[track])

    def close(self) -> None:
        self._meter.deafen()
        self._light.close()
        if self._js_stream is not None:
            for js_track in self._js_stream.getTracks():
                js_track.stop()
            self._js_stream = None

    def dispose(self) -> None:
        """Close, and hear of no more changes."""
        self.close()
        self._listeners.close()

    def _is_live(self) -> bool:
        """Whether every device still gives: one that was unplugged leaves a frozen picture behind."""
        return self._js_stream is not None and all(
            str(js_track.readyState) == "live" for js_track in self._js_stream.getTracks()
        )

    def _in_use(self, kind: str) -> str:
        if self._js_stream is None:
            return ""
        js_tracks = [js_track for js_track in self._js_stream.getTracks() if str(js_track.kind) == kind]
        # Firefox leaves the id out where a track comes from no device of its own.
        return str(optional(getattr(js_tracks[0].getSettings(), "deviceId", None)) or "") if js_tracks else ""


async def _user_media(constraints: dict[str, Any]) -> Any:
    """Return a stream. Cancelled, the browser goes on asking: what it gives then is closed at once."""
    asking = asyncio.ensure_future(js.navigator.mediaDevices.getUserMedia(js_object(**constraints)))
    try:
        return await asyncio.shield(asking)
    except asyncio.CancelledError:
        asking.add_done_callback(_close_late)
        raise


async def _listed() -> tuple[Device, ...]:
    """Return every device; none where the browser does not say. Firefox waits until its window is in front."""
    try:
        js_devices = await asyncio.wait_for(js.navigator.mediaDevices.enumerateDevices(), LIST_S)
    except (JsException, TimeoutError):
        return ()  # what is open works; there is no other to choose
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
    # Chromium has no other way to say that it would have asked but may not itself.
    if name == "NotAllowedError" and "by system" in message:
        return Topic.SYSTEM_DENIED
    return _TOPICS.get(name, Topic.DEVICE_FAILED)


def _exactly(device_id: str) -> dict[str, Any]:
    return {"deviceId": {"exact": device_id}} if device_id else {}
