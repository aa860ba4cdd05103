"""Measure how long a recording is, and where it has gaps."""

from app.contract import MAX_GAPS, Gap

GAP_S = 5.0  # between two beats; a busy page may skip a few, a sleeping computer skips all


class Stopwatch:
    """Measure a recording's duration. Time in which the computer sleeps or the page is frozen counts as a gap instead.

    Both clocks are compared with the last beat: while the computer sleeps, the browser's own clock stops on some
    systems and runs on others. The computer's clock serves only to find gaps, because it may be set at any time.
    """

    def __init__(self, now: float, wall_now: float) -> None:
        self._now = now
        self._wall_now = wall_now
        self.elapsed_s = 0.0
        self.gaps: tuple[Gap, ...] = ()

    def beat(self, now: float, wall_now: float) -> None:
        """Count the time since the last beat, as a gap if it is GAP_S or longer.

        Call this about every second, and for every chunk: then beats are missing only while the page is not awake.
        """
        passed_s, by_wall_s = now - self._now, wall_now - self._wall_now
        self._now, self._wall_now = now, wall_now
        if (missed_s := max(passed_s, by_wall_s)) >= GAP_S:
            self.gaps = with_gap(self.gaps, Gap(at_s=round(self.elapsed_s, 3), duration_s=round(missed_s, 3)))
        else:
            self.elapsed_s += passed_s


def with_gap(gaps: tuple[Gap, ...], new: Gap) -> tuple[Gap, ...]:
    """Return `gaps` with `new` added. Lengthen the last one instead if nothing was recorded since, or at MAX_GAPS."""
    if gaps and (gaps[-1].at_s == new.at_s or len(gaps) == MAX_GAPS):
        longer = gaps[-1].model_copy(update={"duration_s": round(gaps[-1].duration_s + new.duration_s, 3)})
        return (*gaps[:-1], longer)
    return (*gaps, new)
