"""Stream one upload: decide what its stream sends next, and when it ends. Moves sizes, never bytes."""

from dataclasses import dataclass

from app.contract import PartRules
from app.core.upload.parts import KIB, Part
from app.core.upload.steps import Step, StepEvent

STREAM_S = 30.0  # after that time a stream ends, so that what it has sent is acknowledged
PIECE = 256 * KIB  # bytes that are read from the journal at once


@dataclass(frozen=True, slots=True)
class Piece:
    """What a stream sends next. It is no part of its own."""

    offset: int  # first byte, from the start of the recording
    size: int


@dataclass(slots=True)
class OpenStream:
    """A stream that is being sent. Once it has ended, what it has sent is one part."""

    number: int  # of the part
    offset: int  # first byte, from the start of the recording
    rules: PartRules
    until: float  # clock seconds: it should end then
    sent: int = 0  # bytes

    def next(self, recorded: int, now: float, *, has_ended: bool) -> Piece | Part | None:
        """Return what is to be sent next, or the part if the stream is over; None: wait for more to be recorded."""
        left = recorded - self.offset - self.sent
        room = self.rules.max_bytes - self.sent
        is_last = has_ended and left == 0 and self.sent > 0
        if room == 0 or is_last or (now >= self.until and self.may_end):
            return self.part
        size = min(left, room, PIECE)
        if size <= 0:
            return None
        self.sent += size
        return Piece(self.offset + self.sent - size, size)

    @property
    def may_end(self) -> bool:
        """Whether the store takes what was sent as a part that others follow."""
        return self.sent >= self.rules.min_bytes

    @property
    def part(self) -> Part:
        return Part(self.number, self.offset, self.sent)


class Streaming:
    """The streams of one upload, of which at most one is open."""

    def __init__(self) -> None:
        self.step = Step()  # WAITING between two streams: there will be more
        self.open: OpenStream | None = None

    def begin(self, number: int, offset: int, rules: PartRules, now: float) -> None:
        self.step.on(StepEvent.STARTED)
        self.open = OpenStream(number, offset, rules, now + STREAM_S)

    def end(self) -> None:
        """Note that a stream was sent whole; the next one may begin."""
        self.open = None
        self.step.on(StepEvent.SUCCEEDED)
        self.step.on(StepEvent.REOPENED)

    def is_open_at(self, number: int, offset: int) -> bool:
        return self.open is not None and (self.open.number, self.open.offset) == (number, offset)
