"""Try camera and microphone: what they give is shown, judged, and a few seconds of it played back."""

import asyncio
from contextlib import suppress

from app.contract import Track, UploadPolicy
from app.core.notices import Notice, Topic
from app.core.ports import Media, Ports, Recorder
from app.core.recording.devices import DeviceError, DeviceLost, RecorderFailed, SampleRecording
from app.core.recording.signal_quality import SignalMonitor
from app.recording.take import FIRST_BYTE_S

LOOK_S = 0.1  # slower looks broken to somebody who speaks to test it
LOOKS_A_PICTURE = 5  # looks at the sound for one at the picture, which costs more
SAMPLE_S = 5.0  # a sentence


class DeviceTest:
    """Run while the device check is in front. Nothing of it is stored or sent."""

    def __init__(self, ports: Ports, policy: UploadPolicy, *, needs_camera: bool) -> None:
        self.is_in_front = False
        self._ports = ports
        self._policy = policy
        self._track = Track.VIDEO if needs_camera else Track.AUDIO
        self._monitor = SignalMonitor(ports.clock.now())
        self._trial: asyncio.Task[None] | None = None  # None: no test recording runs
        self._recorder: Recorder | None = None
        self._url = ""

    async def run(self) -> None:
        looks = 0
        while True:
            if self.is_in_front and self._ports.media_devices.stream() is not None:
                self._look(with_picture=looks % LOOKS_A_PICTURE == 0)
                looks += 1
            await self._ports.clock.sleep(LOOK_S)

    def begin(self) -> None:
        """Judge anew: other devices are open now."""
        self.drop()
        self._monitor = SignalMonitor(self._ports.clock.now())
        self._ports.view.show_advice(frozenset())

    def toggle(self, tasks: asyncio.TaskGroup) -> None:
        """Start a test recording, or end the one that runs."""
        if self._recorder is not None:
            self._recorder.stop()
        elif self.is_in_front and self._ports.media_devices.stream() is not None:
            self.drop()
            try:
                self._recorder = self._ports.media_devices.record(self._track, self._policy)
            except DeviceError as error:
                self._ports.view.show_notice(Notice(error.topic))
            else:
                self._trial = tasks.create_task(self._record(self._recorder))

    def drop(self) -> None:
        """End what runs and let go of what was recorded."""
        if self._trial is not None:
            self._trial.cancel()
            self._trial = None
        if self._recorder is not None:
            self._recorder.close()
            self._recorder = None
        if self._url:
            self._ports.playback.revoke(self._url)
            self._url = ""
        self._ports.view.show_sample(SampleRecording())

    def leave(self) -> None:
        """The device check is over."""
        self.is_in_front = False
        self.drop()

    def _look(self, *, with_picture: bool) -> None:
        now, media_devices, view = self._ports.clock.now(), self._ports.media_devices, self._ports.view
        sound = media_devices.sound()
        self._monitor.hear(sound, now)
        if with_picture and self._track is Track.VIDEO:
            self._monitor.see(media_devices.brightness(), now)
        view.show_level(sound.level if sound else None)
        view.show_advice(self._monitor.advice(now))

    async def _record(self, recorder: Recorder) -> None:
        view, clock = self._ports.view, self._ports.clock
        view.hide_notice(Topic.NOTHING_RECORDED)
        began_at = clock.now()
        async with asyncio.TaskGroup() as tasks:
            ticking = tasks.create_task(self._tick(recorder))
            media = await _collect(recorder)
            ticking.cancel()
        recorder.close()
        self._recorder = self._trial = None
        if media:
            self._url = self._ports.playback.url(*media)
        else:
            if clock.now() - began_at >= FIRST_BYTE_S and not recorder.is_muted():
                self._ports.media_devices.refuse_format(self._track)  # better here than in the first answer
            view.show_notice(Notice(Topic.NOTHING_RECORDED))
        view.show_sample(SampleRecording(url=self._url))

    async def _tick(self, recorder: Recorder) -> None:
        clock = self._ports.clock
        until = clock.now() + SAMPLE_S
        while (left_s := until - clock.now()) > 0:
            self._ports.view.show_sample(SampleRecording(left_s=left_s))
            await clock.sleep(min(LOOK_S, left_s))
        recorder.stop()


async def _collect(recorder: Recorder) -> list[Media]:
    """Return what is recorded until it stops; these few seconds may live in memory."""
    media = []
    with suppress(DeviceLost, RecorderFailed):  # what there is can be played
        async for chunk in recorder.chunks():
            if chunk.size:
                media.append(chunk.media)  # noqa: PERF401  what came before a loss counts
    return media
