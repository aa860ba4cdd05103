"""The report as one self-contained HTML page: no script, no request, for light and dark and for screen readers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.reports import charts, words
from server.reports.metrics import STEPS, Scale
from server.reports.queries import NO_FLAG
from server.reports.report import ALL_INTERVIEWS, ArmFigures, Experiment, Report

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
MOST_CHARTED = 40  # interviews; a page with hundreds of charts opens slowly, and its tables say the same


@dataclass(frozen=True, slots=True)
class Group:
    """The arms of one flag in one interview, or all of its sessions."""

    title: str
    arms: Sequence[ArmFigures]
    waits: str
    steps: str


@dataclass(frozen=True, slots=True)
class Verdicts:
    """One flag: in all interviews first, then in each."""

    flag: str
    first: Experiment
    relative: str
    shares: str
    others: Sequence[Experiment]


def page_of(report: Report) -> str:
    """Return the page."""
    interviews = sorted({arm.interview for arm in report.arms})
    return _TEMPLATES.get_template("page.html").render(
        report=report,
        verdicts=[_verdicts(flag, report) for flag in sorted({one.flag for one in report.experiments})],
        interviews={
            name: _groups([arm for arm in report.arms if arm.interview == name], has_charts=at < MOST_CHARTED)
            for at, name in enumerate(interviews)
        },
        columns=words.COLUMNS,
        steps=STEPS,
        words=words,
        everywhere=ALL_INTERVIEWS,
    )


def _verdicts(flag: str, report: Report) -> Verdicts:
    first, *others = [one for one in report.experiments if one.flag == flag]
    return Verdicts(
        flag,
        first,
        charts.intervals(first.comparisons, Scale.RELATIVE) if first.is_split_as_planned else "",
        charts.intervals(first.comparisons, Scale.SHARE) if first.is_split_as_planned else "",
        others,
    )


def _groups(arms: Sequence[ArmFigures], *, has_charts: bool) -> list[Group]:
    flags = sorted({arm.flag for arm in arms} - {NO_FLAG}) or [NO_FLAG]
    made = []
    for flag in flags:
        these = [arm for arm in arms if arm.flag == flag]
        drawn = (charts.waits(these), charts.steps(these)) if has_charts else ("", "")
        made.append(Group(flag, these, *drawn))
    return made
