"""Decide, across all uploads of a session, what is sent next."""

from collections.abc import Callable, Iterator

from app.contract import AnswerRecord, UploadMode, UploadPolicy
from app.core.errors import (
    Corrupted,
    UrlRejected,
)
from app.core.upload.book import UploadBook
from app.core.upload.document import Document
from app.core.upload.events import (
    AnswerStored,
    AnswerWritten,
    BytesSent,
    ChunkJournalled,
    Command,
    CommandFailed,
    DropUpload,
    EndpointsProbed,
    Fact,
    PartAcknowledged,
    ProbeEndpoints,
    ReconcileUpload,
    RecordingCutShort,
    RecordingStarted,
    RecordingStopped,
    Restored,
    SendPart,
    StoreAnswer,
    TakeDiscarded,
    TakeMoved,
    UploadAborted,
    UploadCompleted,
    UploadCreated,
    UploadReconciled,
)
from app.core.upload.failures import note_failure
from app.core.upload.refusals import Reached
from app.core.upload.steps import NEVER, StepEvent
from app.core.upload.upload import Disposition, Upload

# When an upload may begin: the three modes differ in nothing else.
_MAY_BEGIN: dict[UploadMode, Callable[[Upload, bool], bool]] = {
    UploadMode.PROGRESSIVE: lambda _, __: True,
    UploadMode.PER_ANSWER: lambda upload, _: upload.stopped is not None,
    UploadMode.BULK: lambda _, is_submitting: is_submitting,
}

# Facts that only a reply can have brought.
_REPLIES = (UploadCreated, PartAcknowledged, UploadReconciled, UploadCompleted, UploadAborted, AnswerStored)
# Refusals of a completion after which the store is asked what it has, instead of being told again.
_DOUBTFUL = (UrlRejected, Corrupted)
# To the store and not to the signer.
_TO_STORE = (SendPart, StoreAnswer)
LOOK_S = 1.0  # between two looks at both ends, while everybody answers them
LOOK_AGAIN_S = 5.0  # and once one has explained the silence
COMPARISONS = 4  # tries of one completion; then a person is told


class Scheduler(UploadBook):
    """Take facts, give commands. A command counts as started once it has been returned."""

    def __init__(self, policy: UploadPolicy) -> None:
        super().__init__(policy)
        self.part_bytes_at_most: int | None = None  # what has passed after larger parts were refused
        self.is_paused = False
        self.is_submitting = False  # only bulk waits for it

    # Facts in.

    def apply(self, fact: Fact, now: float, jitter: float = 0.0) -> None:  # noqa: C901  one flat case a fact
        """Take one fact. `now` is in clock seconds, `jitter` from 0 to below 1.

        Facts about what is not (or no longer) followed are let pass: a reply may come after a retake.

        Raises StepRefused if the fact cannot be true in the present state; nothing has changed then.
        """
        match fact:
            case RecordingStarted():
                self.uploads[fact.upload] = begun = Upload(fact.upload, fact.content_type, fact.take)
                begun.part_bytes_at_most = self.part_bytes_at_most
            case AnswerWritten(record=record):
                self._write(record)
            case AnswerStored(record=record):
                if (document := self.documents.get((record.question, record.take))) is not None:
                    document.stored(record)
            case CommandFailed():
                note_failure(self, fact, now, jitter)
            case EndpointsProbed(reached=reached):
                self._note_probe(reached, now)
            case TakeDiscarded():
                pass  # `put_aside` and `bring_back` are told by whoever knows the take
            case Restored():
                for restored in self.uploads.values():
                    restored.doubt()
            case _:
                if (upload := self.uploads.get(fact.upload)) is not None:
                    self._apply_to(upload, fact, now)
        if isinstance(fact, _REPLIES):
            self.hear(None, of_store=isinstance(fact, PartAcknowledged | AnswerStored))
        self.in_flight.note_idleness(now)

    def _apply_to(self, upload: Upload, fact: Fact, now: float) -> None:  # noqa: C901  one flat case a fact
        match fact:
            case ChunkJournalled():
                upload.grow(fact.size)
            case RecordingStopped():
                upload.stop(fact)
                if upload.recorded == 0:
                    del self.uploads[upload.ref]
            case RecordingCutShort():
                upload.cut_short(fact)
                self.in_flight.stop(upload.ref)
            case TakeMoved(take=take):
                upload.move(take)
                self.in_flight.stop(upload.ref)
            case UploadCreated():
                upload.open(fact)
            case BytesSent():
                self.in_flight.note_sent(fact.size, now)
            case PartAcknowledged():
                part = upload.acknowledge(fact.number, fact.etag)
                self.in_flight.note_arrival(SendPart(upload.ref, part))
                if upload.part_bytes_at_most is not None and upload.created is not None:
                    self.part_bytes_at_most = upload.created.part_bytes
            case UploadReconciled():
                upload.reconcile(fact.parts)
            case UploadCompleted() if upload.created is not None:  # else it has been begun again meanwhile
                upload.finishing.on(StepEvent.SUCCEEDED)
            case UploadAborted():
                del self.uploads[upload.ref]
                self.in_flight.stop(upload.ref)

    def _write(self, record: AnswerRecord) -> None:
        document = self.documents.get((record.question, record.take))
        if document is None:
            self.documents[record.question, record.take] = Document(record)
        else:
            document.rewrite(record)

    def _note_probe(self, reached: Reached, now: float) -> None:
        was_offline = self.is_offline
        self.probing.fail("", LOOK_S if reached.is_contradiction else LOOK_AGAIN_S, now)
        for unanswered in self.all_unanswered():
            unanswered.look(reached)
        self.in_flight.connectivity.note_probe(signer=reached.signer, store=reached.store)
        if was_offline and not self.is_offline:
            self.skip_backoff()

    def awaits(self, command: Command) -> bool:
        """Return whether the result of `command` is still needed: no retake, end or new upload has replaced it."""
        step = self.step_of(command)
        return step is not None and step.is_in_flight

    # What the candidate and the network ask for.

    def abandon(self, question: str, key: str, take: int) -> None:
        """Abort the uploads of the take with this key, open or not, and forget the text stored under its number."""
        self.documents.pop((question, take), None)
        for upload in self.of_take(question, key):
            upload.abandon()

    def discard(self, question: str, key: str) -> None:
        """Send nothing more of this take, nor wait for it; it may be brought back."""
        for upload in self.of_take(question, key):
            upload.discard()

    def restore(self, question: str, key: str) -> None:
        """Go on with a take that was put aside, at once."""
        for upload in self.of_take(question, key):
            upload.restore()

    def retry(self) -> None:
        """Try again at once whatever waits or has failed."""
        for upload in self.uploads.values():
            upload.refusals = 0
        for unanswered in self.all_unanswered():
            unanswered.clear()
        for step in self.steps():
            step.on(StepEvent.RETRIED)

    def set_online(self, is_online: bool) -> None:
        """Note what the browser says of the network. On its return nothing waits longer than it was asked to.

        Being told "offline" stops nothing by itself: browsers are wrong about it, and a try costs nothing.
        """
        self.in_flight.connectivity.note_browser(is_online)
        if is_online:
            self.skip_backoff()

    # Commands out.

    def next_commands(self, now: float) -> list[Command]:
        """Return what to do now, each once: small things first, then parts, the oldest answer's first."""
        commands: list[Command] = [*self._looks(now), *self._drops(now)]
        if not self.is_paused:
            commands += self._answers(now)
            commands += self._openings_and_finishings(now)
            commands += self.in_flight.parts(self._begun(), now)
        return commands

    def next_wake(self, now: float) -> float | None:
        """Return the clock second at which `next_commands` may have more to say; None: only a fact changes that."""
        waits = [step.not_before for step in self.steps() if not step.is_in_flight]
        if self._wants_probe and not self.probing.is_in_flight:
            waits.append(self.probing.not_before)
        waits.append(self.in_flight.not_before)
        return min((at for at in waits if now < at < NEVER), default=None)

    @property
    def _wants_probe(self) -> bool:
        return self.in_flight.connectivity.wants_probe or any(one.wants_probe for one in self.all_unanswered())

    def _looks(self, now: float) -> Iterator[Command]:
        if self._wants_probe and self.probing.is_ready(now):
            self.probing.on(StepEvent.STARTED)
            yield ProbeEndpoints()

    def _drops(self, now: float) -> Iterator[Command]:
        for upload in self.uploads.values():
            if upload.disposition is Disposition.ABANDONED and upload.dropping.is_ready(now):
                upload.dropping.on(StepEvent.STARTED)
                self.in_flight.stop(upload.ref)  # cancelled with it: the next take need not wait for the store
                yield DropUpload(upload.ref)

    def _answers(self, now: float) -> Iterator[Command]:
        for document in self.documents.values():
            if document.step.is_ready(now):
                document.step.on(StepEvent.STARTED)
                yield StoreAnswer(document.record)

    def _openings_and_finishings(self, now: float) -> Iterator[Command]:
        for upload in self._begun():
            if upload.reconciling.is_ready(now):
                upload.reconciling.on(StepEvent.STARTED)
                yield ReconcileUpload(upload.ref)
            if (opening := upload.opening_command(now)) is not None:
                upload.opening.on(StepEvent.STARTED)
                yield opening
            if (finishing := upload.finishing_command(now)) is not None:
                upload.finishing.on(StepEvent.STARTED)
                yield finishing

    def _begun(self) -> Iterator[Upload]:
        may_begin = _MAY_BEGIN[self.policy.mode]
        for upload in self.uploads.values():
            if upload.counts and may_begin(upload, self.is_submitting):
                yield upload
