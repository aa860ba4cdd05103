"""What the bucket and the journal say of an earlier visit, folded into the answers."""

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
    RecordingId,
    RecordingStarted,
    RecordingStopped,
    Restored,
    TakeDiscarded,
    TakeMoved,
    UploadCreated,
)


class EarlierVisit:
    """Follow the journal's facts in their order; `answers` is what they come to."""

    def __init__(self, answers: Mapping[str, Answer], stored: Iterable[AnswerRecord], facts: Iterable[Fact]) -> None:
        """`stored` is what the bucket has of this session: it may have been given on another device."""
        self.answers = dict(answers)
        self._facts = list(facts)
        self._sizes: dict[RecordingId, tuple[int, float]] = {}  # bytes and seconds in the journal
        self._stopped: set[RecordingId] = set()
        self._written: set[str] = set()  # questions whose answer.json the journal names
        for record in stored:
            self._take_in_record(record)
        self._takes = _takes_of(self._facts)
        self.gone = self._arrived() | _too_short(self._facts, self._takes)  # recordings whose rows are not needed

    def to_tell(self) -> Iterator[Fact]:
        """Return what the uploads must be told; a fact of another interview, or of what is `gone`, is left out."""
        for fact in self._facts:
            if _question_of(fact) not in self.answers or _is_of(fact, self.gone):
                continue
            if isinstance(fact, AnswerWritten):
                self._written.add(fact.record.question)
                self._take_in_record(fact.record)
            else:
                yield fact

    def note(self, fact: Fact) -> None:
        """Take in a fact that the uploads have accepted."""
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
        """Have each question's last take count, unless the candidate has discarded it."""
        for ref in self._begun():
            self.answers[ref.question] = _with_recording(
                self.answers[ref.question], ref, self.take_of(ref), self._sizes[ref][1]
            )
        for fact in self._facts:
            if isinstance(fact, TakeDiscarded) and (answer := self.answers.get(fact.question)) is not None:
                # Only if no later one has replaced it.
                is_last = answer.phase is Phase.TAKEN and answer.take == fact.take
                self.answers[fact.question] = answer.set_aside() if is_last else answer

    def take_of(self, ref: RecordingId) -> int:
        """Return a recording's take number in the bucket, the last that the journal knows."""
        return self._takes[ref]

    def replaced(self) -> set[RecordingId]:
        """Return recordings that a later take has replaced, when the page went before the store knew."""
        return {ref for ref in self._begun() if self.take_of(ref) < self._counting_take(ref)}

    def going_on(self) -> frozenset[RecordingId]:
        return frozenset(ref for ref in self._begun() if self.take_of(ref) == self.answers[ref.question].take)

    def unfinished(self) -> dict[RecordingId, tuple[int, float]]:
        """Return bytes and seconds of recordings that ended with their page."""
        return {ref: sums for ref, sums in self._sizes.items() if ref not in self._stopped}

    def cut_off(self) -> dict[str, float]:
        """Return by question how long each last take was that was never stopped, in seconds."""
        return {
            ref.question: elapsed_s
            for ref, (size, elapsed_s) in self.unfinished().items()
            if size and self.take_of(ref) == self.answers[ref.question].take
        }

    def records(self) -> Iterator[AnswerRecord]:
        """Return answer.json as it stands wherever nobody knows whether it was stored. A take of nothing needs none."""
        for question in self._written:
            record = self.answers[question].record()
            if record.text is not None or self.answers[question].tracks:
                yield record

    def _begun(self) -> list[RecordingId]:
        """Return those of which the journal has any byte: a crash may come between a beginning and its first chunk."""
        return [ref for ref, (size, _) in self._sizes.items() if size]

    def _counting_take(self, ref: RecordingId) -> int:
        answer = self.answers[ref.question]
        return answer.discarded.take if answer.discarded is not None else answer.take

    def _take_in_record(self, record: AnswerRecord) -> None:
        if (answer := self.answers.get(record.question)) is not None:
            self.answers[record.question] = _with_record(answer, record)

    def _arrived(self) -> set[RecordingId]:
        """Return recordings that the bucket has: the disk may have been too full for a note of it."""
        return {fact.upload for fact in self._facts if isinstance(fact, RecordingStopped) and self._has_arrived(fact)}

    def _has_arrived(self, stopped: RecordingStopped) -> bool:
        ref = stopped.upload
        answer = self.answers.get(ref.question)
        if answer is None or answer.take != self._takes.get(ref) or stopped.sha256 is None:
            return False
        record = answer.tracks.get(ref.track)
        return record is not None and record.sha256 == stopped.sha256


def _with_record(answer: Answer, record: AnswerRecord) -> Answer:
    """Return the answer with what answer.json says of it."""
    # The bucket's comes first. The journal's counts where it was changed more often: it may be what this device had
    # before another went on. 0: an older version's, which did not count.
    if record.revision > answer.revision or answer.revision == 0:
        answer = replace(answer, text=record.text or "", revision=record.revision)
    if record.take < answer.take:
        return answer
    # What is stored of a take stays stored, although this device may only know of its text.
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
    """Return the answer with a recording that the journal has; as it was if a later take counts."""
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


def _is_of(fact: Fact, recordings: set[RecordingId]) -> bool:
    others = AnswerWritten | AnswerStored | TakeDiscarded | CommandFailed | EndpointsProbed | Restored
    return not isinstance(fact, others) and fact.upload in recordings


def _question_of(fact: Fact) -> str:
    match fact:
        case AnswerWritten(record=record) | AnswerStored(record=record):
            return record.question
        case TakeDiscarded() | CommandFailed() | EndpointsProbed() | Restored():
            return ""  # that one is looked at when all takes are known; no journal keeps the others
        case _:
            return fact.upload.question
