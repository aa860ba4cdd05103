"""Verdicts, in the words that an operator reads."""

from dataclasses import replace

import pytest

from server.reports.comparison import Difference
from server.reports.metrics import METRICS
from server.reports.verdicts import find, sentence

WAIT = next(metric for metric in METRICS if metric.name == "wait")
FAILURES = next(metric for metric in METRICS if metric.name == "failures")
MANY = Difference(
    sessions=2_000,
    baseline_sessions=1_000,
    arm_sessions=1_000,
    estimate=0.0,
    low=-0.01,
    high=0.01,
    detectable=0.012,
    needed=1_234,
    needed_for_margin=1_234,
    needed_for_double=400,
)
FEW = replace(MANY, sessions=60, baseline_sessions=30, arm_sessions=30, needed=712)


def verdict(difference: Difference | None, metric=WAIT, *, is_split_as_planned: bool = True) -> str:
    finding = find(difference, metric, is_split_as_planned=is_split_as_planned)
    return sentence(finding, difference, metric)


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (FEW, "not enough data: 60 of about 720 sessions"),
        (replace(FEW, low=-0.4, high=-0.1), "not enough data: 60 of about 720 sessions"),
        (replace(MANY, low=-0.312, high=-0.118), "differs by 12–31 %: shorter"),
        (replace(MANY, low=0.02, high=0.095), "differs by 2–9.5 %: longer"),
        (replace(MANY, low=0.2501, high=0.2502), "differs by 25 %: longer"),
        (MANY, "no difference above 5 %"),
        (replace(MANY, low=-0.0477, high=0.0499), "not enough data: 2,000 of about 1,300 sessions"),
        (replace(MANY, low=-0.0476, high=0.05), "no difference above 5 %"),
        (replace(MANY, high=0.06, needed=2_801), "not enough data: 2,000 of about 2,900 sessions"),
        (replace(FEW, needed=80, baseline_sessions=6, arm_sessions=54), "not enough data: 60 of about 500 sessions"),
        (None, "not enough data"),
    ],
)
def test_the_verdict_on_a_wait(difference: Difference | None, words: str):
    assert verdict(difference) == words


def test_the_verdict_on_a_share_is_in_points():
    assert verdict(replace(MANY, low=0.011, high=0.023), FAILURES) == "differs by 1.1–2.3 percentage points: higher"
    assert verdict(MANY, FAILURES) == "no difference above 1 percentage point"


def test_arms_that_are_not_split_as_planned_are_not_compared():
    skewed = verdict(replace(MANY, low=-0.3, high=-0.1), is_split_as_planned=False)

    assert skewed == "arms are not split as planned"
