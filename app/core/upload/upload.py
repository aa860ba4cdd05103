"""One upload: what is recorded, cut, in flight, acknowledged, complete."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from app.contract import TrackRecord
from app.core.upload.events import (
    FinishUpload,
    OpenUpload,
    ReconcileUpload,
    RecordingCutShort,
    RecordingId,
    RecordingStopped,
    SendPart,
    UploadCompleted,
    UploadCreated,
)
from app.core.upload.parts import Part, PartCutter
from app.core.upload.refusals import Unanswered
from app.core.upload.steps import Step, StepEvent, StepRefused, StepState


@dataclass(slots=True)
class PartStep:
    part: Part
    step: Step = field(default_factory=Step)


class Upload:
    """Follow one recording from its first chunk to its object in the store.

    Two things go on at once and are kept apart: the recording grows until it is stopped, and the upload is opened,
    sent and finished. Each remote action is a `Step`.
    """

    def __init__(self, ref: RecordingId, content_type: str, take: int) -> None:
        self.ref = ref
        self.content_type = content_type
        self.take = take  # its number in the bucket
        self.recorded = 0  # bytes
        self.stopped: RecordingStopped | None = None  # None: still recording
        self.created: UploadCreated | None = None  # None: the store does not know it (any more)
        self.losses = 0  # how often the store has lost it
        self.vain_losses = 0  # since a part was last acknowledged
        self.refusals = 0  # URLs refused since a part was last acknowledged
        self.unanswered = Unanswered()  # of its parts: they go the same way
        self.part_bytes_at_most: int | None = None  # larger parts were refused; None: none was
        self.abandoned: UploadCreated | None = None  # still open at the store, until a smaller one takes its place
        self.is_given_up = False
        self.is_put_aside = False  # its take is discarded: nothing of it is sent unless it is brought back
        self.opening = Step()
        self.reconciling = Step(StepState.DONE)  # what we believe of the store is what it said itself
        self.finishing = Step()
        self.dropping = Step()
        self.queue: deque[Part] = deque()  # never sent yet; after an hour offline these are thousands
        self.tried: dict[int, PartStep] = {}  # sent and not acknowledged, by part number; these are few
        self.acknowledged: dict[int, tuple[Part, str]] = {}  # with its ETag
        self.acknowledged_size = 0
        self.shown_size = 0  # the most that was ever acknowledged: progress never runs backwards
        self._cutter: PartCutter | None = None  # None while `created` is: nobody has said how long a part is

    # What happens.

    def grow(self, size: int) -> None:
        """Take a chunk that the journal has kept. Raises StepRefused once the recording has ended."""
        if self.stopped is not None:
            raise StepRefused("a chunk after the end of its recording")
        self.recorded += size
        if self._cutter is not None:
            self.queue.extend(self._cutter.add(size))

    def stop(self, fact: RecordingStopped) -> None:
        self.stopped = fact
        self._cut_last()

    def open(self, fact: UploadCreated) -> None:
        """The store has the upload: cut what was recorded so far."""
        self.opening.on(StepEvent.SUCCEEDED)
        self.created, self.abandoned = fact, None
        self._cutter = PartCutter(fact.part_bytes)
        self.queue.extend(self._cutter.add(self.recorded))
        self._cut_last()

    def acknowledge(self, number: int, etag: str) -> Part:
        """Note that the store has a part, and return it.

        Raises StepRefused for a part that has not been cut or is not on its way.
        """
        part = self._take_out(number)
        self.refusals = self.vain_losses = 0
        self.unanswered.clear()
        for sent in self.tried.values():  # what one part can do, others may
            if sent.step.has_failed and sent.step.trouble is not None:
                sent.step.on(StepEvent.RETRIED)
        self.acknowledged[number] = (part, etag)
        self.acknowledged_size += part.size
        self.shown_size = max(self.shown_size, self.acknowledged_size)
        return part

    def cut_short(self, fact: RecordingCutShort) -> None:
        """Go on with the first bytes alone; nothing of it is on its way.

        Raises StepRefused while it is still recorded.
        """
        if self.stopped is None or self.created is None:
            raise StepRefused("a recording is cut short before it has ended")
        whole, self.recorded = self.recorded, fact.size
        duration_s = round(self.stopped.duration_s * fact.size / whole, 3)  # about; nobody knows better
        self.stopped = replace(
            self.stopped,
            sha256=fact.sha256,
            duration_s=duration_s,
            interrupted=True,
            size=fact.size,
            gaps=tuple(gap for gap in self.stopped.gaps if gap.at_s < duration_s),
        )
        self.shown_size = min(self.shown_size, fact.size)
        if any(part.offset + part.size > fact.size for part, _ in self.acknowledged.values()):
            self.begin_again()  # no store puts an object together from some of its parts alone
            return
        cutter = PartCutter(self.created.part_bytes)
        parts = cutter.add(fact.size)
        if (last := cutter.finish()) is not None:
            parts.append(last)
        self.tried.clear()
        self.queue = deque(part for part in parts if part.number not in self.acknowledged)
        self.finishing = Step()
        self.doubt()

    def _take_out(self, number: int) -> Part:
        sent = self.tried.get(number)
        if sent is not None:
            sent.step.on(StepEvent.SUCCEEDED)
            return self.tried.pop(number).part
        for part in self.queue:  # told by the journal: sent before a reload
            if part.number == number:
                self.queue.remove(part)
                return part
        raise StepRefused(f"part {number} is acknowledged, but was not waiting")

    def begin_again(self) -> None:
        """The store has lost the upload: open a new one and send everything once more."""
        self.opening.on(StepEvent.REOPENED)
        self.reconciling = Step(StepState.DONE)
        self.finishing = Step()
        self.refusals = 0
        self.queue.clear()
        self.tried.clear()
        self.acknowledged.clear()
        self.acknowledged_size = 0
        self.created = None
        self._cutter = None

    def shrink(self, size: int) -> None:
        """Parts of `size` bytes are refused: begin a new upload, of smaller ones."""
        self.part_bytes_at_most = max(1, size // 2)
        self.abandoned = self.created
        self.begin_again()

    @property
    def may_shrink(self) -> bool:
        """Whether smaller parts can be asked for: the signer gives no smaller ones than the store may take."""
        if self.created is None:
            return False
        return self.part_bytes_at_most is None or self.created.part_bytes <= self.part_bytes_at_most

    def move(self, take: int) -> None:
        """Go by a higher take number: what was begun under the old one is begun again."""
        if take > self.take:
            self.take = take
            if self.opening.state is StepState.DONE:
                self.begin_again()

    def doubt(self) -> None:
        """Ask the store what it has before anything is sent or finished. Nothing to ask without an open upload."""
        if self.created is not None and not self.is_completed and self.reconciling.state is StepState.DONE:
            self.reconciling.on(StepEvent.REOPENED)

    def reconcile(self, parts: Iterable[tuple[int, str]]) -> None:
        """Believe the store: it has exactly these parts (number, ETag), each compared with what was recorded."""
        self.reconciling.on(StepEvent.SUCCEEDED)
        stored = dict(parts)
        for number in [number for number in self.acknowledged if number not in stored]:
            part, _ = self.acknowledged.pop(number)
            self.acknowledged_size -= part.size
            self.queue.append(part)
        self.queue = deque(sorted(self.queue, key=lambda part: part.number))
        waiting = {part.number for part in self.queue} | self.tried.keys()
        for number in stored.keys() & waiting:
            self.acknowledge(number, stored[number])

    def known_parts(self) -> list[Part]:
        """Return every part that has been cut and is not on its way, ascending."""
        parts = [*self.queue, *(part for part, _ in self.acknowledged.values())]
        return sorted(parts, key=lambda part: part.number)

    @property
    def part_count(self) -> int:
        """Return how many parts an ended recording has; 0 while nobody has said how long one is."""
        return -(-self.recorded // self.created.part_bytes) if self.created is not None else 0

    # What may be done now.

    def opening_command(self, now: float) -> OpenUpload | None:
        """None: not yet, or done. An upload is opened for the first byte: empty objects are never made."""
        if self.recorded and self.opening.is_ready(now):
            return OpenUpload(self.ref, self.content_type, self.part_bytes_at_most)
        return None

    def finishing_command(self, now: float) -> FinishUpload | None:
        if self.is_acknowledged and self._is_certain and self.finishing.is_ready(now):
            parts = tuple(self.acknowledged[number] for number in sorted(self.acknowledged))
            return FinishUpload(self.ref, parts, self.recorded)
        return None

    def ready_part(self, now: float, *, may_be_new: bool = True) -> Part | None:
        """Return the first part that may be sent. What one of them is refused, the others need not ask for."""
        if not self._is_certain:
            return None
        if (refused := self.refused_part()) is not None:
            return refused.part if refused.step.is_ready(now) else None
        again = [number for number, sent in self.tried.items() if sent.step.is_ready(now)]
        if again:
            return self.tried[min(again)].part
        return self.queue[0] if self.queue and may_be_new else None

    def refused_step(self) -> Step | None:
        """Return what only the operator can help: a part, or the upload as a whole; None: nothing is refused."""
        if self.opening.has_failed and self.opening.trouble is not None:
            return self.opening
        refused = self.refused_part()
        return refused.step if refused is not None else None

    def refused_part(self) -> PartStep | None:
        """Return the first part that only the operator can help; None: nothing is refused."""
        refused = (sent for sent in self.tried.values() if sent.step.has_failed and sent.step.trouble is not None)
        return min(refused, key=lambda sent: sent.part.number, default=None)

    def send(self, part: Part) -> SendPart:
        """Put a part that `ready_part` returned on its way."""
        if self.queue and self.queue[0] == part:
            self.tried[part.number] = PartStep(self.queue.popleft())
        self.tried[part.number].step.on(StepEvent.STARTED)
        return SendPart(self.ref, part)

    def step_of(self, command: OpenUpload | SendPart | ReconcileUpload | FinishUpload) -> Step | None:
        """Return the step that `command` belongs to; None if it has been overtaken."""
        match command:
            case OpenUpload():
                return self.opening
            case ReconcileUpload():
                return self.reconciling
            case FinishUpload():
                return self.finishing
            case SendPart(part=part):
                sent = self.tried.get(part.number)
                return sent.step if sent is not None and sent.part == part else None

    def steps(self) -> Iterator[Step]:
        yield self.opening
        for sent in self.tried.values():
            yield sent.step
        yield self.reconciling
        yield self.finishing
        if self.is_given_up:
            yield self.dropping

    # What is true.

    @property
    def is_acknowledged(self) -> bool:
        """True when the store has every byte of an ended recording."""
        return self.stopped is not None and self.recorded > 0 and self.acknowledged_size == self.recorded

    def record(self, completed: UploadCompleted) -> TrackRecord | None:
        """Return what answer.json says of it; None if it has been begun again meanwhile."""
        if self.stopped is None or not self.is_completed:
            return None
        return TrackRecord(
            key=completed.key,
            size=completed.size,
            sha256=self.stopped.sha256,
            content_type=self.content_type,
            duration_s=round(self.stopped.duration_s, 3),
            interrupted=self.stopped.interrupted,
            prepared=self.stopped.prepared,
            gaps=self.stopped.gaps,
        )

    @property
    def is_completed(self) -> bool:
        return self.finishing.state is StepState.DONE

    @property
    def _is_certain(self) -> bool:
        return self.reconciling.state is StepState.DONE

    def _cut_last(self) -> None:
        if self.stopped is None or self._cutter is None:
            return
        last = self._cutter.finish()
        if last is not None:
            self.queue.append(last)
