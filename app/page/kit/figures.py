"""Format numbers: in English here, in every other language by the browser (app/browser/window/figures.py)."""

from collections.abc import Callable
from typing import Protocol

NO_BREAK = "\u00a0"  # keeps a number and its unit on one line

# CLDR's unit names, as `Intl` takes them → the English symbols.
_UNITS = {
    "byte": "B",
    "kilobyte": "kB",
    "megabyte": "MB",
    "gigabyte": "GB",
    "second": "s",
    "minute": "min",
    "hour": "h",
}


class Figures(Protocol):
    """Format numbers for one language, without rounding."""

    def number(self, value: int) -> str:
        """Return "5,000"."""

    def percent(self, whole: int) -> str:
        """Return "87 %"."""

    def measure(self, tenths: int, unit: str, decimals: int, per: str = "") -> str:
        """Return "1.2 MB/s" for 12 tenths of a "megabyte" per "second"; `decimals` is 0 or 1."""

    def joined(self, measures: list[str]) -> str:
        """Join the measures of one amount: "1 min 30 s"."""

    def moment(self, rfc_3339: str) -> str:
        """Return an RFC 3339 time in the candidate's time zone and date format."""


class EnglishFigures:
    """Implement `Figures` without a browser; for time zones and calendars, it can use a browser's `moment`."""

    def __init__(self, moment: Callable[[str], str] = str) -> None:
        self.moment = moment

    def number(self, value: int) -> str:
        return f"{value:,}"

    def percent(self, whole: int) -> str:
        return f"{whole}{NO_BREAK}%"

    def measure(self, tenths: int, unit: str, decimals: int, per: str = "") -> str:
        figure = f"{tenths // 10}.{tenths % 10}" if decimals else str(tenths // 10)
        return f"{figure}{NO_BREAK}{_UNITS[unit]}" + (f"/{_UNITS[per]}" if per else "")

    def joined(self, measures: list[str]) -> str:
        return " ".join(measures)
