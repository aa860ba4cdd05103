"""Decide, across all uploads of a session, what is sent next."""

from collections.abc import Callable, Iterator

from app.contract import AnswerRecord, TroubleKind, UploadMode, UploadPolicy
from app.core.errors import (
    Corrupted,
    NetworkFailed,
    StoreBusy,
    UploadError,
    UploadLost,
    UrlExpired,
    UrlRejected,
)
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
    FinishUpload,
    PartAcknowledged,
    ProbeEndpoints,
    ReconcileUpload,
    RecordingCutShort,
    RecordingId,
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
from app.core.upload.in_flight import InFlight
from app.core.upload.refusals import Reached, Unanswered, trouble_of
from app.core.upload.retry import FRESH_URLS, Wait, backoff_s, refused_wait_s, wait_for
from app.core.upload.steps import NEVER, Step, StepEvent
from app.core.upload.upload import Upload

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


class Scheduler:
    """Take facts, give commands. A command counts as started once it has been returned."""

    def __init__(self, policy: UploadPolicy) -> None:
        self.policy = policy
        self.uploads: dict[RecordingId, Upload] = {}  # in the order in which they were begun
        self.documents: dict[tuple[str, int], Document] = {}  # by question and take
        self.in_flight = InFlight(policy.parallel_parts)
        self.probing = Step()
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
                self._note_failure(fact, now, jitter)
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
            self._hear(None, of_store=isinstance(fact, PartAcknowledged | AnswerStored))
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

    def _note_failure(self, fact: CommandFailed, now: float, jitter: float) -> None:
        command, error = fact.command, fact.error
        if isinstance(command, SendPart):
            self.in_flight.note_end(command)
        step = self._step_of(command)
        if step is None or not step.is_in_flight:
            return  # overtaken by a retake or a new beginning
        self._hear(error, of_store=isinstance(command, _TO_STORE))
        if isinstance(error, UploadLost) and isinstance(command, SendPart | FinishUpload | ReconcileUpload):
            self._begin_again(self.uploads[command.upload], error, now, jitter)
            return
        unanswered = self._unanswered_of(command)
        unanswered.note(error)
        is_silence = self.in_flight.connectivity.is_silent and isinstance(error, NetworkFailed)
        if not is_silence:  # offline, no tries are spent
            step.count(error)
        failures = step.refusals if isinstance(error, UrlExpired) else step.failures
        wait = wait_for(error, self.policy, failures, jitter, is_offline=is_silence)
        if isinstance(command, FinishUpload) and isinstance(error, _DOUBTFUL):
            self.uploads[command.upload].doubt()
            wait = Wait(backoff_s(self.policy, failures, jitter) if failures < COMPARISONS else None)
        if isinstance(command, SendPart) and isinstance(error, UrlExpired):
            upload = self.uploads[command.upload]
            upload.refusals += 1
            failures = max(failures, upload.refusals)  # for all parts together: each new one would ask as often again
        if isinstance(error, StoreBusy):
            self.in_flight.ease(now + wait.asked_s)
        has_passed = isinstance(command, SendPart) and bool(self.uploads[command.upload].acknowledged)
        trouble = trouble_of(error, unanswered, failures, has_passed=has_passed)
        if trouble is None or not isinstance(command, _TO_STORE):
            step.fail(str(error), wait.duration_s, now, wait.asked_s)
        elif isinstance(command, SendPart) and self._may_pass_smaller(command, trouble):
            self.uploads[command.upload].shrink(command.part.size)
            self.in_flight.stop(command.upload)
        else:
            step.refuse(_sentence_of(trouble, error), trouble, refused_wait_s(self.policy), now)

    def _may_pass_smaller(self, command: SendPart, trouble: TroubleKind) -> bool:
        """Whether size may be the reason, and nothing is given up by it: the device may have let go of what arrived."""
        upload = self.uploads[command.upload]
        is_of_size = trouble in (TroubleKind.TOO_LARGE, TroubleKind.BLOCKED)
        return is_of_size and not upload.acknowledged and upload.may_shrink

    def _unanswered_of(self, command: Command) -> Unanswered:
        match command:
            case SendPart(upload=ref):
                return self.uploads[ref].unanswered
            case StoreAnswer(record=record):
                return self.documents[record.question, record.take].unanswered
        return Unanswered()  # the signer's silence is the network's

    def _silences(self) -> Iterator[Unanswered]:
        for upload in self.uploads.values():
            yield upload.unanswered
        for document in self.documents.values():
            yield document.unanswered

    def _note_probe(self, reached: Reached, now: float) -> None:
        was_offline = self.is_offline
        self.probing.fail("", LOOK_S if reached.is_contradiction else LOOK_AGAIN_S, now)
        for unanswered in self._silences():
            unanswered.look(reached)
        self.in_flight.connectivity.note_probe(signer=reached.signer, store=reached.store)
        if was_offline and not self.is_offline:
            self.skip_backoff()

    def _hear(self, error: UploadError | None, *, of_store: bool) -> None:
        """Follow the network: None is a reply. Its return ends every wait that nobody has asked for."""
        if self.in_flight.hear(error, of_store=of_store):
            self.skip_backoff()

    def skip_backoff(self) -> None:
        """Wait no longer than was asked for: something has changed for the better."""
        for step in self.steps():
            step.skip_backoff()

    def _begin_again(self, upload: Upload, error: UploadLost, now: float, jitter: float) -> None:
        upload.losses += 1
        upload.vain_losses += 1
        upload.begin_again()
        # A store that loses every upload must not be asked for new ones in a rush.
        upload.opening.not_before = now + backoff_s(self.policy, upload.losses, jitter)
        if upload.vain_losses > FRESH_URLS:  # one that loses them before it has taken a part will never take one
            upload.opening.on(StepEvent.STARTED)
            upload.opening.refuse(str(error), TroubleKind.UNABLE, refused_wait_s(self.policy), now)
        self.in_flight.stop(upload.ref)

    def awaits(self, command: Command) -> bool:
        """Whether what `command` brings is still wanted: no retake, end or new beginning has overtaken it."""
        step = self._step_of(command)
        return step is not None and step.is_in_flight

    def _step_of(self, command: Command) -> Step | None:
        if isinstance(command, ProbeEndpoints):
            return self.probing
        if isinstance(command, StoreAnswer):
            document = self.documents.get((command.record.question, command.record.take))
            return document.step if document is not None else None
        upload = self.uploads.get(command.upload)
        if upload is None:
            return None
        return upload.dropping if isinstance(command, DropUpload) else upload.step_of(command)

    # What the candidate and the network ask for.

    def give_up(self, question: str, key: str, take: int) -> None:
        """Abort the uploads of the take with this key, open or not, and forget the text stored under its number."""
        self.documents.pop((question, take), None)
        for upload in self._of_take(question, key):
            upload.is_given_up, upload.is_put_aside = True, False

    def put_aside(self, question: str, key: str) -> None:
        """Send nothing more of this take, nor wait for it; it may be brought back."""
        for upload in self._of_take(question, key):
            upload.is_put_aside = not upload.is_given_up

    def bring_back(self, question: str, key: str) -> None:
        """Go on with a take that was put aside, at once."""
        for upload in self._of_take(question, key):
            if upload.is_put_aside:
                upload.is_put_aside, upload.refusals = False, 0
                for step in upload.steps():
                    step.on(StepEvent.RETRIED)

    def _of_take(self, question: str, key: str) -> Iterator[Upload]:
        return (one for one in self.uploads.values() if (one.ref.question, one.ref.key) == (question, key))

    def recordings_in(self, record: AnswerRecord) -> list[RecordingId]:
        """Return the recordings that this page knows of those that `record` names."""
        return [
            one.ref
            for one in self.uploads.values()
            if (one.ref.question, one.take) == (record.question, record.take) and one.ref.track in record.tracks
        ]

    def retry(self) -> None:
        """Try again at once whatever waits or has failed."""
        for upload in self.uploads.values():
            upload.refusals = 0
        for unanswered in self._silences():
            unanswered.clear()
        for step in self.steps():
            step.on(StepEvent.RETRIED)

    @property
    def is_offline(self) -> bool:
        return self.in_flight.is_offline

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
        return self.in_flight.connectivity.wants_probe or any(unanswered.wants_probe for unanswered in self._silences())

    def _looks(self, now: float) -> Iterator[Command]:
        if self._wants_probe and self.probing.is_ready(now):
            self.probing.on(StepEvent.STARTED)
            yield ProbeEndpoints()

    def _drops(self, now: float) -> Iterator[Command]:
        for upload in self.uploads.values():
            if upload.is_given_up and upload.dropping.is_ready(now):
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
            if not (upload.is_given_up or upload.is_put_aside) and may_begin(upload, self.is_submitting):
                yield upload

    def steps(self) -> Iterator[Step]:
        for document in self.documents.values():
            yield document.step
        for upload in self.uploads.values():
            if not upload.is_put_aside:
                yield from upload.steps()


def _sentence_of(trouble: TroubleKind, error: UploadError) -> str:
    if trouble is TroubleKind.BLOCKED:  # all that the error knows is that there was no reply
        return "The store answers, but takes nothing from this page: its CORS rule, or a gateway's limit."
    return str(error)
