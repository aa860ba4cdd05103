"""Drive one take: what the recorders give goes to the journal, and the facts go on."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from enum import Enum, auto

from app.contract import Track
from app.core.errors import JournalUnread
from app.core.ports import Clock, Digester, Journal
from app.core.recording.devices import DeviceError, DeviceLost, RecorderFailed
from app.core.recording.duration import Stopwatch
from app.core.recording.ports import Chunk, Recorder
from app.core.upload.events import ChunkJournalled, Fact, RecordingId, RecordingStarted, RecordingStopped
from app.journal.journal import try_forget, try_note

FIRST_BYTE_S = 3  # without a byte from the start on; then another format is tried, with twice the patience
TRIES = 3  # formats in one take; more would have a candidate speak in vain for too long
SILENT_S = 5  # without a chunk; then the recorder is asked for one
LOST_S = 20  # without a chunk; then nothing will come any more
TICK_S = 1.0


class Ending(Enum):
    STOPPED = auto()  # as asked for
    DEVICE_LOST = auto()
    BROKEN = auto()  # the recorder gave no more, though nobody had stopped it
    NOTHING_CAME = auto()  # not a byte, in no format that was tried


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of one track; `size` bytes of it are in the journal."""

    ref: RecordingId
    size: int
    ending: Ending
    stopped: RecordingStopped


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
        """Record take `number` of the bucket.

        `refuse` is told whose format gave nothing; `record` then begins anew in another, or raises DeviceError.
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
        self._ending = Ending.STOPPED  # a device that is lost or a recorder that is broken ends every track
        self._tries: dict[RecordingId, int] = dict.fromkeys(self._recorders, 0)  # formats that gave nothing
        self._barren: set[RecordingId] = set()  # whose recorder is given up: it gave nothing
        self._kept_s: dict[RecordingId, float] = {}  # how much there is of each track of which there is something
        self.is_begun_anew = False  # what was said before is nowhere, or not on every track
        self._unkept: dict[RecordingId, RecordingStarted] = {}  # beginnings that the journal has not taken yet

    @property
    def elapsed_s(self) -> float:
        """Return how long has been recorded."""
        if not self._is_stopped:
            self._stopwatch.beat(self._clock.now(), self._clock.wall_now())
        return self._stopwatch.elapsed_s

    @property
    def kept_s(self) -> float:
        """Return how much of the take surely is there: a recorder may have been silent since."""
        return min(self._kept_s.values(), default=0.0)

    @property
    def is_muted(self) -> bool:
        """True while a device gives nothing although it is there."""
        return not self._is_stopped and any(recorder.is_muted() for recorder in self._recorders.values())

    @property
    def is_turned(self) -> bool:
        """True once the picture has changed its size and the format cannot follow."""
        return any(recorder.is_turned() for recorder in self._recorders.values())

    def stop(self) -> None:
        """End all tracks together; what they still hold is journalled. May be called twice."""
        if not self._is_stopped:
            self._stopwatch.beat(self._clock.now(), self._clock.wall_now())
            self._is_stopped = True
        for recorder in self._recorders.values():
            recorder.stop()

    def flush(self) -> None:
        """Have the recorders give what they hold: the page may not live to the next timeslice."""
        if not self._is_stopped:
            for recorder in self._recorders.values():
                recorder.flush()

    async def run(self) -> dict[Track, Recorded]:
        """Return once every track has ended and all of it is journalled.

        The uploads do not know yet that their recordings have ended: the caller tells `stopped` on, so that it can
        take a handle for playback before the journal's rows go.
        """
        async with asyncio.TaskGroup() as tasks:
            watch = tasks.create_task(self._watch())
            pumps = {ref.track: tasks.create_task(self._pump(ref)) for ref in self._recorders}
            for pump in pumps.values():
                await asyncio.wait([pump])
            watch.cancel()
        return {track: pump.result() for track, pump in pumps.items()}

    async def _watch(self) -> None:
        """Notice a recorder that gives nothing although nobody has stopped it.

        Counted in ticks: while a computer sleeps no tick passes, and waking up is no fault.
        """
        while not self._is_stopped:
            await self._clock.sleep(TICK_S)
            for ref, recorder in self._recorders.items():
                if recorder.is_muted():  # it has nothing to give, and is not lost
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
        """Give up a recorder that has given nothing. On a slow machine the next one gets more time."""
        left = FIRST_BYTE_S * 2 ** self._tries[ref] - self._silence[ref]
        if left == 1:
            recorder.flush()
        elif left == 0:
            self._barren.add(ref)
            recorder.stop()

    async def _pump(self, ref: RecordingId) -> Recorded:
        digest, size, is_digested = hashlib.sha256(), 0, True
        while True:
            async with aclosing(self._chunks(ref)) as chunks:
                async for chunk in chunks:
                    await self._keep(ref, chunk, is_first=size == 0)
                    size += chunk.size
                    try:
                        async for block in self._digester.blocks(chunk.media):
                            digest.update(block)
                    except JournalUnread:
                        is_digested = False  # a recording without a digest is better than none
            if size or not self._renew(ref):
                break
        ending = self._ending
        if ref in self._barren and ending is Ending.STOPPED and not self._is_stopped:
            ending = Ending.NOTHING_CAME
        if ending is not Ending.NOTHING_CAME or not self._kept_s:
            self.stop()  # one track alone is no take: the other ends with it, unless only that one gives anything
        stopped = RecordingStopped(
            ref,
            digest.hexdigest() if is_digested else None,
            self.elapsed_s,
            interrupted=ending is not Ending.STOPPED,
            size=size,
            gaps=self._stopwatch.gaps,
        )
        return Recorded(ref, size, ending, stopped)

    async def _chunks(self, ref: RecordingId) -> AsyncGenerator[Chunk]:
        """Yield what `ref`'s recorder gives until it ends, without what is empty."""
        recorder = self._recorders[ref]
        try:
            async for chunk in recorder.chunks():
                if not chunk.size and ref not in self._kept_s:  # Safari's first ones may be empty
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
        """Begin `ref` anew in another format, as the last one gave nothing. Return False where nothing it stays."""
        if self._ending is not Ending.STOPPED or (ref not in self._barren and not self._silence[ref]):
            return False  # a device is gone, or there was no time to give anything
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
        """Journal first, then let the upload know: what it may send can no longer be lost."""
        if is_first:
            await try_forget(self._journal, ref)  # rows of an earlier page without a beginning are not ours
            # Firefox names the type with the first chunk only; the object's name depends on it.
            self._unkept[ref] = started = RecordingStarted(ref, chunk.content_type, self._number)
            await self._keep_beginning(ref)
            self._tell(started)
        else:
            await self._keep_beginning(ref)
        fact = ChunkJournalled(ref, chunk.size, round(self.elapsed_s, 3))
        await self._journal.append(fact, chunk.media)
        self._tell(fact)

    async def _keep_beginning(self, ref: RecordingId) -> None:
        """Try with every chunk until it is kept: after a reload nobody knows what rows without a beginning are."""
        if ref in self._unkept and await try_note(self._journal, self._unkept[ref]):
            del self._unkept[ref]
