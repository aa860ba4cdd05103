"""Decide, across all uploads of a session, what is sent next."""

from collections.abc import Callable, Iterator

from app.contract import AnswerRecord, UploadMode, UploadPolicy
from app.core.upload.book import UploadBook
from app.core.upload.commands import Command, DropUpload, ProbeEndpoints, StoreAnswer
from app.core.upload.disposition import Disposition
from app.core.upload.document import Document
from app.core.upload.due import due_commands
from app.core.upload.events import (
    AnswerStored,
    AnswerWritten,
    BytesSent,
    ChunkJournalled,
    CommandFailed,
    EndpointsProbed,
    Fact,
    PartAcknowledged,
    PartCut,
    RecordingCutShort,
    RecordingEnded,
    RecordingStarted,
    RecordingStopped,
    Restored,
    TakeDiscarded,
    TakeMoved,
    UploadAborted,
    UploadCompleted,
    UploadCreated,
    UploadFolded,
    UploadReconciled,
)
from app.core.upload.failures import note_failure
from app.core.upload.refusals import Reached
from app.core.upload.steps import NEVER, StepEvent
from app.core.upload.upload import Upload

# When an upload may begin: the three modes differ in nothing else.
_MAY_BEGIN: dict[UploadMode, Callable[[Upload, bool], bool]] = {
    UploadMode.PROGRESSIVE: lambda _, __: True,
    UploadMode.PER_ANSWER: lambda upload, _: upload.has_ended,
    UploadMode.BULK: lambda _, is_submitting: is_submitting,
}

# Facts that prove that a reply has come.
_REPLIES = (
    UploadCreated,
    PartAcknowledged,
    UploadReconciled,
    UploadFolded,
    UploadCompleted,
    UploadAborted,
    AnswerStored,
)
LOOK_S = 1.0  # between two probes, while signer and store answer them
LOOK_AGAIN_S = 5.0  # between two probes, once one has explained the silence


class Scheduler(UploadBook):
    """Apply facts, and return commands. A command counts as started once it was returned."""

    def __init__(self, policy: UploadPolicy) -> None:
        super().__init__(policy)
        self.part_bytes_at_most: int | None = None  # accepted after larger ones were refused; None: no limit
        self.is_paused = False
        self.is_submitting = False  # only bulk uploads wait for it

    # Facts in.

    def apply(self, fact: Fact, now: float, jitter: float = 0.0) -> None:  # noqa: C901  one flat case a fact
        """Apply one fact. `now` is in clock seconds, `jitter` from 0 to below 1.

        Facts about an upload or document that is not known (any more) are ignored: a reply may come after a retake.

        Raises StepRefused if the fact cannot be true in the present state; nothing has changed then.
        """
        match fact:
            case RecordingStarted():
                self.uploads[fact.upload] = begun = Upload(fact.upload, fact.content_type, fact.take)
                begun.part_bytes_at_most = self.part_bytes_at_most
                begun.stream_health = self.stream_health
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
                pass  # the session calls `discard` and `restore`, as it knows the take's key
            case Restored():
                for restored in self.uploads.values():
                    restored.doubt()
            case _:
                if (upload := self.uploads.get(fact.upload)) is not None:
                    self._apply_to(upload, fact, now)
        if isinstance(fact, _REPLIES):
            self.hear(None, of_store=isinstance(fact, PartAcknowledged | AnswerStored))
        self.in_flight.note_idleness(now)

    def _apply_to(self, upload: Upload, fact: Fact, now: float) -> None:  # noqa: C901, PLR0912  one flat case a fact
        match fact:
            case ChunkJournalled():
                upload.grow(fact.size)
            case RecordingEnded():
                upload.end()
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
                if fact.number is not None:
                    upload.parts.note_sent(fact.number, fact.size)
            case PartAcknowledged():
                if self.in_flight.note_arrival(upload.ref, upload.acknowledge(fact.number, fact.etag)):
                    self.stream_health.succeed()
                if upload.part_bytes_at_most is not None and upload.created is not None:
                    self.part_bytes_at_most = upload.created.parts.max_bytes
            case PartCut():
                if upload.note_cut(fact):
                    self.in_flight.note_cut(upload.ref, fact.part)
            case UploadReconciled():
                upload.reconcile(fact)
            case UploadFolded():
                upload.fold(fact)
            case UploadCompleted() if upload.created is not None:  # else the upload was begun again meanwhile
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
        self.stream_health.note_probe()
        self.in_flight.connectivity.note_probe(signer=reached.signer, store=reached.store)
        if was_offline and not self.is_offline:
            self.skip_backoff()

    def awaits(self, command: Command) -> bool:
        """Return whether the result of `command` is still needed: no retake, end or new upload has replaced it."""
        step = self.step_of(command)
        return step is not None and step.is_in_flight

    # Requests of the candidate, and reports of the browser.

    def abandon(self, question: str, key: str, take: int) -> None:
        """Abort the uploads of the take with this key, open or not, and forget the answer.json of its number."""
        self.documents.pop((question, take), None)
        for upload in self.of_take(question, key):
            upload.abandon()

    def discard(self, question: str, key: str) -> None:
        """Send nothing more of this take, and do not wait for it; `restore` undoes this."""
        for upload in self.of_take(question, key):
            upload.discard()

    def restore(self, question: str, key: str) -> None:
        """Continue at once with a discarded take."""
        for upload in self.of_take(question, key):
            upload.restore()

    def retry(self) -> None:
        """Try everything that waits or has failed again at once."""
        for upload in self.uploads.values():
            upload.refusals = 0
        for unanswered in self.all_unanswered():
            unanswered.clear()
        for step in self.steps():
            step.on(StepEvent.RETRIED)

    def set_online(self, is_online: bool) -> None:
        """Note what the browser reports. If it is "online", skip every back-off that the server did not ask for.

        "Offline" stops nothing by itself: browsers may be wrong about it, and a try costs nothing.
        """
        self.in_flight.connectivity.note_browser(is_online)
        if is_online:
            self.skip_backoff()

    # Commands out.

    def next_commands(self, now: float) -> list[Command]:
        """Return the commands to carry out now, each once: small ones first, then parts, the oldest answer's first."""
        commands: list[Command] = [*self._looks(now), *self._drops(now)]
        if not self.is_paused:
            commands += self._answers(now)
            commands += [command for upload in self._begun() for command in due_commands(upload, now)]
            commands += self.in_flight.parts(self._begun(), now)
            commands += self.in_flight.streams(self._begun(), now)
        return commands

    def next_wake(self, now: float) -> float | None:
        """Return the clock second at which `next_commands` may return more; None if only a fact can change that."""
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
                self.in_flight.stop(upload.ref)  # its parts are cancelled: the next take need not wait for the store
                yield DropUpload(upload.ref)

    def _answers(self, now: float) -> Iterator[Command]:
        for document in self.documents.values():
            if document.step.is_ready(now):
                document.step.on(StepEvent.STARTED)
                yield StoreAnswer(document.record)

    def _begun(self) -> Iterator[Upload]:
        may_begin = _MAY_BEGIN[self.policy.mode]
        for upload in self.uploads.values():
            if upload.counts and may_begin(upload, self.is_submitting):
                yield upload
