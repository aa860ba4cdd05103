"""The parts of one upload: cut, sent, acknowledged. Moves sizes, never bytes."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.contract import PartRules
from app.core.upload.parts import LARGEST, Part, PartCutter, StoredPiece
from app.core.upload.steps import Step, StepEvent, StepRefused


@dataclass(slots=True)
class PartStep:
    part: Part
    step: Step = field(default_factory=Step)
    sent: int = 0  # bytes that the browser has handed to the network in this try


class PartLedger:
    """Hold the parts of one upload. Every part is in exactly one of `queue`, `tried` and `acknowledged`.

    Equal parts are queued as soon as they are recorded, others are cut when they can be sent.
    """

    def __init__(self) -> None:
        self.queue: deque[Part] = deque()  # not sent, or to be sent again; thousands after an hour offline
        self.tried: dict[int, PartStep] = {}  # sent and not acknowledged, by part number; there are few
        self.acknowledged: dict[int, tuple[Part, str]] = {}  # with its ETag
        self.acknowledged_size = 0
        self.shown_size = 0  # the highest `acknowledged_size` so far: progress never runs backwards
        self.slots: dict[int, str] = {}  # by part number: where the store keeps it until it is folded
        self._cutter: PartCutter | None = None  # None: the rules are not known

    def open(self, rules: PartRules, recorded: int) -> None:
        """Cut what was recorded so far by the rules of the upload."""
        self._cutter = PartCutter(rules, recorded)
        self._queue_equal()

    def grow(self, size: int) -> None:
        """Add a chunk of `size` bytes. Do nothing before `open`."""
        if self._cutter is not None:
            self._cutter.add(size)
            self._queue_equal()

    def finish(self) -> None:
        """Note that no chunk follows. Do nothing before `open`."""
        if self._cutter is not None:
            self._cutter.finish()
            self._queue_equal()

    def _queue_equal(self) -> None:
        if self._cutter is not None and self._cutter.rules.are_equal:
            self.queue.extend(self._cutter.whole_parts())

    def clear(self) -> None:
        """Forget all parts, because the upload is begun again. `shown_size` stays."""
        self.queue.clear()
        self.tried.clear()
        self.acknowledged.clear()
        self.slots.clear()
        self.acknowledged_size = 0
        self._cutter = None

    def note_cut(self, part: Part, slot: str | None) -> None:
        """Note how a part was cut, and its slot; queue a part that is not known: it was cut before a reload.

        Raises StepRefused for a part that does not follow those before it.
        """
        known = self._known(part.number)
        if known is None:
            self._take(part)
            self.queue.append(part)
        elif known != part:
            raise StepRefused(f"part {part.number} was cut otherwise")
        if slot is not None:
            self.slots[part.number] = slot

    def note_streamed(self, part: Part) -> None:
        """Note how a streamed part was cut; its reply is awaited. Raises StepRefused unless it follows the others."""
        self._take(part)
        self.tried[part.number] = PartStep(part, sent=part.size)
        self.tried[part.number].step.on(StepEvent.STARTED)

    def adopt(self, part: Part) -> None:
        """Queue a part that the store has although the journal does not know how it was cut. Raises StepRefused."""
        self._take(part)
        self.queue.append(part)

    def _take(self, part: Part) -> None:
        try:
            if self._cutter is not None:
                self._cutter.take(part)
                return
        except ValueError as error:
            raise StepRefused(str(error)) from None
        raise StepRefused("a part before its upload is open")

    def _known(self, number: int) -> Part | None:
        if number in self.tried:
            return self.tried[number].part
        if number in self.acknowledged:
            return self.acknowledged[number][0]
        return next((part for part in self.queue if part.number == number), None)

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
            self.slots.pop(number, None)
            self.queue.append(part)
        self.queue = deque(sorted(self.queue, key=lambda part: part.number))

    def cut_short(self, size: int) -> None:
        """Cut only the first `size` bytes. No part may be in flight, and no acknowledged part may lie behind them."""
        if self._cutter is None:
            return
        cut = [*self.queue, *(sent.part for sent in self.tried.values()), *(part for part, _ in self._stored())]
        whole = sorted((part for part in cut if part.end <= size), key=lambda part: part.number)
        self._cutter.end_at(size, whole)
        self.tried.clear()
        self.slots = {number: slot for number, slot in self.slots.items() if number <= len(whole)}
        self.queue = deque(part for part in whole if part.number not in self.acknowledged)
        self._queue_equal()

    def lies_behind(self, size: int) -> bool:
        """Return whether an acknowledged part reaches beyond the first `size` bytes."""
        return any(part.end > size for part, _ in self._stored())

    def end_of(self, number: int) -> int:
        """Return where an acknowledged part ends, in bytes; 0 if it is not acknowledged."""
        return self.acknowledged[number][0].end if number in self.acknowledged else 0

    def known(self) -> list[Part]:
        """Return every queued or acknowledged part, by ascending number."""
        parts = [*self.queue, *(part for part, _ in self._stored())]
        return sorted(parts, key=lambda part: part.number)

    def waiting(self) -> set[int]:
        """Return the numbers of all parts that are cut and not acknowledged."""
        return {part.number for part in self.queue} | self.tried.keys()

    def pieces(self, number: int) -> list[StoredPiece]:
        """Return the acknowledged parts from `number` on, up to the first gap."""
        pieces = []
        while (found := self.acknowledged.get(number)) is not None:
            pieces.append(StoredPiece(*found, self.slots.get(number)))
            number += 1
        return pieces

    def _stored(self) -> Iterable[tuple[Part, str]]:
        return self.acknowledged.values()

    @property
    def next_place(self) -> tuple[int, int]:
        """Return number and offset of the part that will be cut next."""
        return (self._cutter.count + 1, self._cutter.cut) if self._cutter is not None else (1, 0)

    @property
    def smallest_next(self) -> int:
        """Return how many bytes the next part needs if it is not the last; 0 before `open`."""
        return self._cutter.smallest if self._cutter is not None else 0

    def expected(self) -> Part | None:
        """Return the part that will be cut next, as far as can be told now; None if none will, and before `open`."""
        return self._cutter.expected() if self._cutter is not None else None

    @property
    def has_backlog(self) -> bool:
        """Whether parts of a recording that goes on wait for the line."""
        return self._cutter is not None and self._cutter.has_backlog

    @property
    def last_number(self) -> int | None:
        """Return the number of an ended recording's last part; None while it is not known."""
        return self._cutter.count if self._cutter is not None and self._cutter.is_done else None

    def ready(
        self, now: float, *, may_be_new: bool = True, may_cut: bool = True, wanted: int = LARGEST, is_idle: bool = True
    ) -> Part | None:
        """Return the first part that may be sent; None if none may. While one is refused, the others are not tried.

        `may_be_new`: it need not have been tried; `may_cut`: nor cut. A part that is cut now has about `wanted` bytes,
        fewer if nothing else is being sent (`is_idle`).
        """
        if (refused := self.refused()) is not None:
            return refused.part if refused.step.is_ready(now) else None
        if self.tried and self._cutter is not None and self._cutter.rules.are_in_order:
            return self._first_unstored(now)
        again = [number for number, sent in self.tried.items() if sent.step.is_ready(now)]
        if again:
            return self.tried[min(again)].part
        if not may_be_new:
            return None
        if self.queue:
            return self.queue[0]
        return self._cutter.next_part(wanted, is_idle=is_idle) if may_cut and self._cutter is not None else None

    def _first_unstored(self, now: float) -> Part | None:
        """Return the first part that the store lacks; None while it, or another one, is in flight or has to wait."""
        tried = self.tried[min(self.tried)]
        if self.queue and self.queue[0].number < tried.part.number:
            return None if any(sent.step.is_in_flight for sent in self.tried.values()) else self.queue[0]
        return tried.part if tried.step.is_ready(now) else None

    def refused(self) -> PartStep | None:
        """Return the first part whose refusal only the operator can fix; None if none is refused."""
        refused = (sent for sent in self.tried.values() if sent.step.has_failed and sent.step.trouble is not None)
        return min(refused, key=lambda sent: sent.part.number, default=None)

    def send(self, part: Part) -> None:
        """Note that a part that `ready` returned is now in flight."""
        if self.queue and self.queue[0] == part:
            self.tried[part.number] = PartStep(self.queue.popleft())
        elif part.number not in self.tried:
            self._take(part)
            self.tried[part.number] = PartStep(part)
        self.tried[part.number].sent = 0
        self.tried[part.number].step.on(StepEvent.STARTED)

    def note_sent(self, number: int, size: int) -> None:
        """Note that `size` bytes more of a part went out. Do nothing for a part that is not in flight any more."""
        if (tried := self.tried.get(number)) is not None:
            tried.sent = min(tried.part.size, tried.sent + size)

    @property
    def under_way(self) -> int:
        """Return the bytes that went out and are not acknowledged yet."""
        return sum(tried.sent for tried in self.tried.values() if tried.step.is_in_flight)

    def step_of(self, part: Part) -> Step | None:
        """Return the step of a part that is in flight or waits for another try; None: the command is out of date."""
        sent = self.tried.get(part.number)
        return sent.step if sent is not None and sent.part == part else None

    def step_at(self, number: int, offset: int) -> Step | None:
        """Return the same for the part of which only number and offset are known."""
        sent = self.tried.get(number)
        return sent.step if sent is not None and sent.part.offset == offset else None
