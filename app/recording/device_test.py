"""Test camera and microphone: show and judge their signal, and play back a recording of a few seconds."""

import asyncio
from collections.abc import Callable
from contextlib import ExitStack, suppress

from app.contract import Track, UploadPolicy
from app.core.media import Media
from app.core.notices import Topic
from app.core.ports import Ports
from app.core.recording.device_test import SAMPLE, SampleState, SampleStep
from app.core.recording.devices import DeviceError, DeviceLost, RecorderFailed, SampleRecording
from app.core.recording.ports import Recorder
from app.core.recording.signal_quality import SignalMonitor
from app.core.session.machine import SessionMachine
from app.core.session.notice_events import SampleFailed, SampleStarted
from app.core.transitions import following
from app.recording.take import FIRST_BYTE_S

LOOK_S = 0.1  # a slower level looks broken to a candidate who speaks to test it
LOOKS_A_PICTURE = 20  # measurements of the sound per measurement of the picture, which costs memory (light.py)
SAMPLE_S = 5.0  # enough for one sentence


class DeviceTest:
    """Test the devices while the device check is in front. Nothing is stored or sent."""

    def __init__(self, machine: SessionMachine, ports: Ports, policy: UploadPolicy) -> None:
        self._machine = machine
        self._ports = ports
        self._policy = policy
        self._track = Track.VIDEO if machine.state.needs_camera else Track.AUDIO
        self._monitor = SignalMonitor(ports.clock.now())
        self._state = SampleState.NONE
        self._stop: Callable[[], None] = lambda: None  # stops the running recorder
        self._undo = ExitStack()  # ends a running recording, and releases the recorded media

    async def run(self) -> None:
        looks = 0
        while True:
            if self._is_open:
                await self._look(with_picture=looks % LOOKS_A_PICTURE == 0)
                looks += 1
            await self._ports.clock.sleep(LOOK_S)

    @property
    def _is_open(self) -> bool:
        return self._machine.state.front is None and self._ports.media_devices.stream() is not None

    def begin(self) -> None:
        """Reset the test, because other devices are open now."""
        self.drop()
        self._monitor = SignalMonitor(self._ports.clock.now())
        self._ports.view.show_advice(frozenset())

    def toggle(self, tasks: asyncio.TaskGroup) -> None:
        """Start a test recording, or stop the running one."""
        if self._state is SampleState.RECORDING:
            self._stop()
        elif self._is_open:
            self.drop()
            try:
                recorder = self._ports.media_devices.record(self._track, self._policy)
            except DeviceError as error:
                self._ports.view.note(SampleFailed(error.topic))
                return
            self._step(SampleStep.START)
            self._stop = recorder.stop
            self._undo.callback(recorder.close)
            trial = tasks.create_task(self._record(recorder))
            self._undo.callback(trial.cancel)

    def drop(self) -> None:
        """End a running test recording, and release the recorded media."""
        self._step(SampleStep.DROP)
        self._undo.close()
        self._ports.view.show_sample(SampleRecording())

    async def _look(self, *, with_picture: bool) -> None:
        now, media_devices, view = self._ports.clock.now(), self._ports.media_devices, self._ports.view
        sound = media_devices.sound()
        self._monitor.hear(sound, now)
        if with_picture and self._track is Track.VIDEO:
            self._monitor.see(await media_devices.brightness(), now)
        view.show_level(sound.level if sound else None)
        view.show_advice(self._monitor.advice(now))

    async def _record(self, recorder: Recorder) -> None:
        view, clock = self._ports.view, self._ports.clock
        view.note(SampleStarted())
        began_at = clock.now()
        async with asyncio.TaskGroup() as tasks:
            ticking = tasks.create_task(self._tick(recorder))
            media = await _collect(recorder)
            ticking.cancel()
        recorder.close()
        url = ""
        if media:
            url = self._ports.playback.url(*media)
            self._undo.callback(self._ports.playback.revoke, url)
            self._step(SampleStep.FINISH)
        else:
            self._step(SampleStep.FAIL)
            if clock.now() - began_at >= FIRST_BYTE_S and not recorder.is_muted():
                self._ports.media_devices.refuse_format(self._track)  # so that the first answer does not try it
            view.note(SampleFailed(Topic.NOTHING_RECORDED))
        view.show_sample(SampleRecording(url=url))

    def _step(self, step: SampleStep) -> None:
        self._state = following(SAMPLE, self._state, step)

    async def _tick(self, recorder: Recorder) -> None:
        clock = self._ports.clock
        until = clock.now() + SAMPLE_S
        while (left_s := until - clock.now()) > 0:
            self._ports.view.show_sample(SampleRecording(left_s=left_s))
            await clock.sleep(min(LOOK_S, left_s))
        recorder.stop()


async def _collect(recorder: Recorder) -> list[Media]:
    """Return what is recorded until the recorder stops; these few seconds may stay in memory."""
    media = []
    with suppress(DeviceLost, RecorderFailed):  # what was recorded before can be played
        async for chunk in recorder.chunks():
            if chunk.size:
                media.append(chunk.media)  # noqa: PERF401  what came before a loss counts
    return media
