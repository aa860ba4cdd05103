"""Camera and microphone as the candidate has them: opened, refused, exchanged, unplugged."""

from collections.abc import Iterable
from dataclasses import replace

from app.contract import Question, Track
from app.core.devices import DeviceError, DevicesView
from app.core.notices import Notice, Topic
from app.core.ports import Ports

TOPICS = (
    Topic.PERMISSION_DENIED,
    Topic.SYSTEM_DENIED,
    Topic.NO_DEVICE,
    Topic.DEVICE_BUSY,
    Topic.DEVICE_UNSUITABLE,
    Topic.DEVICE_FAILED,
    Topic.INSECURE_PAGE,
    Topic.CANNOT_RECORD,
    Topic.DEVICE_LOST,
)


class Equipment:
    """Open devices, and say why they cannot be had."""

    def __init__(self, ports: Ports, questions: Iterable[str]) -> None:
        self._ports = ports
        self._questions = tuple(questions)
        self.view = DevicesView()
        self._trouble: Notice | None = None  # why they are not open

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> bool:
        """Open camera and microphone ("" lets the browser choose). Return whether they are open."""
        try:
            self.view = await self._ports.studio.open(needs_camera, camera, microphone)
        except DeviceError as error:
            self.view = replace(self.view, is_open=False)
            self._hide_notices(besides=error.topic)
            self._trouble = Notice(error.topic)
            self.say_again()
            return False
        self._trouble = None
        self._ports.view.show_devices(self.view)
        self._hide_notices()
        for question in self._questions:
            self._ports.view.hide_notice(Topic.DEVICE_LOST, question)
        return True

    def say_again(self) -> None:
        """Say what keeps the devices from being opened, if anything does."""
        if self._trouble is not None:
            self._ports.view.show_notice(self._trouble)

    async def choose(self, kind: str, device_id: str) -> bool:
        """Open another camera or microphone; the other one stays. Return whether they are open."""
        chosen = {"camera": self.view.camera, "microphone": self.view.microphone, kind: device_id}
        return await self.open(self.view.needs_camera, chosen["camera"], chosen["microphone"])

    async def ready(self, question: Question) -> bool:
        """Have the devices open that `question` needs."""
        needs_camera = Track.VIDEO in question.tracks
        fits = self._ports.studio.stream() is not None and (self.view.needs_camera or not needs_camera)
        # One may have gone since: unplugged, or its permission withdrawn.
        if fits and (await self._ports.studio.devices()).is_open:
            return True
        return await self.open(needs_camera, self.view.camera, self.view.microphone)

    async def refresh(self) -> bool:
        """List the devices anew: something was plugged in or out. Return whether they are open still."""
        was_open = self._ports.studio.stream() is not None
        self.view = await self._ports.studio.devices()
        self._ports.view.show_devices(self.view)
        if was_open and not self.view.is_open:
            self._ports.studio.close()
            self._ports.view.show_notice(Notice(Topic.DEVICE_LOST))
        return self.view.is_open

    def _hide_notices(self, besides: Topic | None = None) -> None:
        """Take back what was said of the devices: it no longer holds."""
        for topic in TOPICS:
            if topic is not besides:
                self._ports.view.hide_notice(topic)
