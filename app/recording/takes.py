"""Begin, stop and end takes: at most one at a time."""

import asyncio

from app.contract import Question, Track, UploadPolicy
from app.core.media import Media
from app.core.notices import Topic
from app.core.ports import Ports
from app.core.recording.devices import DeviceError
from app.core.recording.ports import Recorder
from app.core.session.answers import COUNTS_FROM_S, Answer, Phase
from app.core.session.events import (
    PreparationCancelled,
    PreparationStarted,
    TakeDropped,
    TakeStarted,
    TakeStopped,
)
from app.core.session.machine import SessionMachine
from app.core.session.notice_events import (
    FileDone,
    FileInTheWay,
    FileTried,
    RecorderRefused,
    RecordingEnded,
    RecordingObserved,
    TakeJudged,
    TakeTooShort,
)
from app.core.upload.recording_id import RecordingId
from app.journal.journal import try_forget
from app.recording.devices import Devices
from app.recording.discard import Discard
from app.recording.file_import import FileImport, may_choose
from app.recording.minimum_length import MinimumLength
from app.recording.quality import QualityControl
from app.recording.quota_check import check_quota
from app.recording.recorded import Ending, Recorded
from app.recording.signal_watch import SignalWatch
from app.recording.take import Take
from app.recording.take_end import TakeEnd
from app.upload.uploader import Uploader

TICK_S = 0.25  # how often clock and level are updated


class Takes:
    """Run at most one take or file import at a time, in `tasks`."""

    def __init__(
        self,
        machine: SessionMachine,
        policy: UploadPolicy,
        ports: Ports,
        uploader: Uploader,
        tasks: asyncio.TaskGroup,
        *,
        quality: QualityControl,
    ) -> None:
        self._machine = machine
        self._policy = policy
        self._quality = quality
        self._ports = ports
        self._uploader = uploader
        self._tasks = tasks
        self.devices = Devices(ports)
        self.discard = Discard(machine, ports, uploader, tasks)
        self._take_end = TakeEnd(machine, ports, uploader, self.discard.playback)
        self._file_import = FileImport(machine, policy, ports)
        self._take: Take | None = None  # the running or the last one
        self._recording: asyncio.Task[None] | None = None  # runs `_take`
        self._preparing: asyncio.Task[None] | None = None  # runs the last preparation time
        self._importing: asyncio.Task[None] | None = None  # imports the file chosen last
        self._quota: asyncio.Task[None] | None = None  # checks it, and may wait for the candidate for ever

    @property
    def is_recording(self) -> bool:
        """Whether a take is being recorded or a chosen file copied, or either is not completely journalled yet."""
        return _runs(self._recording) or _runs(self._importing)

    @property
    def is_finishing(self) -> bool:
        """Whether the last bytes of a stopped recording are still being journalled."""
        return _runs(self._recording) and not self._machine.state.is_speaking

    async def begin(self, question: Question) -> None:
        """Start the preparation time, or the recording if there is none or it is running already."""
        if self._is_file_in_the_way(question):
            return
        if not self._may_begin(question) or not await self.devices.ready(question) or not self._may_begin(question):
            return
        is_new = self._machine.answer(question.id).phase is Phase.READY
        if is_new:
            await self._quality.prepare(question)
        else:
            await self._quality.fit(question)
        if not self._may_begin(question):
            return
        self._check_quota(question)
        if question.preparation_s and is_new:
            self._machine.tell(PreparationStarted(question.id))
            self._preparing = self._tasks.create_task(self._prepare(question))
        else:
            self._start(question)

    def _is_file_in_the_way(self, question: Question) -> bool:
        """Return whether a file of another question is still being taken in; if so, a notice says it here."""
        is_in_the_way = _runs(self._importing) and self._machine.answer(question.id).phase is Phase.READY
        if is_in_the_way:
            self._ports.view.note(FileInTheWay(question.id))
        return is_in_the_way

    def _may_begin(self, question: Question) -> bool:
        answer = self._machine.answer(question.id)
        is_open = answer.phase in (Phase.READY, Phase.PREPARING) and answer.takes_left > 0
        return is_open and not self.is_recording

    async def _prepare(self, question: Question) -> None:
        clock = self._ports.clock
        until = clock.now() + question.preparation_s
        while (left_s := until - clock.now()) > 0:
            self._ports.view.show_clock(question.id, question.preparation_s - left_s, left_s)
            await clock.sleep(min(TICK_S, left_s))
        await self._quality.fit(question)
        self._preparing = None  # `_start` would cancel this task, which calls it
        self._start(question)

    def cancel_preparation(self) -> None:
        """End the preparation time without recording. Do nothing if none runs."""
        self._end_countdown()
        if (question := self._machine.state.preparing) is not None:
            self._machine.tell(PreparationCancelled(question))

    def _end_countdown(self) -> None:
        if self._preparing is not None:
            self._preparing.cancel()

    def _start(self, question: Question) -> None:
        self._end_countdown()
        key = self._ports.randomness.recording_key(question.id)
        recorders = self._recorders(question, key)
        if recorders is None:
            self.cancel_preparation()
            return
        self._quality.begin(question)
        self._machine.tell(TakeStarted(question.id, key, self._quality.index if Track.VIDEO in question.tracks else 0))
        ports, number = self._ports, self._machine.answer(question.id).take
        counting = MinimumLength(self._uploader.tell, lambda: self.discard.replace(question.id))
        self._take = Take(
            recorders,
            number,
            journal=ports.journal,
            digester=ports.digester,
            clock=ports.clock,
            tell=counting.tell,
            refuse=ports.media_devices.refuse_format,
            record=self._recorder,
        )
        self._recording = self._tasks.create_task(self._record(question, self._take, counting))
        self._tasks.create_task(ports.page_lifecycle.keep_awake(True))
        self._uploader.wake()

    def _recorders(self, question: Question, key: str) -> dict[RecordingId, Recorder] | None:
        """Start one recorder per track. If one cannot start, stop the others, show a notice and return None."""
        recorders: dict[RecordingId, Recorder] = {}
        try:
            for track in question.tracks:
                recorders[RecordingId(question.id, track, key)] = self._recorder(track)
        except DeviceError as error:
            for recorder in recorders.values():
                recorder.close()
            self._ports.view.note(RecorderRefused(question.id, error.topic))
            return None
        return recorders

    def _recorder(self, track: Track) -> Recorder:
        """Start a recorder on the present rung. Raises DeviceError."""
        return self._ports.media_devices.record(track, self._quality.policy, self._quality.rung.codec)

    def choose(self, question: Question, file: Media) -> None:
        """Import a file as the answer, if the question allows it and a recording could begin."""
        answer = self._machine.answer(question.id)
        if self._is_file_in_the_way(question) or self.is_recording or not may_choose(answer):
            return
        self._ports.view.note(FileTried(question.id))
        self._importing = self._tasks.create_task(self._import(answer, file))
        self._uploader.wake()  # the page is not safe now: leaving would lose the file

    def stop_shrinking(self, *, sends_as_is: bool) -> None:
        """Drop the chosen video that is being encoded, or use the file as it is. Do nothing if none is."""
        self._file_import.stop_shrinking(sends_as_is=sends_as_is)

    async def _import(self, answer: Answer, file: Media) -> None:
        self._tasks.create_task(self._ports.page_lifecycle.keep_awake(True))  # a telephone that sleeps encodes nothing
        taken = await self._file_import.take_in(answer, file)
        self._tasks.create_task(self._ports.page_lifecycle.keep_awake(False))
        if taken is not None:
            recorded = taken.recorded
            self.discard.replace(answer.question.id)
            self._uploader.tell(taken.started)
            for chunk in taken.chunks:
                self._uploader.tell(chunk)
            await self._take_end.keep(answer.question.id, {recorded.ref.track: recorded}, recorded.stopped.duration_s)
        self._ports.view.note(FileDone())  # last: until then a press on Record is told to wait
        self._uploader.wake()

    def stop(self) -> None:
        """Stop the running take. Do nothing if none runs."""
        for question, answer in self._machine.state.answers.items():
            if self._take is not None and answer.phase is Phase.RECORDING:
                self._machine.tell(TakeStopped(question))
                self._take.stop()

    async def settle_recording(self) -> None:
        """Wait only for a stopped take: a chosen file may come from a slow drive, and the page must not wait for it."""
        if self._recording is not None:
            await asyncio.wait({self._recording})

    def flush(self) -> None:
        """Journal at once what the recorders of a running take hold."""
        if self._take is not None:
            self._take.flush()

    async def _record(self, question: Question, take: Take, counting: MinimumLength) -> None:
        signal_watch = SignalWatch(question, self._ports)
        ticking = self._tasks.create_task(self._tick(question, take, signal_watch))
        try:
            recorded = await take.run()
        finally:
            ticking.cancel()
            self._quality.end()
            self._ports.view.note(RecordingObserved(question.id, take.troubles))
            self._ports.view.note(RecordingEnded(question.id))
        if self._machine.answer(question.id).phase is Phase.RECORDING:  # the take has ended by itself
            self._machine.tell(TakeStopped(question.id))
            counting.count()
        is_stopped = all(one.ending is Ending.STOPPED for one in recorded.values()) and not take.is_begun_anew
        if take.elapsed_s < COUNTS_FROM_S and is_stopped and not counting.counts:
            await self._drop(question.id, recorded)
        else:
            counting.count()
            await self._take_end.keep(question.id, recorded, take.kept_s)
        if self._machine.answer(question.id).phase is Phase.TAKEN:
            self._ports.view.note(TakeJudged(question.id, signal_watch.judge()))
        self._tasks.create_task(self._ports.page_lifecycle.keep_awake(False))
        self._uploader.wake()  # only now is the page safe again

    async def _tick(self, question: Question, take: Take, signal_watch: SignalWatch) -> None:
        """Update clock, level and notices, and stop the take at the limit."""
        while self._machine.answer(question.id).phase is Phase.RECORDING:
            left_s = question.limit_s - take.elapsed_s
            self._ports.view.show_clock(question.id, take.elapsed_s, max(0.0, left_s))
            missing, troubles = await signal_watch.look(), take.troubles
            if Topic.DEVICE_MUTED not in troubles:  # a muted device is silent or black, too
                troubles |= missing
            self._ports.view.note(RecordingObserved(question.id, troubles | self._quality.troubles))
            if left_s <= 0:
                self.stop()
                return
            await self._ports.clock.sleep(min(TICK_S, left_s))

    async def _drop(self, question: str, recorded: dict[Track, Recorded]) -> None:
        """Delete a take that was stopped too early to be intended. The uploads know nothing of it."""
        for one in recorded.values():
            await try_forget(self._ports.journal, one.ref)
        self._machine.tell(TakeDropped(question))
        self._ports.view.note(TakeTooShort(question))

    def _check_quota(self, question: Question) -> None:
        self._drop_quota_check()
        self._quota = self._tasks.create_task(check_quota(question, self._quality.policy, self._ports))

    def _drop_quota_check(self) -> None:
        if self._quota is not None:
            self._quota.cancel()

    def close(self) -> None:
        """Stop recording, preparation, device requests and playback, and close the devices."""
        self.cancel_preparation()
        self._drop_quota_check()
        self.devices.stop_asking()
        self.stop()
        self.stop_shrinking(sends_as_is=False)
        self.discard.playback.close_all()
        self._ports.media_devices.close()


def _runs(task: asyncio.Task[None] | None) -> bool:
    return task is not None and not task.done()
