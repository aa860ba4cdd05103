"""Show the device check or a question, and open the devices that it needs."""

import asyncio
from functools import partial

from app.contract import Question
from app.core.ports import Ports
from app.core.recording.devices import DevicesView
from app.core.session.actions import Begin, CheckDevices, ChooseDevice, DevicesChanged, GoTo, Record, RunDeviceTest
from app.core.session.events import QuestionOpened
from app.core.session.machine import SessionMachine
from app.recording.connection_check import ConnectionCheck
from app.recording.device_queue import DeviceQueue
from app.recording.device_test import DeviceTest
from app.recording.takes import Takes


class Front:
    """Show the device check or one question. Queue device requests: a permission prompt may stay open for ever."""

    def __init__(
        self,
        machine: SessionMachine,
        ports: Ports,
        takes: Takes,
        device_test: DeviceTest,
        tasks: asyncio.TaskGroup,
        *,
        connection_check: ConnectionCheck,
    ) -> None:
        self._machine = machine
        self._ports = ports
        self._takes = takes
        self._device_test = device_test
        self._connection_check = connection_check
        self._tasks = tasks
        self._queue = DeviceQueue(tasks)
        self._goes_without = False  # True: open no devices (the candidate chooses files) until Record is pressed

    def show_device_check(self) -> None:
        self._ports.view.show_device_check(DevicesView(needs_camera=self._machine.state.needs_camera), None)

    # Actions.

    def obey(self, action: CheckDevices | ChooseDevice | RunDeviceTest | Begin | DevicesChanged) -> None:
        match action:
            case CheckDevices():
                if self._takes.devices.is_stuck:  # the browser has not answered: ask again instead of waiting
                    self.want_no_devices()
                self._queue.add(action, self._check_devices)
            case ChooseDevice():
                self._queue.add(action, partial(self._choose_device, action))
            case RunDeviceTest():
                self._queue.add(object(), self._run_device_test)  # a new key: a second request ends the running test
            case DevicesChanged():
                self._tasks.create_task(self._refresh())
            case Begin(goes_without=goes_without):
                self._goes_without = goes_without
                self.go_to(next(iter(self._machine.state.answers)))

    def go_to(self, question: str) -> None:
        """Show a question. Do nothing during a recording: the page itself tells the candidate why."""
        if question not in self._machine.state.answers or self._machine.state.is_speaking:
            return
        if self._takes.is_finishing:  # "Next" right after "Stop" waits for the last chunk
            self._tasks.create_task(self._go_behind_take(question))
            return
        self._takes.cancel_preparation()
        if (left := self._machine.state.front) not in (None, question):
            self._tasks.create_task(self._takes.discard.playback.settle(left))
        self._machine.tell(QuestionOpened(question))
        self._device_test.drop()
        self._connection_check.drop()
        self._queue.drop()  # requests of the previous question; the browser's prompt may stay open
        if self._machine.answer(question).question.tracks and not self._goes_without:
            self._ports.view.show_question(question, self._ports.media_devices.stream())
            self._queue.add(GoTo(question), partial(self._get_ready, question))
        else:
            self.want_no_devices()
            self._ports.media_devices.close()  # no camera light while the candidate types
            self._ports.view.show_question(question, None)

    def record(self, action: Record) -> None:
        self._goes_without = False
        self._queue.add(action, partial(self._record, self._machine.answer(action.question).question))

    def drop_requests(self) -> None:
        """Drop running and waiting device requests: the candidate has done something else."""
        self._queue.drop()

    def want_no_devices(self) -> None:
        """Drop waiting device requests, and ignore the answer to a prompt that is still open."""
        self._queue.drop()
        self._takes.devices.stop_asking()

    # Work that needs devices: it may wait for a person or a camera without limit.

    async def _go_behind_take(self, question: str) -> None:
        await self._takes.settle_recording()
        self.go_to(question)

    async def _check_devices(self) -> None:
        # Opening the devices again would end a running recording.
        if not self._takes.is_recording and await self._takes.devices.open(self._machine.state.needs_camera):
            self._show_devices()

    async def _choose_device(self, action: ChooseDevice) -> None:
        if not self._takes.is_recording:
            self._device_test.drop()
            await self._takes.devices.choose(action.kind, action.device_id)
            self._show_devices()

    async def _run_device_test(self) -> None:
        self._device_test.toggle(self._tasks)

    async def _record(self, question: Question) -> None:
        await self._takes.begin(question)
        self._ports.view.show_question(question.id, self._ports.media_devices.stream())
        self._takes.devices.say_again()  # as in `_get_ready`

    async def _get_ready(self, question: str) -> None:
        await self._takes.devices.ready(self._machine.answer(question).question)
        self._ports.view.show_question(question, self._ports.media_devices.stream())
        self._takes.devices.say_again()  # `show_question` may have hidden the notice

    async def _refresh(self) -> None:
        if self._takes.is_recording:
            return  # the recorder itself notices a lost device
        if not await self._takes.devices.refresh():
            self._device_test.drop()
        self._show()

    def _show_devices(self) -> None:
        """Show the opened devices in the device check or the question, whichever is in front."""
        if self._machine.state.front is None:
            self._device_test.begin()
            self._connection_check.begin(self._tasks)
        self._show()

    def _show(self) -> None:
        stream = self._ports.media_devices.stream()
        if (question := self._machine.state.front) is None:
            self._ports.view.show_device_check(self._takes.devices.view, stream)
        else:
            self._ports.view.show_question(question, stream)
