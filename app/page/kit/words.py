"""Write figures as words. Rounding never flatters: stored amounts round down, remaining amounts round up."""

import math
from collections.abc import Callable

from app.page.kit.language import _, figures

_UNITS = (  # name, bytes, whether a decimal is shown
    ("byte", 1, 0),
    ("kilobyte", 1_000, 0),
    ("megabyte", 1_000_000, 1),
    ("gigabyte", 1_000_000_000, 1),
)
_Rounding = Callable[[int, int], int]


def size_down(size: int) -> str:
    """Return a size, rounded down: "1.9 MB"."""
    return _size(size, lambda number, unit: number // unit)


def size_up(size: int) -> str:
    """Return a size, rounded up: "2.0 MB". Only 0 bytes give "0 B"."""
    return _size(size, lambda number, unit: -(-number // unit))


def stored_of(stored: int, recorded: int) -> tuple[str, str]:
    """Return both sizes; they are written the same only when everything is stored."""
    return (size_up(recorded) if stored >= recorded else size_down(stored)), size_up(recorded)


def percent(whole: int) -> str:
    return figures().percent(whole)


def speed(bytes_per_second: float) -> str:
    return _size(max(0, int(bytes_per_second)), lambda number, unit: number // unit, per="second")


def clock(duration_s: float) -> str:
    """Return "0:42" or "1:02:03", whole seconds, rounded down."""
    return _clock(math.floor(max(0.0, duration_s)))


def countdown(duration_s: float) -> str:
    """Return "0:42", rounded up: "0:00" only when no time is left."""
    return _clock(math.ceil(max(0.0, duration_s)))


def duration(duration_s: float) -> str:
    """Return "45 s", "2 min", "1 min 30 s" or "1 h 5 min", seconds rounded up."""
    seconds = math.ceil(max(0.0, duration_s))
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    if hours:
        return _joined((hours, "hour"), (minutes, "minute"))
    if minutes:
        return _joined((minutes, "minute"), (seconds % 60, "second"))
    return _whole(seconds, "second")


def time_left(remaining_s: float) -> str:
    """Return "5 s left" or, above 90 s, "about 4 min left": the estimate is not more precise."""
    seconds = max(1, math.ceil(remaining_s))
    if seconds <= 90:
        return _("{time} left").format(time=_whole(seconds, "second"))
    return _("about {time} left").format(time=duration(math.ceil(seconds / 60) * 60))


def count(number: int) -> str:
    """Return "5,000"."""
    return figures().number(number)


def moment(rfc_3339: str) -> str:
    """Return an RFC 3339 time in the candidate's time zone and date format."""
    return figures().moment(rfc_3339)


def excerpt(sentence: str, longest: int = 90) -> str:
    """Return the first line, cut at a word if it has more than `longest` characters."""
    line = sentence.strip().split("\n", 1)[0].strip()
    if len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(",;:.– ") + "…"


def _size(size: int, rounded: _Rounding, per: str = "") -> str:
    name, tenths, decimals = "byte", 0, 0
    for name, unit, decimals in _UNITS:  # noqa: B007, the last unit fits whatever is larger
        tenths = rounded(size * 10, unit) if decimals else rounded(size, unit) * 10
        if tenths < 10_000:
            break
    return figures().measure(tenths, name, decimals, per)


def _whole(number: int, unit: str) -> str:
    return figures().measure(number * 10, unit, decimals=0)


def _clock(seconds: int) -> str:
    hours, minutes = seconds // 3600, seconds % 3600 // 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def _joined(*measures: tuple[int, str]) -> str:
    return figures().joined([_whole(number, unit) for number, unit in measures if number])
