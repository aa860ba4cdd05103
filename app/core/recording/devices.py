"""Camera, microphone, and what of them is shown."""

from dataclasses import dataclass
from typing import Protocol

from app.core.notices import Topic


class Stream(Protocol):
    """An opaque handle on a live camera and microphone: a JS MediaStream in the page."""


class DeviceError(Exception):
    """Camera or microphone cannot be had; `topic` says why."""

    def __init__(self, topic: Topic) -> None:
        super().__init__(topic.value)
        self.topic = topic


class DeviceLost(Exception):
    """A track ended by itself: unplugged, or permission withdrawn."""


class RecorderFailed(Exception):
    """The browser's recorder gave up although the devices still give."""


@dataclass(frozen=True, slots=True)
class Device:
    id: str
    kind: str  # "camera" or "microphone"
    label: str  # as the browser names it; "" before permission


@dataclass(frozen=True, slots=True)
class DevicesView:
    devices: tuple[Device, ...] = ()
    camera: str = ""  # id of the one in use; "" for none
    microphone: str = ""
    is_open: bool = False  # preview and level are running
    needs_camera: bool = True


@dataclass(frozen=True, slots=True)
class SampleRecording:
    """A test recording: a few seconds, played back, never stored or sent."""

    left_s: float | None = None  # None: none is being recorded
    url: str = ""  # of the last one, as an object URL; "" for none
