"""How long has been recorded, and when nobody was awake to record."""

from app.contract import MAX_GAPS, Gap

GAP_S = 5.0  # between two beats; a busy page may miss some, a sleeping one misses all


class Stopwatch:
    """Count a recording's time. What a computer sleeps, or a page is frozen, is a gap in it and no time.

    Two clocks are compared with the last beat: while a computer sleeps a browser's own clock stands still on some
    systems and goes on on others. The computer's clock is only asked for this: it may be set while it runs.
    """

    def __init__(self, now: float, wall_now: float) -> None:
        self._now = now
        self._wall_now = wall_now
        self.elapsed_s = 0.0
        self.gaps: tuple[Gap, ...] = ()

    def beat(self, now: float, wall_now: float) -> None:
        """Go on counting. To be called about every second, and for every chunk: a page that gets those is awake."""
        passed_s, by_wall_s = now - self._now, wall_now - self._wall_now
        self._now, self._wall_now = now, wall_now
        if (missed_s := max(passed_s, by_wall_s)) >= GAP_S:
            self.gaps = with_gap(self.gaps, Gap(at_s=round(self.elapsed_s, 3), duration_s=round(missed_s, 3)))
        else:
            self.elapsed_s += passed_s


def with_gap(gaps: tuple[Gap, ...], new: Gap) -> tuple[Gap, ...]:
    """Add a gap; lengthen the last one if nothing was recorded since, or if a record takes no more of them."""
    if gaps and (gaps[-1].at_s == new.at_s or len(gaps) == MAX_GAPS):
        longer = gaps[-1].model_copy(update={"duration_s": round(gaps[-1].duration_s + new.duration_s, 3)})
        return (*gaps[:-1], longer)
    return (*gaps, new)
