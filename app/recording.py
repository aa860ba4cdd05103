"""Drive one take: what the recorders give goes to the journal, and the facts go on."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from app.contract import Track
from app.core.devices import DeviceLost
from app.core.errors import JournalUnread
from app.core.events import ChunkJournalled, Fact, RecordingStarted, RecordingStopped, UploadRef
from app.core.ports import Chunk, Clock, Digester, Journal, Recorder
from app.core.stopwatch import Stopwatch
from app.keeping import forget, keep

SILENT_S = 5  # without a chunk; then the recorder is asked for one
LOST_S = 20  # without a chunk; then nothing will come any more
TICK_S = 1.0


class Ending(Enum):
    STOPPED = auto()  # as asked for
    DEVICE_LOST = auto()


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of one track; `size` bytes of it are in the journal."""

    ref: UploadRef
    size: int
    ending: Ending
    stopped: RecordingStopped


class Take:
    """Record one take on one or two tracks until it is stopped or a device is lost."""

    def __init__(
        self,
        recorders: Mapping[UploadRef, Recorder],
        *,
        journal: Journal,
        digester: Digester,
        clock: Clock,
        tell: Callable[[Fact], None],
    ) -> None:
        self._recorders = dict(recorders)
        self._journal = journal
        self._digester = digester
        self._clock = clock
        self._tell = tell
        self._stopwatch = Stopwatch(clock.now(), clock.wall_now())
        self._is_stopped = False
        self._silence: dict[UploadRef, int] = dict.fromkeys(self._recorders, 0)  # ticks since the last chunk
        self._is_lost = False  # a device, or a recorder that has fallen silent: then every track ends by that fault
        self._unkept: dict[UploadRef, RecordingStarted] = {}  # beginnings that the journal has not taken yet

    @property
    def elapsed_s(self) -> float:
        """Return how long has been recorded."""
        if not self._is_stopped:
            self._stopwatch.beat(self._clock.now(), self._clock.wall_now())
        return self._stopwatch.elapsed_s

    @property
    def is_muted(self) -> bool:
        """True while a device gives nothing although it is there."""
        return not self._is_stopped and any(recorder.is_muted() for recorder in self._recorders.values())

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
            pumps = {
                ref.track: tasks.create_task(self._pump(ref, recorder)) for ref, recorder in self._recorders.items()
            }
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
                if self._silence[ref] >= LOST_S:
                    self._is_lost = True
                    self.stop()
                elif self._silence[ref] >= SILENT_S:
                    recorder.flush()

    async def _pump(self, ref: UploadRef, recorder: Recorder) -> Recorded:
        digest, size, is_digested = hashlib.sha256(), 0, True
        try:
            async for chunk in recorder.chunks():
                self._silence[ref] = 0
                if chunk.size:  # Safari's first ones may be empty
                    await self._keep(ref, chunk, is_first=size == 0)
                    size += chunk.size
                    try:
                        async for block in self._digester.blocks(chunk.media):
                            digest.update(block)
                    except JournalUnread:
                        is_digested = False  # a recording without a digest is better than none
        except DeviceLost:
            self._is_lost = True
        finally:
            recorder.close()
        ending = Ending.DEVICE_LOST if self._is_lost else Ending.STOPPED
        self.stop()  # one track alone is no take: the other ends with it
        stopped = RecordingStopped(
            ref,
            digest.hexdigest() if is_digested else None,
            self.elapsed_s,
            interrupted=ending is not Ending.STOPPED,
            size=size,
            gaps=self._stopwatch.gaps,
        )
        return Recorded(ref, size, ending, stopped)

    async def _keep(self, ref: UploadRef, chunk: Chunk, *, is_first: bool) -> None:
        """Journal first, then let the upload know: what it may send can no longer be lost."""
        if is_first:
            await forget(self._journal, ref)  # rows whose beginning an earlier page could not keep: they are not ours
            # Firefox names the type with the first chunk only; the object's name depends on it.
            self._unkept[ref] = RecordingStarted(ref, chunk.content_type)
            await self._keep_beginning(ref)
            self._tell(RecordingStarted(ref, chunk.content_type))
        else:
            await self._keep_beginning(ref)
        fact = ChunkJournalled(ref, chunk.size, round(self.elapsed_s, 3))
        await self._journal.append(fact, chunk.media)
        self._tell(fact)

    async def _keep_beginning(self, ref: UploadRef) -> None:
        """Try with every chunk until it is kept: after a reload nobody knows what rows without a beginning are."""
        if ref in self._unkept and await keep(self._journal, self._unkept[ref]):
            del self._unkept[ref]
