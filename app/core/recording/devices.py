"""Camera and microphone: their errors, and what the page shows of them."""

from dataclasses import dataclass
from typing import Protocol

from app.core.notices import Topic


class Stream(Protocol):
    """An opaque handle on a live camera and microphone: a JS MediaStream in the page."""


class DeviceError(Exception):
    """Camera or microphone cannot be used; `topic` says why."""

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic.value)
        self.topic = topic


class DeviceLost(Exception):
    """A device stopped by itself: it was unplugged, or its permission was withdrawn."""


class RecorderFailed(Exception):
    """The browser's recorder failed although the devices still work."""


@dataclass(frozen=True, slots=True)
class Device:
    id: str
    kind: str  # "camera" or "microphone"
    label: str  # as the browser names it; "" before permission


@dataclass(frozen=True, slots=True)
class DevicesView:
    devices: tuple[Device, ...] = ()
    camera: str = ""  # id of the camera in use; "": none
    microphone: str = ""
    is_open: bool = False  # preview and level meter work
    needs_camera: bool = True


@dataclass(frozen=True, slots=True)
class SampleRecording:
    """A test recording: a few seconds, played back, never stored or sent."""

    left_s: float | None = None  # None: no test recording is running
    url: str = ""  # object URL of the last one; "": none
