"""The state of one upload: what is recorded, cut, in flight, acknowledged, complete."""

from collections.abc import Iterator

from app.contract import TroubleKind
from app.core.errors import PartStuck
from app.core.upload.commands import SendPart
from app.core.upload.disposition import Disposition
from app.core.upload.events import (
    PartCut,
    RecordingCutShort,
    RecordingStopped,
    UploadCreated,
    UploadFolded,
    UploadReconciled,
)
from app.core.upload.fold_progress import FoldProgress
from app.core.upload.part_ledger import PartLedger
from app.core.upload.parts import LARGEST, Part
from app.core.upload.recording_id import RecordingId
from app.core.upload.refusals import Unanswered
from app.core.upload.steps import Step, StepEvent, StepRefused, StepState
from app.core.upload.stream_health import StreamHealth
from app.core.upload.streams import Streaming


class Upload:
    """Follow one recording from its first chunk to its object in the store. Each remote action is a `Step`."""

    def __init__(self, ref: RecordingId, content_type: str, take: int) -> None:
        self.ref = ref
        self.content_type = content_type
        self.take = take  # its number in the bucket
        self.recorded = 0  # bytes
        self.has_ended = False  # True: no more bytes follow
        self.stopped: RecordingStopped | None = None  # None: still recording, or not digested completely
        self.created: UploadCreated | None = None  # None: the store does not know the upload (any more)
        self.losses = 0  # how often the store has lost the upload
        self.vain_losses = 0  # losses since a part was last acknowledged
        self.refusals = 0  # URLs refused since a part was last acknowledged
        self.unanswered = Unanswered()  # of all its parts: they take the same route
        self.part_bytes_at_most: int | None = None  # larger parts were refused; None: none was
        self.abandoned: UploadCreated | None = None  # open at the store until one with smaller parts replaces it
        self.disposition = Disposition.COUNTS
        self.opening = Step()
        self.reconciling = Step(StepState.DONE)  # DONE: the store itself has said what we know of it
        self.folding = FoldProgress()
        self.finishing = Step()
        self.dropping = Step()
        self.parts = PartLedger()
        self.streaming = Streaming()
        self.stream_health = StreamHealth()  # of the session, once the scheduler has set it

    # Events.

    def grow(self, size: int) -> None:
        """Add a journalled chunk. Raises StepRefused once the recording has ended."""
        if self.has_ended:
            raise StepRefused("a chunk after the end of its recording")
        self.recorded += size
        self.parts.grow(size)

    def end(self) -> None:
        """Cut the last part. May be called twice."""
        self.has_ended = True
        self.parts.finish()

    def stop(self, fact: RecordingStopped) -> None:
        self.stopped = fact
        self.end()

    def open(self, fact: UploadCreated) -> None:
        """Note that the store has opened the upload, and cut what was recorded so far."""
        self.opening.on(StepEvent.SUCCEEDED)
        self.created, self.abandoned = fact, None
        self.parts.open(fact.parts, self.recorded)
        if self.has_ended:
            self.parts.finish()

    def acknowledge(self, number: int, etag: str) -> Part:
        """Note that the store has a part, and return it.

        Raises StepRefused for a part that was not waiting: not cut, acknowledged already, or failed.
        """
        part = self.parts.acknowledge(number, etag)
        self.refusals = self.vain_losses = 0
        self.unanswered.clear()
        return part

    def cut_short(self, fact: RecordingCutShort) -> None:
        """Continue with only the first bytes of the recording; no part may be in flight.

        Raises StepRefused while the recording runs, or before the store has opened the upload.
        """
        if self.stopped is None or self.created is None:
            raise StepRefused("a recording is cut short before it has ended")
        whole, self.recorded = self.recorded, fact.size
        self.stopped = self.stopped.cut_short(fact, whole)
        self.parts.shown_size = min(self.parts.shown_size, fact.size)
        if self.parts.lies_behind(fact.size):
            self.begin_again()  # an acknowledged part can be neither shortened nor left out
            return
        self.parts.cut_short(fact.size)
        self.finishing, self.streaming = Step(), Streaming()
        self.doubt()

    def begin_again(self) -> None:
        """Open a new upload, and send everything again."""
        self.opening.on(StepEvent.REOPENED)
        self.reconciling = Step(StepState.DONE)
        self.folding, self.finishing, self.streaming = FoldProgress(), Step(), Streaming()
        self.refusals = 0
        self.created = None
        self.parts.clear()

    def lose(self, problem: str, wait_s: float, trouble: TroubleKind | None, now: float) -> None:
        """Begin again after `wait_s`, because the store has lost the upload; `trouble`: it has lost too many."""
        self.losses += 1
        self.vain_losses += 1
        self.begin_again()
        if trouble is None:
            self.opening.not_before = now + wait_s
        else:
            self.opening.on(StepEvent.STARTED)
            self.opening.refuse(problem, trouble, wait_s, now)

    def shrink(self, size: int) -> None:
        """Begin a new upload with smaller parts, because parts of `size` bytes are refused."""
        self.part_bytes_at_most = max(1, size // 2)
        self.abandoned = self.created
        self.begin_again()

    @property
    def may_shrink(self) -> bool:
        """Whether smaller parts can be requested, and nothing is lost by that.

        The signer grants no parts that are too small for the store. The device may have released acknowledged bytes.
        """
        if self.created is None or self.parts.acknowledged:
            return False
        return self.part_bytes_at_most is None or self.created.parts.max_bytes <= self.part_bytes_at_most

    def move(self, take: int) -> None:
        """Use a higher take number; an upload that was opened with the old number is begun again."""
        if take > self.take:
            self.take = take
            if self.opening.state is StepState.DONE:
                self.begin_again()

    def doubt(self) -> None:
        """Ask the store which parts it has before anything is sent or finished. Do nothing without an open upload."""
        if self.created is not None and not self.is_completed and self.reconciling.state is StepState.DONE:
            self.reconciling.on(StepEvent.REOPENED)

    def reconcile(self, fact: UploadReconciled) -> None:
        """Adopt the store's list of parts; each was compared with what was recorded."""
        self.reconciling.on(StepEvent.SUCCEEDED)
        for part in fact.adopted:
            self.parts.adopt(part)
        stored = dict(fact.parts)
        self.parts.disown([number for number in self.parts.acknowledged if number not in stored])
        for number in stored.keys() & self.parts.waiting():
            self.acknowledge(number, stored[number])
        self.folding.note(fact.folded, self.parts)

    def note_cut(self, fact: PartCut) -> bool:
        """Note how a part was cut. Return whether its stream has just been sent whole, so that its reply is awaited."""
        if not self.streaming.is_open_at(fact.part.number, fact.part.offset):
            self.parts.note_cut(fact.part, fact.slot)
            return False
        self.parts.note_streamed(fact.part)
        self.streaming.end()
        return True

    def fold(self, fact: UploadFolded) -> None:
        """Note how far the store has folded small parts, and queue again those that it does not have."""
        self.folding.succeed(fact.folded, fact.missing, self.parts)

    def note_stuck(self, error: PartStuck) -> None:
        """Queue a part again that the store fails to fold, once that has been tried often enough."""
        self.folding.note_stuck(error, self.parts)

    # Requests of the candidate.

    def abandon(self) -> None:
        """Abort the upload, because another take counts."""
        self.disposition = Disposition.ABANDONED

    def discard(self) -> None:
        """Send nothing more of the upload, and do not wait for it. Do nothing if it is abandoned."""
        if self.disposition is Disposition.COUNTS:
            self.disposition = Disposition.DISCARDED

    def restore(self) -> None:
        """Continue the upload at once if it was discarded."""
        if self.disposition is Disposition.DISCARDED:
            self.disposition, self.refusals = Disposition.COUNTS, 0
            for step in self.steps():
                step.on(StepEvent.RETRIED)

    # What may be done now.

    def ready_part(
        self, now: float, *, may_be_new: bool = True, wanted: int = LARGEST, is_idle: bool = True
    ) -> Part | None:
        """Return the first part that may be sent; None if none may, or the store has to be asked first."""
        if not self.is_certain:
            return None
        may_cut = not self.is_streamed and self.streaming.open is None
        return self.parts.ready(now, may_be_new=may_be_new, may_cut=may_cut, wanted=wanted, is_idle=is_idle)

    def send(self, part: Part) -> SendPart:
        """Return the command to send a part that `ready_part` returned; the part is now in flight."""
        self.parts.send(part)
        return SendPart(self.ref, part)

    def steps(self) -> Iterator[Step]:
        yield self.opening
        for sent in self.parts.tried.values():
            yield sent.step
        yield self.reconciling
        if self.is_streamed and not self.is_completed:
            yield self.streaming.step
        if self.is_folded and not self.is_completed:
            yield self.folding.step
        yield self.finishing
        if self.disposition is Disposition.ABANDONED:
            yield self.dropping

    # What is true.

    @property
    def counts(self) -> bool:
        return self.disposition is Disposition.COUNTS

    @property
    def is_folded(self) -> bool:
        return self.created is not None and self.created.parts.window_bytes is not None

    @property
    def is_streamed(self) -> bool:
        return self.created is not None and self.created.parts.is_streamed and not self.stream_health.is_given_up

    @property
    def is_sending(self) -> bool:
        """Whether a part is in flight."""
        return self.streaming.step.is_in_flight or any(sent.step.is_in_flight for sent in self.parts.tried.values())

    @property
    def unsent(self) -> int:
        """Return the bytes that wait for the line: not sent yet, beyond what has to wait for a whole part."""
        waiting = self.recorded - self.parts.acknowledged_size - self.parts.under_way
        if self.streaming.open is not None:
            return max(0, waiting - self.streaming.open.sent)
        is_cut_later = self.created is not None and not self.has_ended
        return max(0, waiting - (self.parts.smallest_next if is_cut_later else 0))

    @property
    def is_acknowledged(self) -> bool:
        """Whether the store has every byte of an ended recording."""
        return self.stopped is not None and self.recorded > 0 and self.parts.acknowledged_size == self.recorded

    @property
    def is_completed(self) -> bool:
        return self.finishing.state is StepState.DONE

    @property
    def is_certain(self) -> bool:
        return self.reconciling.state is StepState.DONE
