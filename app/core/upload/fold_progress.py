"""How far the store has folded the small parts of one upload. In the other layouts nothing is ever folded."""

from itertools import takewhile

from app.core.errors import PartStuck
from app.core.upload.part_ledger import PartLedger
from app.core.upload.parts import StoredPiece
from app.core.upload.steps import Step, StepEvent

# Small parts in one call while others wait for the line: a call takes as much of it as 2 kB of a part. With more, what
# is signed ahead (4 parts by default) would not last until the next call.
FOLDED_TOGETHER = 3
FOLDED_AT_ONCE = 20  # small parts in one call, so that it ends soon
# After so many tries that the store has failed, a part is sent again, to another place: 128 kB most often, and at most
# what is left of a window. The signer asks the store twice a try.
TRIES_OF_A_PLACE = 3


class FoldProgress:
    def __init__(self) -> None:
        self.step = Step()  # WAITING between two calls: there will be more to fold
        self._count = 0  # the first parts
        self.stuck_tries = 0  # since the last success: the store has failed them

    def succeed(self, folded: int, missing: tuple[int, ...], parts: PartLedger) -> None:
        """Note that the store has folded up to byte `folded`, and queue again those parts that it does not have."""
        self.step.on(StepEvent.SUCCEEDED)
        self.step.on(StepEvent.REOPENED)
        self.stuck_tries = 0
        lost = self.note(folded, parts)  # what was folded before may be gone, too
        parts.disown([number for number in (*lost, *missing) if number in parts.acknowledged])

    def note_stuck(self, error: PartStuck, parts: PartLedger) -> None:
        """Queue a part again that the store has, and fails to fold. Its back-off grows on: a store may fold nothing."""
        self.stuck_tries += 1
        is_due = self.stuck_tries % TRIES_OF_A_PLACE == 0
        if is_due and error.may_repeat and error.number in parts.acknowledged:
            parts.disown([error.number])

    def note(self, folded: int, parts: PartLedger) -> list[int]:
        """Note how many bytes are folded; return the numbers of the parts that were folded before and are not now."""
        lost = []
        while self._count and parts.end_of(self._count) > folded:
            lost.append(self._count)
            self._count -= 1
        while 0 < parts.end_of(self._count + 1) <= folded:
            self._count += 1
        return lost

    def stored(self, parts: PartLedger) -> tuple[StoredPiece, ...]:
        """Return the acknowledged parts that are not folded, up to the first gap."""
        return tuple(parts.pieces(self._count + 1))

    def next_pieces(self, parts: PartLedger) -> tuple[StoredPiece, ...]:
        """Return what one call may fold: the next parts up to the first gap, or to the first one without a slot."""
        pieces = parts.pieces(self._count + 1)
        while pieces and pieces[0].slot is None:  # a whole window
            self._count += 1
            del pieces[0]
        return tuple(takewhile(lambda piece: piece.slot is not None, pieces))[:FOLDED_AT_ONCE]
