"""Drive one take: journal the recorders' chunks, and pass on the facts."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

from app.contract import Track
from app.core.notices import Topic
from app.core.ports import Clock, Digester, Journal
from app.core.recording.devices import DeviceError, DeviceLost, RecorderFailed
from app.core.recording.duration import Stopwatch
from app.core.recording.ports import Chunk, Recorder
from app.core.upload.events import ChunkJournalled, Fact, RecordingEnded, RecordingStarted, RecordingStopped
from app.core.upload.recording_id import RecordingId
from app.journal.journal import try_forget, try_note
from app.recording.recorded import Ending, Recorded
from app.recording.running_digest import RunningDigest

FIRST_BYTE_S = 3  # without a byte since the start; then we try another format, and wait twice as long
TRIES = 3  # formats in one take; with more, a candidate would speak unrecorded for too long
SILENT_S = 5  # without a chunk; then we ask the recorder for one
LOST_S = 20  # without a chunk; then we treat the recorder as broken
TICK_S = 1.0


class Take:
    """Record one take on one or two tracks until it is stopped or a device is lost."""

    def __init__(
        self,
        recorders: Mapping[RecordingId, Recorder],
        number: int,
        *,
        journal: Journal,
        digester: Digester,
        clock: Clock,
        tell: Callable[[Fact], None],
        refuse: Callable[[Track], None],
        record: Callable[[Track], Recorder],
    ) -> None:
        """Record the take that has this number in the bucket.

        `refuse` gets the track whose format has delivered nothing; `record` then starts a recorder in another format,
        or raises DeviceError.
        """
        self._recorders = dict(recorders)
        self._number = number
        self._refuse = refuse
        self._record = record
        self._journal = journal
        self._digester = digester
        self._clock = clock
        self._tell = tell
        self._stopwatch = Stopwatch(clock.now(), clock.wall_now())
        self._is_stopped = False
        self._silence: dict[RecordingId, int] = dict.fromkeys(self._recorders, 0)  # ticks since the last chunk
        self._ending = Ending.STOPPED  # a lost device or a broken recorder ends every track
        self._tries: dict[RecordingId, int] = dict.fromkeys(self._recorders, 0)  # formats that delivered nothing
        self._barren: set[RecordingId] = set()  # recordings whose recorder was given up, as it delivered nothing
        self._kept_s: dict[RecordingId, float] = {}  # elapsed time at each track's last chunk that was not empty
        self.is_begun_anew = False  # True: a track was started again, and lacks what was said before
        self._unkept: dict[RecordingId, RecordingStarted] = {}  # not journalled yet

    @property
    def elapsed_s(self) -> float:
        """Return how long has been recorded, in seconds."""
        if not self._is_stopped:
            self._stopwatch.beat(self._clock.now(), self._clock.wall_now())
        return self._stopwatch.elapsed_s

    @property
    def kept_s(self) -> float:
        """Return how many seconds are surely recorded: since then, a recorder may have delivered nothing."""
        return min(self._kept_s.values(), default=0.0)

    @property
    def is_muted(self) -> bool:
        """True while a device is connected but delivers nothing."""
        return not self._is_stopped and any(recorder.is_muted() for recorder in self._recorders.values())

    @property
    def troubles(self) -> frozenset[Topic]:
        """Return what is unusual about the recording now, as far as its recorders know."""
        found = {
            Topic.BEGUN_ANEW: self.is_begun_anew,
            Topic.PICTURE_TURNED: any(recorder.is_turned() for recorder in self._recorders.values()),
            Topic.DEVICE_MUTED: self.is_muted,
        }
        return frozenset(topic for topic, holds in found.items() if holds)

    def stop(self) -> None:
        """Stop all tracks together; what their recorders still hold is journalled. May be called twice."""
        if not self._is_stopped:
            self._stopwatch.beat(self._clock.now(), self._clock.wall_now())
            self._is_stopped = True
        for recorder in self._recorders.values():
            recorder.stop()

    def flush(self) -> None:
        """Make the recorders deliver what they hold: the page may end before the next timeslice."""
        if not self._is_stopped:
            for recorder in self._recorders.values():
                recorder.flush()

    async def run(self) -> dict[Track, Recorded]:
        """Return once every track has ended and all of it is journalled.

        The caller must tell the uploads each `stopped`: they do not know yet that their recordings have ended.
        """
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(self._watch())
            pumps = {ref.track: tasks.create_task(self._pump(ref)) for ref in self._recorders}
            for pump in pumps.values():
                await asyncio.wait([pump])
            watch.cancel()
        return {track: pump.result() for track, pump in pumps.items()}

    async def _watch(self) -> None:
        """Detect a recorder that delivers nothing although it was not stopped.

        Silence is counted in ticks: there are none while the computer sleeps, so waking up is no fault.
        """
        while not self._is_stopped:
            await self._clock.sleep(TICK_S)
            for ref, recorder in self._recorders.items():
                if recorder.is_muted():  # it has nothing to deliver, but is not lost
                    continue
                self._silence[ref] += 1
                if ref in self._kept_s:
                    self._mind_silence(recorder, self._silence[ref])
                else:
                    self._await_first_byte(ref, recorder)

    def _mind_silence(self, recorder: Recorder, silence: int) -> None:
        if silence >= LOST_S:
            self._ending = Ending.BROKEN
            self.stop()
        elif silence >= SILENT_S:
            recorder.flush()

    def _await_first_byte(self, ref: RecordingId, recorder: Recorder) -> None:
        """Give up a recorder that has delivered nothing. The next one gets twice the time, for slow machines."""
        left = FIRST_BYTE_S * 2 ** self._tries[ref] - self._silence[ref]
        if left == 1:
            recorder.flush()
        elif left == 0:
            self._barren.add(ref)
            recorder.stop()

    async def _pump(self, ref: RecordingId) -> Recorded:
        digest = RunningDigest(ref, self._journal, self._digester)
        async with asyncio.TaskGroup() as tasks:
            digesting = tasks.create_task(digest.run())
            size = await self._record_all(ref, digest)
            digest.end()
            ending = self._end(ref)
            if size:
                self._tell(RecordingEnded(ref))  # the last part need not wait for the digest
        stopped = RecordingStopped(
            ref,
            digesting.result(),
            self.elapsed_s,
            interrupted=ending is not Ending.STOPPED,
            size=size,
            gaps=self._stopwatch.gaps,
        )
        return Recorded(ref, size, ending, stopped)

    async def _record_all(self, ref: RecordingId, digest: RunningDigest) -> int:
        """Journal and digest what `ref`'s recorders deliver until the last one ends; return the size."""
        size = 0
        while True:
            async with aclosing(self._chunks(ref)) as chunks:
                async for chunk in chunks:
                    await self._keep(ref, chunk, is_first=size == 0)
                    size += chunk.size
                    digest.add(chunk.media)
            if size or not self._renew(ref):
                return size

    def _end(self, ref: RecordingId) -> Ending:
        """Return how `ref` has ended, and stop the other track, unless only the other one delivers data."""
        ending = self._ending
        if ref in self._barren and ending is Ending.STOPPED and not self._is_stopped:
            ending = Ending.NOTHING_CAME
        if ending is not Ending.NOTHING_CAME or not self._kept_s:
            self.stop()
        return ending

    async def _chunks(self, ref: RecordingId) -> AsyncGenerator[Chunk]:
        """Yield the chunks of `ref`'s recorder that are not empty, until it ends."""
        recorder = self._recorders[ref]
        try:
            async for chunk in recorder.chunks():
                if not chunk.size and ref not in self._kept_s:  # Safari's first chunks may be empty
                    continue
                self._silence[ref] = 0
                if chunk.size and ref not in self._barren:
                    self._kept_s[ref] = self.elapsed_s
                    yield chunk
        except DeviceLost:
            self._ending = Ending.DEVICE_LOST
        except RecorderFailed:
            if ref in self._kept_s:
                self._ending = Ending.BROKEN
            else:
                self._barren.add(ref)
        finally:
            recorder.close()

    def _renew(self, ref: RecordingId) -> bool:
        """Start `ref` again in another format, if the last one delivered nothing. Return False if it is not started."""
        if self._ending is not Ending.STOPPED or (ref not in self._barren and not self._silence[ref]):
            return False  # a device is lost, or there was no time to deliver anything
        self._refuse(ref.track)
        self._tries[ref] += 1
        if self._is_stopped or self._tries[ref] >= TRIES:
            return False
        try:
            self._recorders[ref] = self._record(ref.track)
        except DeviceError:
            return False
        self._barren.discard(ref)
        self._silence[ref] = 0
        if not self._kept_s:
            self._stopwatch = Stopwatch(self._clock.now(), self._clock.wall_now())
        self.is_begun_anew = True
        return True

    async def _keep(self, ref: RecordingId, chunk: Chunk, *, is_first: bool) -> None:
        """Journal a chunk before telling the upload: it must only send what can no longer be lost."""
        if is_first:
            await try_forget(self._journal, ref)  # drops rows that an earlier page left without a RecordingStarted
            # Firefox names the content type only with the first chunk; the object's name depends on it.
            self._unkept[ref] = started = RecordingStarted(ref, chunk.content_type, self._number)
            await self._keep_beginning(ref)
            self._tell(started)
        else:
            await self._keep_beginning(ref)
        fact = ChunkJournalled(ref, chunk.size, round(self.elapsed_s, 3))
        await self._journal.append(fact, chunk.media)
        self._tell(fact)

    async def _keep_beginning(self, ref: RecordingId) -> None:
        """Journal RecordingStarted; try again with every chunk, because a reload cannot use rows without it."""
        if ref in self._unkept and await try_note(self._journal, self._unkept[ref]):
            del self._unkept[ref]
