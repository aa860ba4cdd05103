"""Figures as people read them: the same words in the terminal and on the page."""

from collections.abc import Callable
from dataclasses import dataclass

from server.reports.metrics import STEPS, Scale
from server.reports.queries import NO_FLAG
from server.reports.report import ALL_INTERVIEWS, ArmFigures, Comparison, Experiment
from server.reports.verdicts import Finding, round_up

_MIB = 1024 * 1024
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    hint: str
    value: Callable[[ArmFigures], str]


def seconds(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:.2f} s" if value < 10 else f"{value:,.0f} s"


def percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share * 100:.1f} %"


def mebibytes(size: float | None) -> str:
    return NOTHING if size is None else f"{size / _MIB:,.0f} MiB"


def _times(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f} ×"


def _large(size: int) -> str:
    return f"{size / 1e9:,.1f} GB" if size >= 1e8 else f"{size / 1e6:,.1f} MB"


COLUMNS = (
    Column("Sessions", "sessions with a report", lambda arm: f"{arm.sessions:,}"),
    Column("Wait, typical", "from the last Stop until everything was stored", lambda arm: seconds(arm.wait_typical_s)),
    Column("Wait, 95th percentile", "19 of 20 sessions waited less", lambda arm: seconds(arm.wait_p95_s)),
    Column("Total time", "from the first Record until everything was stored", lambda arm: seconds(arm.total_median_s)),
    Column("Total per recorded", "total time over recorded time", lambda arm: _times(arm.total_per_recorded)),
    Column("Failures", "an upload waited for a person, or nothing was submitted", lambda arm: percent(arm.failures)),
    Column("Failed at least once", "requests, which were then tried again", lambda arm: f"{arm.retried:,}"),
    Column("Retries that succeeded", "of what failed at least once", lambda arm: percent(arm.recovered)),
    Column("Sent", "all bytes, repeats included", lambda arm: _large(arm.sent)),
    Column("Bytes sent twice", "of all bytes sent", lambda arm: percent(arm.sent_twice)),
    Column("Memory, median", "peak; Chromium only", lambda arm: mebibytes(arm.memory_median)),
    Column("Memory, 95th percentile", "peak; Chromium only", lambda arm: mebibytes(arm.memory_p95)),
    Column("Abandoned", "of all sessions", lambda arm: percent(arm.abandoned)),
)


def name_of(arm: ArmFigures) -> str:
    return "all sessions" if arm.flag == NO_FLAG else f"{arm.flag}: {arm.variant}"


def scope_of(experiment: Experiment) -> str:
    return "all interviews" if experiment.interview == ALL_INTERVIEWS else experiment.interview


def caption_of(experiment: Experiment) -> str:
    arms = sorted({one.variant for one in experiment.comparisons})
    return f"{', '.join(arms)} compared with {experiment.baseline}"


def split_of(experiment: Experiment) -> str:
    """Return how many sessions the arms got, and whether that is what was planned."""
    counts = ", ".join(f"{arm} {count:,}" for arm, count in sorted(experiment.observed.items()))
    if not counts:
        return "Not split at random: nothing to compare."
    planned = ", ".join(f"{arm} {count:,.0f}" for arm, count in sorted(experiment.expected.items()))
    if not experiment.is_split_as_planned:
        return f"Arms are not split as planned: {counts}; planned were {planned}. Nothing is compared."
    if experiment.ratio_p is None:
        return f"Sessions: {counts}. Too few to check the split."
    return f"Sessions: {counts}. Split as planned ({planned})."


def amount(value: float, scale: Scale) -> str:
    """Return a difference with its unit: percent of the baseline, or points of a share."""
    number = f"{value * 100:.1f}".removesuffix(".0")
    return f"{number} %" if scale is Scale.RELATIVE else f"{number} {'point' if number == '1' else 'points'}"


def detectable_of(comparison: Comparison) -> str:
    """Return the smallest difference that would be found by now in 4 of 5 cases."""
    difference = comparison.difference
    if difference is None or comparison.finding is Finding.SKEWED or difference.detectable >= 10:
        return NOTHING
    return amount(difference.detectable, comparison.scale)


def interval_of(comparison: Comparison) -> str:
    difference = comparison.difference
    if difference is None or comparison.finding is Finding.SKEWED or difference.high >= 10:
        return NOTHING
    unit = "%" if comparison.scale is Scale.RELATIVE else "points"
    return f"{difference.low * 100:+.1f} to {difference.high * 100:+.1f} {unit}".replace("-", "−")


def needed_of(comparison: Comparison) -> tuple[str, str]:
    """Return how many sessions tell a difference of the margin, and of twice the margin."""
    difference = comparison.difference
    if difference is None or comparison.finding is Finding.SKEWED:
        return NOTHING, NOTHING
    margin, scale = comparison.margin, comparison.scale
    return (
        f"{round_up(difference.needed_for_margin):,} for {amount(margin, scale)}",
        f"{round_up(difference.needed_for_double):,} for {amount(2 * margin, scale)}",
    )


def abandonment(arm: ArmFigures) -> list[tuple[str, int, str]]:
    """Return for each step how many sessions ended there and how many came so far, as a share."""
    counts = [arm.reached[step] for step in STEPS]
    after = [*counts[1:], counts[-1]]  # who has submitted has not ended anywhere
    return [
        (str(step), here - later, percent(here / arm.sessions))
        for step, here, later in zip(STEPS, counts, after, strict=True)
    ]
