"""Begin where an earlier visit of this page ended: the journal tells its facts again."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from app.contract import AnswerRecord
from app.core.errors import JournalFull, JournalUnread
from app.core.ports import Ports
from app.core.session.answers import Answer, Phase
from app.core.upload.events import (
    AnswerStored,
    AnswerWritten,
    ChunkJournalled,
    CommandFailed,
    EndpointsProbed,
    Fact,
    RecordingId,
    RecordingStarted,
    RecordingStopped,
    Restored,
    TakeDiscarded,
    TakeMoved,
    UploadCreated,
)
from app.core.upload.steps import StepRefused
from app.journal.keeping import forget
from app.recording.minimum_length import COUNTS_FROM_S
from app.upload.checksums import sha256_of
from app.upload.uploader import Uploader


@dataclass(frozen=True, slots=True)
class Recovered:
    """What an earlier visit has left."""

    uploads: frozenset[RecordingId]  # they go on
    cut_off: dict[str, float]  # question → seconds that were recorded when the page ended


def restore_stored(answers: Mapping[str, Answer], records: Iterable[AnswerRecord]) -> None:
    """Take over what the bucket has of this session: it may have been given on another device."""
    for record in records:
        _restore_answer(answers, record)


async def restore(answers: Mapping[str, Answer], ports: Ports, uploader: Uploader) -> Recovered:
    """Replay the journal into `answers` and, through `uploader`, into the schedule.

    A recording that was never stopped ended with the page: it is closed here, as interrupted. What belongs to no
    question of this interview is set aside.
    """
    recordings, written = _Recordings(), set()
    facts = await ports.journal.replay()
    takes = _takes_of(facts)
    stopped = [fact for fact in facts if isinstance(fact, RecordingStopped)]
    arrived = {fact.upload for fact in stopped if _has_arrived(fact, takes.get(fact.upload, 0), answers)}
    arrived |= _slips(facts, takes)
    for fact in facts:
        if _question_of(fact) not in answers or _is_of(fact, arrived):
            continue
        if isinstance(fact, AnswerWritten):
            written.add(fact.record.question)
            _restore_answer(answers, fact.record)
            continue
        with suppress(StepRefused):  # a torn row, or one of a chunk that the disk had not taken: set aside
            uploader.tell(fact)
            recordings.note(fact)
    # All of this before anything is waited for: an upload may be complete meanwhile.
    take_of = partial(_take_of, uploader)
    for ref in recordings.begun():
        _restore_take(answers, ref, take_of(ref), recordings.sizes[ref][1])
    # Given up, and the page went before the store knew.
    given_up = {ref for ref in recordings.begun() if take_of(ref) < answers[ref.question].take}
    for ref in given_up:
        uploader.scheduler.give_up(ref.question, ref.key, take_of(ref))
    _discard(answers, [fact for fact in facts if isinstance(fact, TakeDiscarded)], uploader)
    for question in written:
        _tell_written(answers[question], uploader)
    uploader.tell(Restored())
    for ref in arrived:
        await forget(ports.journal, ref)
    for ref, (size, elapsed_s) in recordings.unfinished().items():
        if ref not in given_up:
            await _end(ref, size, elapsed_s, ports, uploader)
    going_on = (ref for ref in recordings.begun() if take_of(ref) == answers[ref.question].take)
    return Recovered(frozenset(going_on), _cut_off(answers, recordings, take_of))


def _discard(answers: Mapping[str, Answer], facts: Iterable[TakeDiscarded], uploader: Uploader) -> None:
    """Have those takes not count that the candidate has discarded, unless a later one has replaced them."""
    for fact in facts:
        answer = answers.get(fact.question)
        if answer is None or answer.phase is not Phase.TAKEN or answer.take != fact.take:
            continue
        discarded = answer.set_aside()
        uploader.scheduler.put_aside(fact.question, discarded.key)


def _takes_of(facts: Iterable[Fact]) -> dict[RecordingId, int]:
    """Return each recording's take number in the bucket, the last that the journal knows."""
    takes = {}
    for fact in facts:
        if isinstance(fact, RecordingStarted | TakeMoved):
            takes[fact.upload] = fact.take
    return takes


def _slips(facts: Iterable[Fact], takes: Mapping[RecordingId, int]) -> set[RecordingId]:
    """Return the recordings that did not count yet when the page went, and would replace a discarded take."""
    lengths: dict[RecordingId, float] = {}
    counted, discarded = set[RecordingId](), dict[str, int]()
    for fact in facts:
        match fact:
            case TakeDiscarded(question=question, take=take):
                discarded[question] = take
            case ChunkJournalled(upload=ref, elapsed_s=elapsed_s):
                lengths[ref] = elapsed_s
            case RecordingStopped(upload=ref) | UploadCreated(upload=ref):
                counted.add(ref)
            case _:
                pass
    return {
        ref
        for ref, elapsed_s in lengths.items()
        if ref not in counted and elapsed_s < COUNTS_FROM_S and 0 < discarded.get(ref.question, 0) < takes.get(ref, 0)
    }


def _has_arrived(stopped: RecordingStopped, take: int, answers: Mapping[str, Answer]) -> bool:
    """Whether the bucket has this very recording: the disk may have been too full for a note of it."""
    ref = stopped.upload
    answer = answers.get(ref.question)
    record = answer.tracks.get(ref.track) if answer is not None and answer.take == take else None
    return record is not None and stopped.sha256 is not None and record.sha256 == stopped.sha256


def _is_of(fact: Fact, uploads: set[RecordingId]) -> bool:
    others = AnswerWritten | AnswerStored | TakeDiscarded | CommandFailed | EndpointsProbed | Restored
    return not isinstance(fact, others) and fact.upload in uploads


def _tell_written(answer: Answer, uploader: Uploader) -> None:
    """Have answer.json stored again as it stands: nobody knows whether it was. A take of nothing needs none."""
    record = answer.record()
    if record.text is not None or answer.tracks:
        uploader.tell(AnswerWritten(record))


async def _end(ref: RecordingId, size: int, elapsed_s: float, ports: Ports, uploader: Uploader) -> None:
    """Close a recording that ended with its page."""
    try:
        sha256 = await sha256_of(ports.journal, ports.digester, ref, size)
    except JournalUnread:
        sha256 = None  # the recording is more than its digest
    stopped = RecordingStopped(ref, sha256, elapsed_s, interrupted=True, size=size)
    with suppress(JournalFull):  # the next visit closes it again
        if size:
            await ports.journal.note(stopped)
        else:
            await ports.journal.forget(ref)  # or its end would be told of the next recording of this take
    uploader.tell(stopped)


def _cut_off(
    answers: Mapping[str, Answer], recordings: "_Recordings", take_of: Callable[[RecordingId], int]
) -> dict[str, float]:
    """Return how far each answer had come whose last take was never stopped."""
    unfinished = recordings.unfinished().items()
    return {
        ref.question: elapsed_s
        for ref, (size, elapsed_s) in unfinished
        if size and take_of(ref) == answers[ref.question].take
    }


class _Recordings:
    """What the replayed facts say of each recording."""

    def __init__(self) -> None:
        self.sizes: dict[RecordingId, tuple[int, float]] = {}  # bytes and seconds in the journal
        self._stopped: set[RecordingId] = set()

    def note(self, fact: Fact) -> None:
        match fact:
            case RecordingStarted(upload=ref):
                self.sizes[ref] = (0, 0.0)
            case ChunkJournalled(upload=ref):
                self.sizes[ref] = (self.sizes[ref][0] + fact.size, fact.elapsed_s)
            case RecordingStopped(upload=ref):
                self._stopped.add(ref)
            case _:
                pass

    def begun(self) -> list[RecordingId]:
        """Return those of which the journal has any byte: a crash may come between a beginning and its first chunk."""
        return [ref for ref, (size, _) in self.sizes.items() if size]

    def unfinished(self) -> dict[RecordingId, tuple[int, float]]:
        return {ref: sums for ref, sums in self.sizes.items() if ref not in self._stopped}


def _question_of(fact: Fact) -> str:
    match fact:
        case AnswerWritten(record=record) | AnswerStored(record=record):
            return record.question
        case TakeDiscarded() | CommandFailed() | EndpointsProbed() | Restored():
            return ""  # that one is looked at when all takes are known; no journal keeps the others
        case _:
            return fact.upload.question


def _restore_answer(answers: Mapping[str, Answer], record: AnswerRecord) -> None:
    answer = answers.get(record.question)
    if answer is None:
        return
    # The bucket's comes first. The journal's counts where it was changed more often: it may be what this device had
    # before another went on. 0: an older version's, which did not count.
    if record.revision > answer.revision or answer.revision == 0:
        answer.text, answer.revision = record.text or "", record.revision
    if record.take < answer.take:
        return
    # What is stored of a take stays stored, although this device may only know of its text.
    answer.tracks = (answer.tracks if record.take == answer.take else {}) | record.tracks
    answer.take = record.take
    answer.given = frozenset(answer.tracks)
    answer.duration_s = max((track.duration_s for track in answer.tracks.values()), default=0.0) or None
    answer.phase = Phase.TAKEN if answer.tracks else Phase.READY


def _take_of(uploader: Uploader, ref: RecordingId) -> int:
    """Return a recording's take number in the bucket; 0 if the scheduler does not follow it."""
    upload = uploader.scheduler.uploads.get(ref)
    return upload.take if upload is not None else 0


def _restore_take(answers: Mapping[str, Answer], ref: RecordingId, take: int, elapsed_s: float) -> None:
    answer = answers.get(ref.question)
    if answer is None or take < answer.take:
        return
    if take > answer.take:
        answer.take, answer.tracks, answer.given = take, {}, frozenset()
    answer.key = ref.key
    answer.phase, answer.given = Phase.TAKEN, answer.given | {ref.track}
    answer.duration_s = elapsed_s or None
