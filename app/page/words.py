"""Figures in words. Rounding never flatters: what is stored rounds down, what is left rounds up."""

import math
from collections.abc import Callable

from app.page.language import _

_UNITS = (("B", 1, 1), ("kB", 1_000, 1), ("MB", 1_000_000, 10), ("GB", 1_000_000_000, 10))  # name, bytes, steps in one
_NO_BREAK = "\u00a0"  # a number and its unit stay on one line
_Rounding = Callable[[int, int], int]


def size_down(size: int) -> str:
    """Return what there surely is: "1.9 MB"."""
    return _size(size, lambda number, unit: number // unit)


def size_up(size: int) -> str:
    """Return what there is at most: "2.0 MB". Only nothing is "0 B"."""
    return _size(size, lambda number, unit: -(-number // unit))


def stored_of(stored: int, recorded: int) -> tuple[str, str]:
    """Return both sizes; they read the same only when all is stored."""
    return (size_up(recorded) if stored >= recorded else size_down(stored)), size_up(recorded)


def percent(whole: int) -> str:
    return f"{whole}{_NO_BREAK}%"


def speed(bytes_per_second: float) -> str:
    return f"{size_down(max(0, int(bytes_per_second)))}/s"


def clock(duration_s: float) -> str:
    """Return "0:42" or "1:02:03", whole seconds, rounded down."""
    return _clock(math.floor(max(0.0, duration_s)))


def countdown(duration_s: float) -> str:
    """Return "0:42", rounded up: 0:00 only when nothing is left."""
    return _clock(math.ceil(max(0.0, duration_s)))


def duration(duration_s: float) -> str:
    """Return "45 s", "2 min", "1 min 30 s" or "1 h 5 min"."""
    seconds = math.ceil(max(0.0, duration_s))
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return _joined((hours, _("h")), (minutes, _("min")))
    if minutes:
        return _joined((minutes, _("min")), (seconds % 60, _("s")))
    return f"{seconds}{_NO_BREAK}{_('s')}"


def time_left(remaining_s: float) -> str:
    """Return "5 s left" or "about 4 min left": no finer than an estimate deserves."""
    seconds = max(1, math.ceil(remaining_s))
    if seconds <= 90:
        return _("{time} left").format(time=f"{seconds}{_NO_BREAK}{_('s')}")
    return _("about {time} left").format(time=duration(math.ceil(seconds / 60) * 60))


def count(number: int) -> str:
    """Return "5,000"."""
    return f"{number:,}"


def excerpt(sentence: str, longest: int = 90) -> str:
    """Return the first line, cut at a word where it is long."""
    line = sentence.strip().split("\n", 1)[0].strip()
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(",;:.– ") + "…"


def _size(size: int, rounded: _Rounding) -> str:
    name, scaled, steps = "B", 0, 1
    for name, unit, steps in _UNITS:  # noqa: B007, the last unit fits whatever is larger
        scaled = rounded(size * steps, unit)
        if scaled < 1_000 * steps:
            break
    figure = str(scaled) if steps == 1 else f"{scaled // steps}.{scaled % steps}"
    return f"{figure}{_NO_BREAK}{name}"


def _clock(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _joined(*figures: tuple[int, str]) -> str:
    return " ".join(f"{number}{_NO_BREAK}{unit}" for number, unit in figures if number)
