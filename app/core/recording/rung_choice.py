"""Choose the rung of the next answer: by the measured uplink first, then by what the answers so far have shown."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from app.contract.efficiency import Advice

SHARE = 0.75  # of the measured uplink that a recording may need: the uplink varies, and retries need some of it
WARY_ANSWERS = 2  # after a rung that was too large; before that, only a measured uplink leads up again
SLOWEST, SLOW = ("slow-2g", "2g"), ("3g",)  # of `navigator.connection.effectiveType` (Network Information API)


@dataclass(frozen=True, slots=True)
class LinkHints:
    """What the browser says about the connection. Firefox and Safari say nothing."""

    saves_data: bool = False  # the candidate has asked for less traffic
    effective_type: str = ""  # slow-2g, 2g, 3g or 4g; "": not said


def carried(needs: Sequence[float], bytes_per_second: float) -> int:
    """Return the index of the largest rung that this uplink carries; of the smallest one if it carries none.

    `needs` are the bytes per second of each rung, the largest first.
    """
    fitting = (index for index, need in enumerate(needs) if need <= SHARE * bytes_per_second)
    return next(fitting, len(needs) - 1)


class RungChoice:
    """Remember the rung of the last answer. An index counts rungs from 0, the largest."""

    def __init__(self, index: int | None = None) -> None:
        """`index`: of an earlier visit's last answer; None: there was none."""
        self._index = index
        self._wary = 0  # answers

    def choose(
        self,
        needs: Sequence[float],
        bytes_per_second: float | None,
        hints: LinkHints,
        advice: Collection[Advice],
    ) -> int:
        """Return the index of the next answer's rung.

        `bytes_per_second`: the measured uplink; None: not measured. `advice`: what follows from the last answer.
        """
        if self._index is None:
            index = _first(needs, bytes_per_second, hints)
        else:
            index = self._next(self._index, needs, bytes_per_second, advice)
        index = min(index, len(needs) - 1)
        self._index = max(index, len(needs) // 2) if hints.saves_data else index
        return self._index

    def _next(
        self, index: int, needs: Sequence[float], bytes_per_second: float | None, advice: Collection[Advice]
    ) -> int:
        fitting = carried(needs, bytes_per_second) if bytes_per_second is not None else None
        if Advice.SMALLER_VIDEO in advice:
            self._wary = WARY_ANSWERS
            return max(index + 1, fitting or 0)
        is_wary, self._wary = self._wary > 0, max(0, self._wary - 1)
        if Advice.LARGER_VIDEO in advice and index and (not is_wary or (fitting is not None and fitting < index)):
            return index - 1
        return index


def _first(needs: Sequence[float], bytes_per_second: float | None, hints: LinkHints) -> int:
    if bytes_per_second is not None:
        return carried(needs, bytes_per_second)
    if hints.effective_type in SLOWEST:
        return len(needs) - 1
    return len(needs) // 2 if hints.effective_type in SLOW else 0
