"""Two arms' sums become one difference with its interval."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from server.reports.intervals import detectable, half_width, needed
from server.reports.metrics import SEEN_POWER, Metric, Scale

MIN_PER_STRATUM = 5  # sessions of each arm; fewer tell nothing about their variance


@dataclass(frozen=True, slots=True)
class Sums:
    """What is left of one arm's sessions in one stratum: y is the metric's numerator, x its denominator."""

    sessions: int
    x: float
    y: float
    xx: float
    xy: float
    yy: float

    @property
    def ratio(self) -> float:
        return self.y / self.x

    def variance_of_ratio(self, scale: Scale) -> float:
        """Return the variance of `ratio` by the delta method.

        For a share two sessions are added, one of share 0 and one of share 1 (Agresti and Caffo 2000): twenty sessions
        without a failure do not prove that there never is one.
        """
        n, x, y, xx, xy, yy = self.sessions, self.x, self.y, self.xx, self.xy, self.yy
        if scale is Scale.SHARE:
            mean = x / n
            n, x, y, xx, xy, yy = n + 2, x + 2 * mean, y + mean, xx + 2 * mean**2, xy + mean**2, yy + mean**2
        ratio = y / x
        residual = max(yy - 2 * ratio * xy + ratio**2 * xx, 0.0) / (n - 1)
        return residual / (x / n) ** 2 / n


@dataclass(frozen=True, slots=True)
class Stratum:
    """The sessions of one interview for which one split was planned.

    Arms are compared within it, because interviews differ, and because a ramp changes who is in which arm.
    """

    baseline: Sums
    arm: Sums


@dataclass(frozen=True, slots=True)
class Difference:
    """Arm minus baseline: relative (0.12 is 12 % more) or in shares, as the metric's scale says."""

    sessions: int  # of both arms, that count
    baseline_sessions: int
    arm_sessions: int
    estimate: float
    low: float
    high: float
    detectable: float  # with a chance of 80 %
    needed: int  # sessions of both arms until there is a verdict, if the estimate stays
    needed_for_margin: int  # sessions of both arms at which a difference of the metric's margin can be told
    needed_for_double: int  # the same for twice the margin


def compare(strata: Iterable[Stratum], metric: Metric) -> Difference | None:
    """Return the difference over all strata, each weighted by what it tells; None if no stratum has enough sessions."""
    usable = [s for s in strata if min(s.baseline.sessions, s.arm.sessions) >= MIN_PER_STRATUM]
    if not usable:
        return None
    weights = [s.baseline.sessions * s.arm.sessions / (s.baseline.sessions + s.arm.sessions) for s in usable]
    total = sum(weights)
    estimate = sum(w * (s.arm.ratio - s.baseline.ratio) for w, s in zip(weights, usable, strict=True)) / total
    error = math.sqrt(sum(w**2 * _variance(s, metric) for w, s in zip(weights, usable, strict=True))) / total
    baseline, arm = sum(s.baseline.sessions for s in usable), sum(s.arm.sessions for s in usable)
    sessions = baseline + arm
    half = half_width(error, sessions)
    back = math.expm1 if metric.scale is Scale.RELATIVE else _share
    margin = math.log1p(metric.margin) if metric.scale is Scale.RELATIVE else metric.margin
    double = math.log1p(2 * metric.margin) if metric.scale is Scale.RELATIVE else 2 * metric.margin
    # Where the margin could be told by now and yet is not, the estimate lies near 0 or near the margin.
    width = margin if half > margin else max(abs(estimate), margin - abs(estimate))
    return Difference(
        sessions=sessions,
        baseline_sessions=baseline,
        arm_sessions=arm,
        estimate=back(estimate),
        low=back(estimate - half),
        high=back(estimate + half),
        detectable=back(detectable(error, sessions, SEEN_POWER)),
        needed=needed(error, sessions, width),
        needed_for_margin=needed(error, sessions, margin),
        needed_for_double=needed(error, sessions, double),
    )


def _share(difference: float) -> float:
    """Return a difference of shares, which is at most 100 percentage points."""
    return max(-1.0, min(1.0, difference))


def _variance(stratum: Stratum, metric: Metric) -> float:
    return stratum.baseline.variance_of_ratio(metric.scale) + stratum.arm.variance_of_ratio(metric.scale)
