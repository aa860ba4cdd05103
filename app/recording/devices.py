"""Open and change camera and microphone, and tell the candidate if they cannot be used."""

import asyncio
from dataclasses import dataclass, replace

from app.contract import Question, Track
from app.core.notices import Topic
from app.core.ports import Ports
from app.core.recording.devices import DeviceError, DevicesView
from app.core.session.notice_events import (
    DevicesAnswered,
    DevicesAwaited,
    DevicesOpened,
    DevicesRefused,
    DevicesUnplugged,
)

PATIENCE_S = 8.0  # for the candidate to read and answer the browser's prompt


class Devices:
    """Open devices, and show why they cannot be opened."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self.view = DevicesView()
        self._trouble: Topic | None = None  # why the last attempt to open them failed; None: it did not
        self._asked: _Asked | None = None  # None: nothing was requested yet

    async def open(self, needs_camera: bool, camera: str = "", microphone: str = "") -> bool:
        """Open camera and microphone ("" lets the browser choose). Return whether they are open.

        If this call is cancelled, the browser's prompt stays open, and the next call for the same devices gets its
        answer; `stop_asking` ends the request.
        """
        try:
            self.view = await self._answer(self._ask((needs_camera, camera, microphone)))
        except DeviceError as error:
            self.view = replace(self.view, is_open=False)
            self._trouble = error.topic
            self.say_again()
            return False
        self._trouble = None
        self._ports.view.show_devices(self.view)
        self._ports.view.note(DevicesOpened())
        return True

    @property
    def is_stuck(self) -> bool:
        """Whether the browser has not answered a request for devices within PATIENCE_S."""
        asked = self._asked
        return asked is not None and not asked.answer.done() and self._ports.clock.now() >= asked.patient_until

    def stop_asking(self) -> None:
        """Cancel the request for devices; a device that is opened later is closed at once."""
        if self._asked is not None:
            self._asked.answer.cancel()
            self._ports.view.note(DevicesAnswered())

    def _ask(self, wanted: tuple[bool, str, str]) -> "_Asked":
        """Return the open request for the same devices, or make a new one."""
        if self._asked is None or self._asked.wanted != wanted or self._asked.answer.done():
            self.stop_asking()
            answer = asyncio.create_task(self._ports.media_devices.open(*wanted))
            answer.add_done_callback(
                lambda done: done.cancelled() or done.exception()
            )  # retrieves the exception, as no caller may be waiting any more
            self._asked = _Asked(wanted, answer, self._ports.clock.now() + PATIENCE_S)
        return self._asked

    async def _answer(self, asked: "_Asked") -> DevicesView:
        losing_patience = asyncio.create_task(self._lose_patience(asked))
        try:
            return await asyncio.shield(asked.answer)
        finally:
            losing_patience.cancel()
            self._ports.view.note(DevicesAnswered())

    async def _lose_patience(self, asked: "_Asked") -> None:
        await self._ports.clock.sleep(max(0.0, asked.patient_until - self._ports.clock.now()))
        self._ports.view.note(DevicesAwaited())

    def say_again(self) -> None:
        """Show the notice again that says why the devices could not be opened, if there is one."""
        if self._trouble is not None:
            self._ports.view.note(DevicesRefused(self._trouble))

    async def choose(self, kind: str, device_id: str) -> bool:
        """Open another device of this kind, and keep the one of the other kind. Return whether they are open."""
        chosen = {"camera": self.view.camera, "microphone": self.view.microphone, kind: device_id}
        return await self.open(self.view.needs_camera, chosen["camera"], chosen["microphone"])

    async def ready(self, question: Question) -> bool:
        """Open the devices that `question` needs, unless they are open. Return whether they are open."""
        needs_camera = Track.VIDEO in question.tracks
        fits = self._ports.media_devices.stream() is not None and (self.view.needs_camera or not needs_camera)
        # A device may have gone since: unplugged, or its permission withdrawn.
        if fits and (await self._ports.media_devices.devices()).is_open:
            return True
        return await self.open(needs_camera, self.view.camera, self.view.microphone)

    async def refresh(self) -> bool:
        """List the devices again, as one was plugged in or out. Return whether those in use are still open."""
        was_open = self._ports.media_devices.stream() is not None
        self.view = await self._ports.media_devices.devices()
        self._ports.view.show_devices(self.view)
        if was_open and not self.view.is_open:
            self._ports.media_devices.close()
            self._ports.view.note(DevicesUnplugged())
        return self.view.is_open


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request to the browser for devices."""

    wanted: tuple[bool, str, str]  # whether a camera is needed, camera id, microphone id
    answer: asyncio.Task[DevicesView]
    patient_until: float  # clock seconds
