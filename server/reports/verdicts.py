"""What a difference means, in words that need no statistics."""

from enum import StrEnum

from server.reports.comparison import Difference
from server.reports.metrics import Metric, Scale

MIN_PER_ARM = 50  # the intervals hold for large numbers; from here on heavy tails do them no harm (docs/REPORTS.md)


class Finding(StrEnum):
    SKEWED = "skewed"  # nothing that is compared can be trusted
    TOO_FEW = "too-few"
    DIFFERS = "differs"
    EQUAL = "equal"  # within the margin


def find(difference: Difference | None, metric: Metric, *, is_split_as_planned: bool) -> Finding:
    """Return what a difference shows."""
    if not is_split_as_planned:
        return Finding.SKEWED
    if difference is None or min(difference.baseline_sessions, difference.arm_sessions) < MIN_PER_ARM:
        return Finding.TOO_FEW
    if difference.low > 0 or difference.high < 0:
        return Finding.DIFFERS
    lowest = 1 / (1 + metric.margin) - 1 if metric.scale is Scale.RELATIVE else -metric.margin
    if lowest <= difference.low and difference.high <= metric.margin:
        return Finding.EQUAL
    return Finding.TOO_FEW


def sentence(finding: Finding, difference: Difference | None, metric: Metric) -> str:
    """Return the verdict in words."""
    if finding is Finding.SKEWED:
        return "arms are not split as planned"
    if difference is None:
        return "not enough data"
    if finding is Finding.TOO_FEW:
        return f"not enough data: {_count(difference.sessions)} of about {_needed(difference)} sessions"
    if finding is Finding.EQUAL:
        return f"no difference above {_amount(metric.margin, metric)}"
    low, high = sorted((abs(difference.low), abs(difference.high)))
    word = metric.more if difference.low > 0 else metric.less
    return f"differs by {_range(low, high, metric)}: {word}"


def _needed(difference: Difference) -> str:
    share = min(difference.baseline_sessions, difference.arm_sessions) / difference.sessions
    return _count(round_up(max(difference.needed, round(MIN_PER_ARM / share))))


def round_up(number: int) -> int:
    """Round up to two digits: more would claim to know the future."""
    step: int = 10 ** max(len(str(number)) - 2, 0)
    return -(-number // step) * step


def _count(number: int) -> str:
    return f"{number:,}"


def _amount(value: float, metric: Metric) -> str:
    return f"{_number(value)} {_unit(metric, is_one=_number(value) == '1')}"


def _range(low: float, high: float, metric: Metric) -> str:
    first, last = _number(low), _number(high)
    if first == last:
        return _amount(high, metric)
    return f"{first}–{last} {_unit(metric)}"


def _number(value: float) -> str:
    percent = abs(value) * 100
    return f"{percent:.0f}" if percent >= 10 or round(percent, 1) == round(percent) else f"{percent:.1f}"


def _unit(metric: Metric, *, is_one: bool = False) -> str:
    if metric.scale is Scale.RELATIVE:
        return "%"
    return "percentage point" if is_one else "percentage points"
