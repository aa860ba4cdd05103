"""Format numbers for a language, with `Intl`."""

from typing import Any

import js

from app.browser.interop import js_object

_NO_BREAK = "\u00a0"
_ISOLATE, _END = "\u2068", "\u2069"  # keep "MB/s" after its number in a right-to-left sentence


class IntlFigures:
    """Implement `Figures` of app/page for one well-formed BCP 47 tag."""

    def __init__(self, tag: str, *, is_rtl: bool) -> None:
        self._is_rtl = is_rtl
        # Use the digits of clocks and plain counts everywhere: two sets of digits on one page are hard to read.
        self._tag = str(js.Intl.Locale.new(tag, js_object(numberingSystem="latn")).toString())
        self._js_formats: dict[tuple[str, int], Any] = {}  # cached: creating a format takes longer than using it

    def number(self, value: int) -> str:
        return self._written("decimal", 0, value)

    def percent(self, whole: int) -> str:
        return self._written("percent", 0, whole / 100)

    def measure(self, tenths: int, unit: str, decimals: int, per: str = "") -> str:
        # `tenths / 10` has at most one decimal, which the format writes as it is: nothing is rounded twice.
        return self._written(f"{unit}-per-{per}" if per else unit, decimals, tenths / 10)

    def joined(self, measures: list[str]) -> str:
        return " ".join(measures)

    def moment(self, rfc_3339: str) -> str:
        options = js_object(dateStyle="long", timeStyle="short")
        return str(js.Date.new(rfc_3339).toLocaleString(self._tag, options))

    def _written(self, style: str, decimals: int, value: float) -> str:
        key = (style, decimals)
        if key not in self._js_formats:
            self._js_formats[key] = js.Intl.NumberFormat.new(self._tag, _options(style, decimals))
        written = str(self._js_formats[key].format(value)).replace(" ", _NO_BREAK)
        return f"{_ISOLATE}{written}{_END}" if self._is_rtl else written


def _options(style: str, decimals: int) -> Any:
    digits = {"minimumFractionDigits": decimals, "maximumFractionDigits": decimals}
    if style in {"decimal", "percent"}:
        return js_object(style=style, **digits)
    display = "narrow" if style == "byte" else "short"  # "B"; the short form would be the word
    return js_object(style="unit", unit=style, unitDisplay=display, **digits)
