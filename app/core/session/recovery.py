"""Restore the answers of an earlier visit from the records in the bucket and the facts in the journal."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from app.contract import AnswerRecord
from app.core.session.answers import COUNTS_FROM_S, Answer, Phase
from app.core.upload.events import (
    AnswerStored,
    AnswerWritten,
    ChunkJournalled,
    CommandFailed,
    EndpointsProbed,
    Fact,
    RecordingStarted,
    RecordingStopped,
    Restored,
    TakeDiscarded,
    TakeMoved,
    UploadCreated,
)
from app.core.upload.recording_id import RecordingId


class EarlierVisit:
    """Fold the records and facts of an earlier visit into `answers`."""

    def __init__(self, answers: Mapping[str, Answer], stored: Iterable[AnswerRecord], facts: Iterable[Fact]) -> None:
        """`stored` are the session's records in the bucket; another device may have written them."""
        self.answers = dict(answers)
        self._facts = list(facts)
        self._sizes: dict[RecordingId, tuple[int, float]] = {}  # bytes and seconds in the journal
        self._stopped: set[RecordingId] = set()
        self._written: set[str] = set()  # questions of which the journal has an answer.json
        for record in stored:
            self._take_in_record(record)
        self._takes = _takes_of(self._facts)
        self.gone = self._arrived() | _too_short(self._facts, self._takes)  # recordings whose rows are no longer needed

    def to_tell(self) -> Iterator[Fact]:
        """Yield the facts for the uploads, but none of other interviews or of recordings in `gone`.

        An AnswerWritten is not yielded, but folded into `answers`.
        """
        for fact in self._facts:
            if _question_of(fact) not in self.answers or _is_of(fact, self.gone):
                continue
            if isinstance(fact, AnswerWritten):
                self._written.add(fact.record.question)
                self._take_in_record(fact.record)
            else:
                yield fact

    def note(self, fact: Fact) -> None:
        """Note a fact that the uploads have accepted."""
        match fact:
            case RecordingStarted(upload=ref):
                self._sizes[ref] = (0, 0.0)
            case ChunkJournalled(upload=ref):
                self._sizes[ref] = (self._sizes[ref][0] + fact.size, fact.elapsed_s)
            case RecordingStopped(upload=ref):
                self._stopped.add(ref)
            case _:
                pass

    def restore_takes(self) -> None:
        """Make each question's last take count, unless the candidate has discarded it."""
        for ref in self._begun():
            self.answers[ref.question] = _with_recording(
                self.answers[ref.question], ref, self.take_of(ref), self._sizes[ref][1]
            )
        for fact in self._facts:
            if isinstance(fact, TakeDiscarded) and (answer := self.answers.get(fact.question)) is not None:
                # Do not discard a take that a later one has replaced.
                is_last = answer.phase is Phase.TAKEN and answer.take == fact.take
                self.answers[fact.question] = answer.set_aside() if is_last else answer

    def take_of(self, ref: RecordingId) -> int:
        """Return a recording's take number in the bucket: the last one in the journal."""
        return self._takes[ref]

    def replaced(self) -> set[RecordingId]:
        """Return the recordings that a later take has replaced; the page closed before the store was told."""
        return {ref for ref in self._begun() if self.take_of(ref) < self._counting_take(ref)}

    def going_on(self) -> frozenset[RecordingId]:
        return frozenset(ref for ref in self._begun() if self.take_of(ref) == self.answers[ref.question].take)

    def unfinished(self) -> dict[RecordingId, tuple[int, float]]:
        """Return bytes and seconds of the recordings that were not stopped before the page closed."""
        return {ref: sums for ref, sums in self._sizes.items() if ref not in self._stopped}

    def cut_off(self) -> dict[str, float]:
        """Return, by question, the seconds of the last take if the page closed while it was recorded."""
        return {
            ref.question: elapsed_s
            for ref, (size, elapsed_s) in self.unfinished().items()
            if size and self.take_of(ref) == self.answers[ref.question].take
        }

    def records(self) -> Iterator[AnswerRecord]:
        """Yield the current answer.json of each question for which it may not be stored, unless it would be empty."""
        for question in self._written:
            record = self.answers[question].record()
            if record.text is not None or self.answers[question].tracks:
                yield record

    def _begun(self) -> list[RecordingId]:
        """Return the recordings that have bytes in the journal: a crash may come before the first chunk."""
        return [ref for ref, (size, _) in self._sizes.items() if size]

    def _counting_take(self, ref: RecordingId) -> int:
        answer = self.answers[ref.question]
        return answer.discarded.take if answer.discarded is not None else answer.take

    def _take_in_record(self, record: AnswerRecord) -> None:
        if (answer := self.answers.get(record.question)) is not None:
            self.answers[record.question] = _with_record(answer, record)

    def _arrived(self) -> set[RecordingId]:
        """Return the recordings that the bucket has: the disk may have been too full to note this in the journal."""
        return {fact.upload for fact in self._facts if isinstance(fact, RecordingStopped) and self._has_arrived(fact)}

    def _has_arrived(self, stopped: RecordingStopped) -> bool:
        ref = stopped.upload
        answer = self.answers.get(ref.question)
        if answer is None or answer.take != self._takes.get(ref) or stopped.sha256 is None:
            return False
        record = answer.tracks.get(ref.track)
        return record is not None and record.sha256 == stopped.sha256


def _with_record(answer: Answer, record: AnswerRecord) -> Answer:
    """Return the answer with the content of an answer.json."""
    # The bucket's record comes first. The journal's text counts only if its revision is higher: it may be older than
    # what another device has stored. Revision 0: from an older version, which did not count revisions.
    if record.revision > answer.revision or answer.revision == 0:
        answer = replace(answer, text=record.text or "", revision=record.revision)
    if record.take < answer.take:
        return answer
    # The stored tracks of this take stay, even if this device's record has only the text.
    tracks = {**(answer.tracks if record.take == answer.take else {}), **record.tracks}
    return replace(
        answer,
        tracks=tracks,
        take=record.take,
        given=frozenset(tracks),
        duration_s=max((track.duration_s for track in tracks.values()), default=0.0) or None,
        phase=Phase.TAKEN if tracks else Phase.READY,
    )


def _with_recording(answer: Answer, ref: RecordingId, take: int, elapsed_s: float) -> Answer:
    """Return the answer with a recording from the journal; unchanged if a later take counts."""
    if take < answer.take:
        return answer
    if take > answer.take:
        answer = replace(answer, take=take, tracks={}, given=frozenset())
    return replace(
        answer, key=ref.key, phase=Phase.TAKEN, given=answer.given | {ref.track}, duration_s=elapsed_s or None
    )


def _takes_of(facts: Iterable[Fact]) -> dict[RecordingId, int]:
    takes = dict[RecordingId, int]()
    for fact in facts:
        if isinstance(fact, RecordingStarted | TakeMoved):
            takes[fact.upload] = max(fact.take, takes.get(fact.upload, 0))
    return takes


def _too_short(facts: Iterable[Fact], takes: Mapping[RecordingId, int]) -> set[RecordingId]:
    """Return the recordings that did not count yet when the page closed, and would replace a discarded take."""
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


def _is_of(fact: Fact, recordings: set[RecordingId]) -> bool:
    others = AnswerWritten | AnswerStored | TakeDiscarded | CommandFailed | EndpointsProbed | Restored
    return not isinstance(fact, others) and fact.upload in recordings


def _question_of(fact: Fact) -> str:
    match fact:
        case AnswerWritten(record=record) | AnswerStored(record=record):
            return record.question
        case TakeDiscarded() | CommandFailed() | EndpointsProbed() | Restored():
            return ""  # `restore_takes` reads TakeDiscarded; no journal keeps the others
        case _:
            return fact.upload.question
