"""The report: figures by interview and arm, and what is found about every experiment. This is what --json prints."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ConfigDict

from server.reports.comparison import Difference, Stratum, Sums, compare
from server.reports.metrics import METRICS, STEPS, Metric, Scale
from server.reports.queries import (
    NO_FLAG,
    Fault,
    StratumKey,
    all_sums,
    faults,
    figures,
    planned_shares,
)
from server.reports.sample_ratio import SampleRatio, check_ratio
from server.reports.verdicts import Finding, find, sentence
from server.reports.warehouse import Warehouse

ALL_INTERVIEWS = "*"  # no interview can have this name
BASELINES = ("control", "off")

_Found = Mapping[str, Mapping[StratumKey, Mapping[str, Sums]]]  # by metric, stratum and arm
_Shares = Mapping[tuple[str, str], tuple[Mapping[str, int], Mapping[str, float]]]  # by interview and flag
_Number = TypeVar("_Number", int, float)


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class ArmFigures(_Model):
    """One arm of one experiment in one interview, or (flag "") all of its sessions. Sizes are bytes."""

    interview: str
    flag: str
    variant: str
    sessions: int
    wait_typical_s: float | None  # geometric mean
    wait_p95_s: float | None
    total_median_s: float | None
    total_per_recorded: float | None  # geometric mean
    failures: float | None  # share of the sessions that recorded something
    retried: int
    recovered: float | None  # share of `retried`
    sent: int
    sent_twice: float | None  # share of `sent`
    memory_median: float | None
    memory_p95: float | None
    abandoned: float  # share of all sessions
    reached: dict[str, int]  # sessions by step: those that came at least so far


class Comparison(_Model):
    """One metric of one arm against the baseline."""

    metric: str
    title: str
    scale: Scale
    margin: float
    variant: str
    finding: Finding
    verdict: str
    difference: Difference | None


class Experiment(_Model):
    """One flag in one interview or, by interview and plan, in all ("*").

    Sessions that no chance has put into their arm are neither in `observed` nor compared.
    """

    interview: str
    flag: str
    baseline: str
    observed: dict[str, int]
    expected: dict[str, float]
    ratio_p: float | None
    is_split_as_planned: bool
    comparisons: list[Comparison]


class Report(_Model):
    made_at: datetime
    sessions: int
    arms: list[ArmFigures]
    experiments: list[Experiment]
    faults: list[Fault]


def make_report(warehouse: Warehouse) -> Report:
    """Return the report on the sessions that were selected."""
    arms = [arm_of(row) for row in figures(warehouse)]
    return Report(
        made_at=datetime.now(UTC).replace(microsecond=0),
        sessions=sum(arm.sessions for arm in arms if arm.flag == NO_FLAG),
        arms=arms,
        experiments=experiments(all_sums(warehouse), planned_shares(warehouse), arms),
        faults=faults(warehouse),
    )


def arm_of(row: Mapping[str, object]) -> ArmFigures:
    """Return the figures of one row of `queries.figures`."""
    return ArmFigures.model_validate({**row, "reached": {step: row[f"reached_{step}"] for step in STEPS}})


def experiments(found: _Found, shares: _Shares, arms: Iterable[ArmFigures]) -> list[Experiment]:
    """Compare every arm of every flag with its baseline: in all interviews together, then in each."""
    sessions: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for arm in arms:
        if arm.flag != NO_FLAG:
            sessions[arm.flag][arm.interview][arm.variant] = arm.sessions
    made = []
    for flag, by_interview in sorted(sessions.items()):
        ratios = {interview: shares.get((interview, flag), ({}, {})) for interview in by_interview}
        pooled = (_summed(ratio[0] for ratio in ratios.values()), _summed(ratio[1] for ratio in ratios.values()))
        counts = _summed(by_interview.values())
        baseline = baseline_of(counts, pooled[1])
        scopes = [ALL_INTERVIEWS, *sorted(by_interview)] if len(by_interview) > 1 else list(by_interview)
        for scope in scopes:
            ratio = check_ratio(*(pooled if scope == ALL_INTERVIEWS else ratios[scope]))
            present = counts if scope == ALL_INTERVIEWS else by_interview[scope]
            made.append(_experiment(scope, flag, baseline, arms=sorted(present), ratio=ratio, found=found))
    return made


def baseline_of(sessions: Mapping[str, float], shares: Mapping[str, float]) -> str:
    """Return the arm named control or off or, if there is none, the one with the largest planned share."""
    for name in BASELINES:
        if name in sessions:
            return name
    return min(sessions, key=lambda arm: (-shares.get(arm, 0.0), arm))


def _experiment(
    scope: str, flag: str, baseline: str, *, arms: list[str], ratio: SampleRatio, found: _Found
) -> Experiment:
    return Experiment(
        interview=scope,
        flag=flag,
        baseline=baseline,
        observed=dict(ratio.observed),
        expected=dict(ratio.expected),
        ratio_p=ratio.p,
        is_split_as_planned=ratio.is_as_planned,
        comparisons=[
            _comparison(metric, arm, _strata(found[metric.name], scope, flag, baseline, arm), ratio)
            for arm in arms
            if arm != baseline and ratio.observed
            for metric in METRICS
        ],
    )


def _comparison(metric: Metric, arm: str, strata: list[Stratum], ratio: SampleRatio) -> Comparison:
    difference = compare(strata, metric)
    finding = find(difference, metric, is_split_as_planned=ratio.is_as_planned)
    return Comparison(
        metric=metric.name,
        title=metric.title,
        scale=metric.scale,
        margin=metric.margin,
        variant=arm,
        finding=finding,
        verdict=sentence(finding, difference, metric),
        difference=difference,
    )


def _strata(
    found: Mapping[StratumKey, Mapping[str, Sums]], scope: str, flag: str, baseline: str, arm: str
) -> list[Stratum]:
    return [
        Stratum(arms[baseline], arms[arm])
        for key, arms in found.items()
        if key.flag == flag and scope in {ALL_INTERVIEWS, key.interview} and baseline in arms and arm in arms
    ]


def _summed(counts: Iterable[Mapping[str, _Number]]) -> dict[str, _Number]:
    total: dict[str, _Number] = {}
    for one in counts:
        for arm, count in one.items():
            total[arm] = total[arm] + count if arm in total else count
    return total
