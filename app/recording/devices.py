"""Camera and microphone as the candidate has them: opened, refused, exchanged, unplugged."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, replace

from app.contract import Question, Track
from app.core.notices import UNAVAILABLE_TOPICS, Notice, Topic
from app.core.ports import Ports
from app.core.recording.devices import DeviceError, DevicesView

PATIENCE_S = 8.0  # for the browser's own question to be read and answered


class Devices:
    """Open devices, and say why they cannot be had."""

    def __init__(self, ports: Ports, questions: Iterable[str]) -> None:
        self._ports = ports
        self._questions = tuple(questions)
        self.view = DevicesView()
        self._trouble: Notice | None = None  # why they are not open
        self._asked: _Asked | None = None  # None: nothing was asked for yet

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> bool:
        """Open camera and microphone ("" lets the browser choose). Return whether they are open.

        Cancelled, the browser goes on asking, and the next call for the same devices gets its answer; `stop_asking`
        ends that.
        """
        try:
            self.view = await self._answer(self._ask((needs_camera, camera, microphone)))
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
            self._ports.view.hide_notice(Topic.NOTHING_COMES, question)
        return True

    @property
    def is_stuck(self) -> bool:
        """Whether the browser has been asked for devices and not answered for longer than a person needs."""
        asked = self._asked
        return asked is not None and not asked.answer.done() and self._ports.clock.now() >= asked.patient_until

    def stop_asking(self) -> None:
        """Want no devices any more; one that is opened late is closed at once."""
        if self._asked is not None:
            self._asked.answer.cancel()
            self._ports.view.hide_notice(Topic.DEVICE_WAITING)

    def _ask(self, wanted: tuple[bool, str, str]) -> "_Asked":
        """Return what the browser is being asked already, or ask it."""
        if self._asked is None or self._asked.wanted != wanted or self._asked.answer.done():
            self.stop_asking()
            answer = asyncio.create_task(self._ports.media_devices.open(*wanted))
            answer.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # nobody may be waiting any more
            self._asked = _Asked(wanted, answer, self._ports.clock.now() + PATIENCE_S)
        return self._asked

    async def _answer(self, asked: "_Asked") -> DevicesView:
        losing_patience = asyncio.create_task(self._lose_patience(asked))
        try:
            return await asyncio.shield(asked.answer)
        finally:
            losing_patience.cancel()
            self._ports.view.hide_notice(Topic.DEVICE_WAITING)

    async def _lose_patience(self, asked: "_Asked") -> None:
        await self._ports.clock.sleep(max(0.0, asked.patient_until - self._ports.clock.now()))
        self._ports.view.show_notice(Notice(Topic.DEVICE_WAITING))

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
        fits = self._ports.media_devices.stream() is not None and (self.view.needs_camera or not needs_camera)
        # One may have gone since: unplugged, or its permission withdrawn.
        if fits and (await self._ports.media_devices.devices()).is_open:
            return True
        return await self.open(needs_camera, self.view.camera, self.view.microphone)

    async def refresh(self) -> bool:
        """List the devices anew: something was plugged in or out. Return whether they are open still."""
        was_open = self._ports.media_devices.stream() is not None
        self.view = await self._ports.media_devices.devices()
        self._ports.view.show_devices(self.view)
        if was_open and not self.view.is_open:
            self._ports.media_devices.close()
            self._ports.view.show_notice(Notice(Topic.DEVICE_LOST))
        return self.view.is_open

    def _hide_notices(self, besides: Topic | None = None) -> None:
        """Take back what was said of the devices: it no longer holds."""
        for topic in UNAVAILABLE_TOPICS:
            if topic is not besides:
                self._ports.view.hide_notice(topic)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request to the browser."""

    wanted: tuple[bool, str, str]  # whether a camera, and which camera and microphone
    answer: asyncio.Task[DevicesView]
    patient_until: float  # clock second
