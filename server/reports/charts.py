"""Charts as static SVG, by Vega-Lite. Text and lines take the page's own colours: one chart is for light and dark."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

import vl_convert

from server.reports.metrics import STEPS, Scale
from server.reports.report import ArmFigures, Comparison
from server.reports.words import interval_of, percent, seconds

_WIDTH = 165  # of the plot, without its labels: the whole fits a phone, with its letters as large as the page's
_ROW = 26
_PADDING = {
    "left": 12,
    "right": 16,
    "top": 4,
    "bottom": 4,
}  # the browser's letters may be wider than Vega takes them to be
_WIDEST = 0.6  # longer intervals are cut: they say no more than that nothing is known
_INK = "currentColor"
_QUIET = "var(--quiet)"
# One per arm; the page sets them for light and dark. Every mark also has its arm's name beside it.
_ARMS = [f"var(--arm-{number})" for number in range(6)]
_CONFIG = {
    "background": None,
    "font": "system-ui, sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "tickColor": _QUIET,
        "domain": False,
        "gridColor": "var(--line)",
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelLimit": 160,
    },
    "legend": {"labelColor": _INK, "labelFontSize": 12, "labelLimit": 220},
}


def intervals(comparisons: Sequence[Comparison], scale: Scale) -> str:
    """Return a chart of differences with their intervals; "" if there are none on this scale."""
    rows = [
        {
            "row": one.title if len({c.variant for c in comparisons}) == 1 else f"{one.title}: {one.variant}",
            "estimate": _cut(one.difference.estimate),
            "low": _cut(one.difference.low),
            "high": _cut(one.difference.high),
            "margin": one.margin,
        }
        for one in comparisons
        if one.scale is scale and one.difference is not None
    ]
    if not rows:
        return ""
    widest = max(max(abs(row["low"]), abs(row["high"]), 1.5 * row["margin"]) for row in rows)  # type: ignore[arg-type,operator]
    unit = "Difference in %" if scale is Scale.RELATIVE else "Difference in percentage points"
    label = "; ".join(f"{c.title}, {c.variant}: {interval_of(c)}" for c in comparisons if c.scale is scale)
    x = {
        "type": "quantitative",
        "title": unit,
        "scale": {"domain": [-widest, widest], "nice": True},
        "axis": {"labelExpr": "datum.value == 0 ? '0' : format(datum.value * 100, '+~g')", "tickCount": 3},
    }
    y = {"field": "row", "type": "nominal", "sort": None, "title": None, "axis": {"ticks": False, "labelPadding": 8}}
    return _svg(
        f"Differences: {label}",
        {
            "data": {"values": rows},
            "height": {"step": _ROW},
            "encoding": {"y": y},
            "layer": [
                {
                    "transform": [{"calculate": "-datum.margin", "as": "under"}],
                    "mark": {"type": "bar", "color": _QUIET, "opacity": 0.22, "height": _ROW - 8},
                    "encoding": {"x": {**x, "field": "under"}, "x2": {"field": "margin"}},
                },
                {
                    "mark": {"type": "rule", "color": _INK, "strokeWidth": 1},
                    "encoding": {
                        "x": {"datum": 0, "type": "quantitative"},
                        "y": {"value": 0},
                        "y2": {"value": "height"},
                    },
                },
                {
                    "mark": {"type": "rule", "color": _ARMS[1], "strokeWidth": 3},
                    "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 90, "color": _ARMS[1], "opacity": 1},
                    "encoding": {"x": {**x, "field": "estimate"}},
                },
            ],
        },
    )


def waits(arms: Sequence[ArmFigures]) -> str:
    """Return a chart of the wait after Stop by arm: typical, and the 95th percentile."""
    rows = [
        {"arm": arm.variant, "typical": arm.wait_typical_s, "p95": arm.wait_p95_s}
        for arm in arms
        if arm.wait_typical_s is not None
    ]
    if not rows:
        return ""
    x = {
        "type": "quantitative",
        "title": "Seconds: typical ●, 95th percentile |",
        "scale": {"zero": True},
        "axis": {"tickCount": 4},
    }
    y = {"field": "arm", "type": "nominal", "sort": None, "title": None, "axis": {"ticks": False, "labelPadding": 8}}
    colour = {"field": "arm", "type": "nominal", "sort": None, "scale": {"range": _ARMS}, "legend": None}
    label = "; ".join(
        f"{a.variant}: typical {seconds(a.wait_typical_s)}, 95th percentile {seconds(a.wait_p95_s)}" for a in arms
    )
    return _svg(
        f"Wait after Stop. {label}",
        {
            "data": {"values": rows},
            "height": {"step": _ROW},
            "encoding": {"y": y, "color": colour},
            "layer": [
                {
                    "mark": {"type": "rule", "strokeWidth": 3},
                    "encoding": {"x": {**x, "field": "typical"}, "x2": {"field": "p95"}},
                },
                {
                    "mark": {"type": "tick", "thickness": 3, "height": 14},
                    "encoding": {"x": {**x, "field": "p95"}},
                },
                {
                    "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                    "encoding": {"x": {**x, "field": "typical"}},
                },
            ],
        },
    )


def steps(arms: Sequence[ArmFigures]) -> str:
    """Return a chart of how many sessions came to each step, by arm."""
    rows = [
        {"step": str(step), "arm": arm.variant, "share": arm.reached[step] / arm.sessions}
        for arm in arms
        for step in STEPS
    ]
    label = "; ".join(f"{arm.variant}: {percent(1 - arm.abandoned)} submitted" for arm in arms)
    return _svg(
        f"Sessions by step. {label}",
        {
            "data": {"values": rows},
            "height": {"step": 12 if len(arms) > 1 else 16},
            "mark": {"type": "bar"},
            "encoding": {
                "y": {
                    "field": "step",
                    "type": "nominal",
                    "sort": None,
                    "title": None,
                    "axis": {"ticks": False, "labelPadding": 8},
                },
                "yOffset": {"field": "arm", "sort": None, "scale": {"paddingInner": 0.15}},
                "x": {
                    "field": "share",
                    "type": "quantitative",
                    "title": "Sessions that came so far",
                    "scale": {"domain": [0, 1]},
                    "axis": {"format": "%", "tickCount": 3},
                },
                "color": {
                    "field": "arm",
                    "type": "nominal",
                    "sort": None,
                    "scale": {"range": _ARMS},
                    "legend": {"orient": "top", "title": None, "columns": 2, "symbolType": "square"}
                    if len(arms) > 1
                    else None,
                },
            },
        },
    )


def _svg(label: str, spec: dict[str, Any]) -> str:
    """Return the drawing under a label that says what it shows. Vega's own roles name every single mark, and go."""
    drawn = vl_convert.vegalite_to_svg(
        {"width": _WIDTH, "padding": _PADDING, "config": _CONFIG, **spec}, vl_version="5.21"
    )
    bare = re.sub(r' (?:role|aria-[a-z]+)="[^"]*"', "", drawn)
    return bare.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)


def _cut(value: float) -> float:
    return max(-_WIDEST, min(_WIDEST, value))
