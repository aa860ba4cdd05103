"""The state of each answer: which take, in which phase, and whether it may be recorded again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Self

from app.contract import AnswerRecord, Question, Track, TrackRecord

COUNTS_FROM_S = 1.0  # a take that was stopped earlier was a slip of the finger


class Phase(Enum):
    READY = auto()  # nothing recorded in this take
    PREPARING = auto()  # the preparation time runs
    RECORDING = auto()
    FINISHING = auto()  # stopped; the recorder's last chunks are on their way to the journal
    TAKEN = auto()  # a take is recorded; it may be played back


class Move(Enum):
    PREPARE = auto()
    START = auto()
    STOP = auto()
    KEEP = auto()  # the take is whole in the journal
    DISCARD = auto()  # the take came to nothing, or is not to count
    RESTORE = auto()  # the discarded take is to count after all


_NEXT = {
    (Phase.READY, Move.PREPARE): Phase.PREPARING,
    (Phase.READY, Move.START): Phase.RECORDING,
    (Phase.PREPARING, Move.START): Phase.RECORDING,
    (Phase.PREPARING, Move.DISCARD): Phase.READY,
    (Phase.RECORDING, Move.STOP): Phase.FINISHING,
    (Phase.RECORDING, Move.DISCARD): Phase.READY,
    (Phase.FINISHING, Move.KEEP): Phase.TAKEN,
    (Phase.FINISHING, Move.DISCARD): Phase.READY,
    (Phase.TAKEN, Move.DISCARD): Phase.READY,
    (Phase.READY, Move.RESTORE): Phase.TAKEN,
}


class MoveRefused(Exception):
    """The answer cannot do that now; nothing has changed."""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What a page needs to show one answer."""

    question: str
    phase: Phase
    take: int  # number of the take under way or last made; from 1
    takes_left: int  # further recordings that may be begun
    text: str
    is_answered: bool  # counts towards the submission as it stands
    duration_s: float | None = None  # of the last take, or of the discarded one; None: nobody knows
    can_restore: bool = False  # the take before was discarded, and nothing has replaced it yet


@dataclass(frozen=True, slots=True)
class Discarded:
    """A take that does not count any more, and is kept until another one replaces it."""

    key: str  # of its recordings; "": they were made on another device
    take: int
    given: frozenset[Track]
    tracks: Mapping[Track, TrackRecord]
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's takes and text. Every method that changes something returns the next answer."""

    question: Question
    phase: Phase = Phase.READY
    key: str = ""  # of the take under way or last made; "": none on this device
    take: int = 1
    text: str = ""
    revision: int = 0  # of the text: how often it was handed on
    given: frozenset[Track] = frozenset()  # what the take under way or last made has recorded
    tracks: Mapping[Track, TrackRecord] = field(default_factory=dict)  # of these, stored and verified
    duration_s: float | None = None  # of the last take; None: nobody knows
    discarded: Discarded | None = None  # None: there is nothing to restore

    def move(self, move: Move) -> Self:
        """Raises MoveRefused where the phase does not allow it."""
        following = _NEXT.get((self.phase, move))
        if following is None:
            raise MoveRefused(f"{move.name} while {self.phase.name}")
        if move in (Move.PREPARE, Move.START) and self.takes_left == 0:
            raise MoveRefused("no take is left")
        return replace(self, phase=following)

    def start(self, key: str) -> Self:
        """Begin a take whose recordings have this key. Raises MoveRefused."""
        return replace(self.move(Move.START), key=key)

    def keep(self, given: frozenset[Track], duration_s: float | None = None) -> Self:
        """Note which tracks hold something: one may have stayed empty. Raises MoveRefused."""
        return replace(self.move(Move.KEEP), given=given, duration_s=duration_s or None)

    def discard(self) -> Self:
        """Make the next recording a new take; this one may be restored until then.

        Raises MoveRefused if none is recorded or left.
        """
        if self.phase is not Phase.TAKEN:
            raise MoveRefused(f"no take is recorded while {self.phase.name}")
        if self.take >= self.question.takes:
            raise MoveRefused("no take is left")
        return self.set_aside()

    def set_aside(self) -> Self:
        """Discard again what was discarded before a reload: its number may be the last by now."""
        aside = Discarded(self.key, self.take, self.given, self.tracks, self.duration_s)
        ready = self.move(Move.DISCARD)
        return replace(
            ready, discarded=aside, key="", take=self.take + 1, given=frozenset(), tracks={}, duration_s=None
        )

    def restore(self) -> Self:
        """Have the discarded take count again. Raises MoveRefused if there is none, or another is being made."""
        back = self.discarded
        if back is None:
            raise MoveRefused("no take was discarded")
        return replace(
            self.move(Move.RESTORE),
            discarded=None,
            key=back.key,
            take=back.take,
            given=back.given,
            tracks=back.tracks,
            duration_s=back.duration_s,
        )

    def replace_discarded(self) -> Self:
        """Let the discarded take go for good, as the next one counts."""
        return replace(self, discarded=None)

    def move_take(self, take: int, track: Track) -> Self:
        """Go by a higher take number, as another device has stored one of the old; told once for each `track`."""
        if self.discarded is not None:  # of the next one nothing was sent yet
            if take <= self.discarded.take:
                return self
            following = max(self.take, take + 1) if self.phase is Phase.READY else self.take
            return replace(self, discarded=replace(self.discarded, take=take, tracks={}), take=following)
        if take < self.take or not self.given:
            return replace(self, take=take, tracks={}) if take > self.take else self
        if take == self.take:
            return replace(self, given=self.given | {track})
        return replace(self, take=take, tracks={}, given=frozenset({track}))  # what was given there is theirs

    def store(self, key: str, track: Track, record: TrackRecord) -> Self:
        """Note that a track of the take with this key is in the store, whether the take counts or was discarded."""
        if self.discarded is not None and key == self.discarded.key:
            return replace(self, discarded=replace(self.discarded, tracks={**self.discarded.tracks, track: record}))
        return replace(self, tracks={**self.tracks, track: record}) if key == self.key else self

    @property
    def takes_left(self) -> int:
        used = self.take if self.phase in (Phase.RECORDING, Phase.FINISHING, Phase.TAKEN) else self.take - 1
        return max(0, self.question.takes - used)

    @property
    def is_answered(self) -> bool:
        """True when what the question asks for has been given, stored or not."""
        has_tracks = not self.question.tracks or self.phase is Phase.TAKEN
        # Words beside a recording are a candidate's choice; alone they are the answer.
        has_text = bool(self.question.tracks) or bool(self.text.strip())
        return has_tracks and has_text

    @property
    def is_stored(self) -> bool:
        """True when every track that was recorded is an object in the store."""
        return self.given <= self.tracks.keys()

    def record(self) -> AnswerRecord:
        """Return answer.json's content as it stands. A discarded take keeps its own until another replaces it."""
        text = self.text if self.question.text is not None else None
        stored = self.discarded or self
        return AnswerRecord(
            question=self.question.id,
            take=stored.take,
            text=text,
            revision=self.revision,
            tracks=dict(stored.tracks),
        )

    def view(self) -> AnswerView:
        return AnswerView(
            question=self.question.id,
            phase=self.phase,
            take=self.take,
            takes_left=self.takes_left,
            text=self.text,
            is_answered=self.is_answered,
            duration_s=(self.discarded or self).duration_s,
            can_restore=self.discarded is not None and self.phase is Phase.READY,
        )
