"""The state of each answer: which take, in which phase, and whether it may be given again."""

from dataclasses import dataclass, field
from enum import Enum, auto

from app.contract import AnswerRecord, Question, Track, TrackRecord


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
    DISCARD = auto()  # the take came to nothing, or is given up


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


@dataclass(slots=True)
class Answer:
    """Follow one question's takes and text."""

    question: Question
    phase: Phase = Phase.READY
    take: int = 1
    text: str = ""
    revision: int = 0  # of the text: how often it was handed on
    given: frozenset[Track] = frozenset()  # what the take under way or last made has recorded
    tracks: dict[Track, TrackRecord] = field(default_factory=dict)  # of these, stored and verified

    def move(self, move: Move) -> None:
        """Raises MoveRefused where the phase does not allow it."""
        following = _NEXT.get((self.phase, move))
        if following is None:
            raise MoveRefused(f"{move.name} while {self.phase.name}")
        if move in (Move.PREPARE, Move.START) and self.takes_left == 0:
            raise MoveRefused("no take is left")
        self.phase = following

    def keep(self, given: frozenset[Track]) -> None:
        """Take note of which tracks hold something: one may have stayed empty."""
        self.move(Move.KEEP)
        self.given = given

    def give_up_take(self) -> None:
        """Make the next recording a new take. Raises MoveRefused if none is recorded or left."""
        if self.phase is not Phase.TAKEN:
            raise MoveRefused(f"no take is recorded while {self.phase.name}")
        if self.take >= self.question.takes:
            raise MoveRefused("no take is left")
        self.move(Move.DISCARD)
        self.skip_take()

    def skip_take(self) -> None:
        """Go on to the next take number: this one is given up, or somebody else has stored it."""
        self.take += 1
        self.given = frozenset()
        self.tracks = {}

    def move_take(self, take: int, tracks: frozenset[Track]) -> None:
        """Go by a higher take number, as another device has stored one of the old: `tracks` are this device's."""
        if take > self.take:
            self.take, self.tracks = take, {}
            if self.given:
                self.given = tracks

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
        """Return answer.json's content as it stands."""
        text = self.text if self.question.text is not None else None
        return AnswerRecord(
            question=self.question.id, take=self.take, text=text, revision=self.revision, tracks=dict(self.tracks)
        )

    def view(self) -> AnswerView:
        return AnswerView(
            question=self.question.id,
            phase=self.phase,
            take=self.take,
            takes_left=self.takes_left,
            text=self.text,
            is_answered=self.is_answered,
        )
