"""The parts of one upload: cut, sent, acknowledged. Moves sizes, never bytes."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.core.upload.parts import Part, PartCutter
from app.core.upload.steps import Step, StepEvent, StepRefused


@dataclass(slots=True)
class PartStep:
    part: Part
    step: Step = field(default_factory=Step)


class PartLedger:
    """Hold the parts of one upload. Every part is in exactly one of `queue`, `tried` and `acknowledged`."""

    def __init__(self) -> None:
        self.queue: deque[Part] = deque()  # not sent, or to be sent again; thousands after an hour offline
        self.tried: dict[int, PartStep] = {}  # sent and not acknowledged, by part number; there are few
        self.acknowledged: dict[int, tuple[Part, str]] = {}  # with its ETag
        self.acknowledged_size = 0
        self.shown_size = 0  # the highest `acknowledged_size` so far: progress never runs backwards
        self._cutter: PartCutter | None = None  # None: the size of a part is not known

    def open(self, part_bytes: int, recorded: int) -> None:
        """Cut what was recorded so far into parts of `part_bytes`."""
        self._cutter = PartCutter(part_bytes)
        self.queue.extend(self._cutter.add(recorded))

    def grow(self, size: int) -> None:
        """Cut the parts that a chunk of `size` bytes completes. Do nothing before `open`."""
        if self._cutter is not None:
            self.queue.extend(self._cutter.add(size))

    def finish(self) -> None:
        """Cut the short last part. Do nothing before `open`."""
        if self._cutter is not None and (last := self._cutter.finish()) is not None:
            self.queue.append(last)

    def clear(self) -> None:
        """Forget all parts, because the upload is begun again. `shown_size` stays."""
        self.queue.clear()
        self.tried.clear()
        self.acknowledged.clear()
        self.acknowledged_size = 0
        self._cutter = None

    def acknowledge(self, number: int, etag: str) -> Part:
        """Note that the store has a part, and return it.

        Raises StepRefused for a part that was not waiting: not cut, acknowledged already, or failed.
        """
        part = self._take_out(number)
        for sent in self.tried.values():  # one part got through, so the refused ones may, too
            if sent.step.has_failed and sent.step.trouble is not None:
                sent.step.on(StepEvent.RETRIED)
        self.acknowledged[number] = (part, etag)
        self.acknowledged_size += part.size
        self.shown_size = max(self.shown_size, self.acknowledged_size)
        return part

    def _take_out(self, number: int) -> Part:
        sent = self.tried.get(number)
        if sent is not None:
            sent.step.on(StepEvent.SUCCEEDED)
            return self.tried.pop(number).part
        for part in self.queue:  # from the journal: sent before a reload
            if part.number == number:
                self.queue.remove(part)
                return part
        raise StepRefused(f"part {number} is acknowledged, but was not waiting")

    def disown(self, numbers: Iterable[int]) -> None:
        """Queue acknowledged parts again, because the store does not have them."""
        for number in numbers:
            part, _ = self.acknowledged.pop(number)
            self.acknowledged_size -= part.size
            self.queue.append(part)
        self.queue = deque(sorted(self.queue, key=lambda part: part.number))

    def cut_short(self, part_bytes: int, size: int) -> None:
        """Cut only the first `size` bytes. No part may be in flight, and no acknowledged part may lie behind them."""
        cutter = PartCutter(part_bytes)
        parts = cutter.add(size)
        if (last := cutter.finish()) is not None:
            parts.append(last)
        self.tried.clear()
        self.queue = deque(part for part in parts if part.number not in self.acknowledged)

    def lies_behind(self, size: int) -> bool:
        """Return whether an acknowledged part reaches beyond the first `size` bytes."""
        return any(part.offset + part.size > size for part, _ in self.acknowledged.values())

    def known(self) -> list[Part]:
        """Return every queued or acknowledged part, by ascending number."""
        parts = [*self.queue, *(part for part, _ in self.acknowledged.values())]
        return sorted(parts, key=lambda part: part.number)

    def waiting(self) -> set[int]:
        """Return the numbers of all parts that are not acknowledged."""
        return {part.number for part in self.queue} | self.tried.keys()

    def ready(self, now: float, *, may_be_new: bool = True) -> Part | None:
        """Return the first part that may be sent; None if none may. While one is refused, the others are not tried."""
        if (refused := self.refused()) is not None:
            return refused.part if refused.step.is_ready(now) else None
        again = [number for number, sent in self.tried.items() if sent.step.is_ready(now)]
        if again:
            return self.tried[min(again)].part
        return self.queue[0] if self.queue and may_be_new else None

    def refused(self) -> PartStep | None:
        """Return the first part whose refusal only the operator can fix; None if none is refused."""
        refused = (sent for sent in self.tried.values() if sent.step.has_failed and sent.step.trouble is not None)
        return min(refused, key=lambda sent: sent.part.number, default=None)

    def send(self, part: Part) -> None:
        """Note that a part that `ready` returned is now in flight."""
        if self.queue and self.queue[0] == part:
            self.tried[part.number] = PartStep(self.queue.popleft())
        self.tried[part.number].step.on(StepEvent.STARTED)

    def step_of(self, part: Part) -> Step | None:
        """Return the step of a part that is in flight or waits for another try; None: the command is out of date."""
        sent = self.tried.get(part.number)
        return sent.step if sent is not None and sent.part == part else None
