"""How numbers are written: English here, every other language by the browser (app/browser/window/figures.py)."""

from collections.abc import Callable
from typing import Protocol

NO_BREAK = "\u00a0"  # a number and its unit stay on one line

# CLDR's names of units, as `Intl` takes them → what English writes.
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
    """Write numbers as one language does. Nothing is rounded here."""

    def number(self, value: int) -> str:
        """Return "5,000"."""

    def percent(self, whole: int) -> str:
        """Return "87 %"."""

    def measure(self, tenths: int, unit: str, decimals: int, per: str = "") -> str:
        """Return "1.2 MB/s" for 12 tenths of a "megabyte" per "second"; `decimals` is 0 or 1."""

    def joined(self, measures: list[str]) -> str:
        """Return measures that add up as one: "1 min 30 s"."""

    def moment(self, rfc_3339: str) -> str:
        """Return a moment in the candidate's own zone and writing."""


class EnglishFigures:
    """Fill `Figures` without a browser; of zones and calendars only that knows, so it may lend its `moment`."""

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
