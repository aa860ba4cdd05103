"""Intervals, comparisons and the split, held against other people's statistics."""

import math
from random import Random

import pytest
from scipy.stats import chisquare

from server.reports.comparison import Stratum, Sums, compare
from server.reports.intervals import ERROR, TIGHTEST_AT, half_width, needed
from server.reports.metrics import METRICS, Metric, Scale
from server.reports.sample_ratio import check_ratio

WAIT = next(metric for metric in METRICS if metric.name == "wait")
FAILURES = next(metric for metric in METRICS if metric.name == "failures")
SENT_TWICE = next(metric for metric in METRICS if metric.name == "sent_twice")


def sums(ys: list[float], xs: list[float] | None = None) -> Sums:
    xs = xs or [1.0] * len(ys)
    return Sums(
        len(ys),
        sum(xs),
        sum(ys),
        sum(x * x for x in xs),
        sum(x * y for x, y in zip(xs, ys, strict=True)),
        sum(y * y for y in ys),
    )


def normal(chance: Random, count: int, mean: float = 0.0) -> list[float]:
    return [chance.gauss(mean, 1.0) for _ in range(count)]


def test_the_interval_is_the_papers():
    """Theorem 2.2 for σ = 1: sqrt(2 (tρ² + 1) / (t² ρ²) · log(sqrt(tρ² + 1) / α))."""
    t, rho = 400, math.sqrt((-2 * math.log(ERROR) + math.log(-2 * math.log(ERROR)) + 1) / TIGHTEST_AT)
    paper = math.sqrt(2 * (t * rho**2 + 1) / (t**2 * rho**2) * math.log(math.sqrt(t * rho**2 + 1) / ERROR))

    assert half_width(1 / math.sqrt(t), t) == pytest.approx(paper)


def test_it_is_wider_than_a_fixed_interval_and_stays_useful():
    for sessions in (100, 1_000, 100_000):
        assert 1.35 < half_width(1.0, sessions) / 1.96 < 2.2


def test_needed_sessions_give_the_width_that_was_asked_for():
    count = needed(0.1, 500, 0.05)
    error = 0.1 * math.sqrt(500 / count)

    assert half_width(error, count) <= 0.05 < half_width(error * math.sqrt(count / (count - 1)), count - 1)


def test_an_interval_that_is_looked_at_often_is_seldom_wrong():
    """A fixed one leaves out the truth in about a third of all runs at some look."""
    wrong = fixed_wrong = 0
    for run in range(200):
        chance, values = Random(run), []
        is_wrong = is_fixed_wrong = False
        for _ in range(50):
            values += normal(chance, 20)
            mean, error = math.fsum(values) / len(values), 1 / math.sqrt(len(values))
            is_wrong |= abs(mean) > half_width(error, len(values))
            is_fixed_wrong |= abs(mean) > 1.96 * error
        wrong += is_wrong
        fixed_wrong += is_fixed_wrong

    assert wrong <= 10
    assert fixed_wrong > 40


def test_a_ratio_of_sums_has_the_variance_that_tea_tasting_finds():
    from tea_tasting.aggr import Aggregates

    chance = Random(1)
    xs = [chance.lognormvariate(0, 1) for _ in range(500)]
    ys = [0.1 * x * chance.random() for x in xs]
    mean_x, mean_y = sum(xs) / 500, sum(ys) / 500
    theirs = Aggregates(
        count_=500,
        mean_={"x": mean_x, "y": mean_y},
        var_={
            "x": sum((x - mean_x) ** 2 for x in xs) / 499,
            "y": sum((y - mean_y) ** 2 for y in ys) / 499,
        },
        cov_={("x", "y"): sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / 499},
    )

    ours = sums(ys, xs)

    assert ours.ratio == pytest.approx(mean_y / mean_x)
    assert ours.variance_of_ratio(Scale.RELATIVE) == pytest.approx(theirs.ratio_var("y", "x") / 500)


def test_a_relative_difference_is_a_ratio_of_geometric_means():
    control, treated = normal(Random(1), 2_000), normal(Random(2), 2_000, mean=math.log(0.8))

    found = compare([Stratum(sums(control), sums(treated))], WAIT)

    assert found is not None
    ratio = math.exp(sum(treated) / 2_000 - sum(control) / 2_000)
    assert found.estimate == pytest.approx(ratio - 1)
    assert found.low < -0.2 < found.high < 0
    assert found.detectable > found.estimate - found.low


def test_twenty_sessions_without_a_failure_do_not_prove_that_there_are_none():
    found = compare([Stratum(sums([0.0] * 20), sums([0.0] * 20))], FAILURES)

    assert found is not None
    assert (found.estimate, found.high > FAILURES.margin) == (0.0, True)


@pytest.mark.parametrize("metric", [WAIT, FAILURES, SENT_TWICE], ids=lambda metric: metric.name)
def test_a_ramp_makes_no_difference_where_there_is_none(metric: Metric):
    """First few got the new arm and waits were long; then most got it and waits were short, in both arms."""
    chance = Random(5)

    def arm(count: int, level: float) -> Sums:
        if metric is WAIT:
            return sums(normal(chance, count, mean=level))
        return sums([float(chance.random() < level / 4) for _ in range(count)])

    strata = [Stratum(arm(900, 2.0), arm(100, 2.0)), Stratum(arm(100, 0.5), arm(900, 0.5))]
    found = compare(strata, metric)
    mixed = compare(
        [Stratum(*(_joined(a, b) for a, b in zip(_arms(strata[0]), _arms(strata[1]), strict=True)))], metric
    )

    assert found is not None
    assert mixed is not None
    assert found.low < 0 < found.high
    assert mixed.high < 0


def _arms(stratum: Stratum) -> tuple[Sums, Sums]:
    return stratum.baseline, stratum.arm


def _joined(a: Sums, b: Sums) -> Sums:
    return Sums(a.sessions + b.sessions, a.x + b.x, a.y + b.y, a.xx + b.xx, a.xy + b.xy, a.yy + b.yy)


def test_a_stratum_of_a_few_sessions_is_left_out():
    assert compare([Stratum(sums([1.0, 2.0]), sums(normal(Random(1), 100)))], WAIT) is None


def test_the_split_is_checked_as_scipy_does():
    observed = {"control": 480, "small": 530, "tiny": 90}
    found = check_ratio(observed, {"control": 495.0, "small": 495.0, "tiny": 110.0})

    assert found.p == pytest.approx(chisquare([480, 530, 90], [495, 495, 110]).pvalue)
    assert found.is_as_planned


@pytest.mark.parametrize(
    ("observed", "shares", "is_as_planned"),
    [
        ({"on": 5_300, "off": 4_700}, {"on": 5_000.0, "off": 5_000.0}, False),
        ({"on": 5_050, "off": 4_950}, {"on": 5_000.0, "off": 5_000.0}, True),
        ({"on": 140, "off": 860}, {"on": 0.05 * 500 + 0.2 * 500, "off": 0.95 * 500 + 0.8 * 500}, True),  # a ramp
        ({"on": 100, "off": 99, "odd": 1}, {"on": 100.0, "off": 100.0}, False),  # an arm that nobody planned
        ({"off": 100}, {"on": 0.0, "off": 100.0}, True),  # not begun
        ({"on": 4, "off": 0}, {"on": 2.0, "off": 2.0}, True),  # too few to tell
        ({}, {}, True),
    ],
)
def test_a_skewed_split_is_found(observed: dict[str, int], shares: dict[str, float], is_as_planned: bool):
    assert check_ratio(observed, shares).is_as_planned is is_as_planned
