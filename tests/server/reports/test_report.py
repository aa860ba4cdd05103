"""From files of sessions to verdicts."""

from typing import Any

import pytest

from server.reports.report import ALL_INTERVIEWS, Experiment, Report, baseline_of
from server.reports.verdicts import Finding
from tests.server.reports.conftest import Reported
from tests.support.synthetic_sessions import Plan, sessions, write_sessions


def report_on(reported: Reported, count: int, *plans: Plan, **options: Any) -> Report:
    for seed, plan in enumerate(plans):
        write_sessions(reported.bucket, sessions(count, plan, seed=seed))
    return reported.report(**options)


def findings(experiment: Experiment) -> dict[str, Finding]:
    return {one.metric: one.finding for one in experiment.comparisons}


def test_a_planted_difference_is_found_and_equal_metrics_are_not_accused(reported: Reported):
    report = report_on(reported, 2_000, Plan(wait_factor={"small": 0.8}))

    everywhere = report.experiments[0]
    wait = everywhere.comparisons[0]
    assert (everywhere.interview, everywhere.baseline, wait.variant) == (ALL_INTERVIEWS, "control", "small")
    assert wait.verdict.startswith("differs by ")
    assert wait.verdict.endswith(": shorter")
    assert wait.difference is not None
    assert wait.difference.low < -0.2 < wait.difference.high
    found = findings(everywhere)
    assert Finding.DIFFERS not in {finding for metric, finding in found.items() if metric != "wait"}
    assert found["memory"] is Finding.EQUAL
    assert [one.interview for one in report.experiments[1:]] == ["backend", "design"]


def test_a_skewed_split_silences_every_verdict(reported: Reported):
    skewed = Plan(interviews=("skewed",), actual={"control": 0.65, "small": 0.35}, wait_factor={"small": 0.5})

    [experiment] = report_on(reported, 400, skewed).experiments

    assert set(findings(experiment).values()) == {Finding.SKEWED}
    assert experiment.expected == {"control": 200, "small": 200}


def test_a_ramp_is_split_as_planned(reported: Reported):
    first, then = ({"control": 0.9, "small": 0.1}, {"control": 0.2, "small": 0.8})

    experiment = report_on(reported, 300, Plan(planned=first), Plan(planned=then)).experiments[0]

    assert experiment.is_split_as_planned
    assert sum(experiment.observed.values()) == 600
    assert experiment.expected["control"] == pytest.approx(0.9 * 300 + 0.2 * 300)


def test_sessions_that_no_chance_has_split_are_shown_and_not_compared(reported: Reported):
    report = report_on(reported, 100, Plan(interviews=("backend",), planned={"control": 0.5, "small": 0.5}))
    assert report.experiments[0].comparisons
    chosen = [{**one, "session": f"c-{at}"} for at, one in enumerate(sessions(50, Plan(interviews=("design",))))]
    for one in chosen:
        one["assignments"] = {"by-host": {"variant": "small", "planned": {}}}
    write_sessions(reported.bucket, iter(chosen))

    report = reported.report()

    by_host = next(one for one in report.experiments if one.flag == "by-host")
    assert (by_host.comparisons, by_host.observed) == ([], {})
    assert [arm.sessions for arm in report.arms if arm.flag == "by-host"] == [50]


def test_one_interview_can_be_asked_for(reported: Reported):
    report = report_on(reported, 20, Plan(), interviews=("design",))

    assert {arm.interview for arm in report.arms} == {"design"}
    assert (report.sessions, reported.read) == (10, 10)


def test_figures_are_those_of_the_sessions(reported: Reported):
    [one] = sessions(1)
    sent = {"sent": 1_000, "sent_twice": 250, "retried": 4, "recovered": 3, "peak_memory": 7, "failed": 1}
    made = [{**one, **sent, "session": f"s-{at}", "wait_s": wait_s} for at, wait_s in enumerate((0.5, 2.0))]
    nothing = {"recorded": 0, "sent": 0, "sent_twice": 0, "retried": 0, "wait_s": None, "peak_memory": None}
    left = {**one, **nothing, "session": "left", "step": "begun", "is_submitted": False}
    write_sessions(reported.bucket, iter([*made, left]))

    arm = reported.report().arms[0]

    assert arm.sessions == 3
    assert arm.wait_typical_s == pytest.approx(1.0)  # of 0.5 and 2.0
    assert (arm.sent_twice, arm.recovered, arm.failures, arm.memory_median) == (0.25, 0.75, 1.0, 7)
    assert arm.abandoned == pytest.approx(1 / 3)
    assert (arm.reached["begun"], arm.reached["recorded"], arm.reached["submitted"]) == (3, 2, 2)


def test_nothing_at_all_is_a_report_too(reported: Reported):
    report = reported.report()

    assert (report.sessions, report.arms, report.experiments, report.faults) == (0, [], [], [])


@pytest.mark.parametrize(
    ("sessions_by_arm", "shares", "baseline"),
    [
        ({"a": 5, "control": 1}, {"a": 0.9, "control": 0.1}, "control"),
        ({"on": 5, "off": 1}, {}, "off"),
        ({"b": 5, "a": 5, "c": 5}, {"a": 0.2, "b": 0.4, "c": 0.4}, "b"),
        ({"b": 5, "a": 5}, {}, "a"),
    ],
)
def test_the_baseline(sessions_by_arm: dict[str, int], shares: dict[str, float], baseline: str):
    assert baseline_of(sessions_by_arm, shares) == baseline
