"""The state of each answer: which take, in which phase, and whether it may be recorded again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Self

from app.contract import AnswerRecord, Question, Track, TrackRecord

COUNTS_FROM_S = 1.0  # a take that was stopped earlier was started by mistake


class Phase(Enum):
    READY = auto()  # nothing recorded in this take
    PREPARING = auto()  # the preparation time runs
    RECORDING = auto()
    FINISHING = auto()  # stopped; the recorder's last chunks are not journalled yet
    TAKEN = auto()  # a take is recorded; it may be played back


class Move(Enum):
    PREPARE = auto()
    START = auto()
    STOP = auto()
    KEEP = auto()  # the take is completely journalled
    DISCARD = auto()  # the take is empty, or must not count
    RESTORE = auto()  # the discarded take counts again


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
    """The answer does not allow this at the moment; nothing has changed."""


@dataclass(frozen=True, slots=True)
class AnswerView:
    """What a page needs to show one answer."""

    question: str
    phase: Phase
    take: int  # number of the running or last take; from 1
    takes_left: int  # how many more takes may be started
    text: str
    is_answered: bool  # True: a submission includes it
    duration_s: float | None = None  # of the last take, or of the discarded one; None: unknown
    can_restore: bool = False  # True: the take before was discarded, and nothing has replaced it yet


@dataclass(frozen=True, slots=True)
class Discarded:
    """A take that no longer counts; it is kept until another one replaces it."""

    key: str  # of its recordings; "": they were made on another device
    take: int
    given: frozenset[Track]
    tracks: Mapping[Track, TrackRecord]
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's takes and text. A method that changes something returns a new answer."""

    question: Question
    phase: Phase = Phase.READY
    key: str = ""  # of the running or last take; "": there is none on this device
    take: int = 1
    text: str = ""
    revision: int = 0  # of the text: how often it was handed on to be stored
    given: frozenset[Track] = frozenset()  # what the running or last take has recorded
    tracks: Mapping[Track, TrackRecord] = field(default_factory=dict)  # the stored and verified ones
    duration_s: float | None = None  # of the last take; None: unknown
    discarded: Discarded | None = None  # None: there is nothing to restore

    def move(self, move: Move) -> Self:
        """Change the phase. Raises MoveRefused if the phase does not allow it, or no take is left."""
        following = _NEXT.get((self.phase, move))
        if following is None:
            raise MoveRefused(f"{move.name} while {self.phase.name}")
        if move in (Move.PREPARE, Move.START) and self.takes_left == 0:
            raise MoveRefused("no take is left")
        return replace(self, phase=following)

    def start(self, key: str) -> Self:
        """Start a take whose recordings have this key. Raises MoveRefused."""
        return replace(self.move(Move.START), key=key)

    def keep(self, given: frozenset[Track], duration_s: float | None = None) -> Self:
        """Keep the take, and note which tracks hold data: one may be empty. Raises MoveRefused."""
        return replace(self.move(Move.KEEP), given=given, duration_s=duration_s or None)

    def discard(self) -> Self:
        """Discard the take, so that the next recording is a new one; until that counts, this one can be restored.

        Raises MoveRefused if no take is recorded, or none is left.
        """
        if self.phase is not Phase.TAKEN:
            raise MoveRefused(f"no take is recorded while {self.phase.name}")
        if self.take >= self.question.takes:
            raise MoveRefused("no take is left")
        return self.set_aside()

    def set_aside(self) -> Self:
        """Discard the take even if no other is left: after a reload, its number may be the last one.

        Raises MoveRefused if the phase does not allow it.
        """
        aside = Discarded(self.key, self.take, self.given, self.tracks, self.duration_s)
        ready = self.move(Move.DISCARD)
        return replace(
            ready, discarded=aside, key="", take=self.take + 1, given=frozenset(), tracks={}, duration_s=None
        )

    def restore(self) -> Self:
        """Make the discarded take count again. Raises MoveRefused if there is none, or another is being made."""
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
        """Drop the discarded take, because the next one counts."""
        return replace(self, discarded=None)

    def move_take(self, take: int, track: Track) -> Self:
        """Use a higher take number, because another device has stored the old one. Call this once for each `track`."""
        if self.discarded is not None:  # the discarded take moves: nothing of the next one was sent yet
            if take <= self.discarded.take:
                return self
            following = max(self.take, take + 1) if self.phase is Phase.READY else self.take
            return replace(self, discarded=replace(self.discarded, take=take, tracks={}), take=following)
        if take < self.take or not self.given:
            return replace(self, take=take, tracks={}) if take > self.take else self
        if take == self.take:
            return replace(self, given=self.given | {track})
        return replace(self, take=take, tracks={}, given=frozenset({track}))  # the old number's tracks are theirs

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
        """Whether everything that the question asks for was given, stored or not."""
        has_tracks = not self.question.tracks or self.phase is Phase.TAKEN
        # Text beside a recording is optional; without a recording, the text is the answer.
        has_text = bool(self.question.tracks) or bool(self.text.strip())
        return has_tracks and has_text

    @property
    def is_stored(self) -> bool:
        """Whether every recorded track is an object in the store."""
        return self.given <= self.tracks.keys()

    def record(self) -> AnswerRecord:
        """Return the current content of answer.json. It names a discarded take until another one replaces it."""
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
