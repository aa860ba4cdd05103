"""The report as tables in a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from server.reports.metrics import STEPS
from server.reports.report import ArmFigures, Experiment, Report
from server.reports.verdicts import Finding
from server.reports.words import COLUMNS, abandonment, detectable_of, name_of, scope_of, split_of

_COLOURS = {Finding.SKEWED: "red", Finding.DIFFERS: "bold", Finding.EQUAL: "green", Finding.TOO_FEW: "dim"}
_MOST_FAULTS = 20


def print_report(report: Report, console: Console) -> None:
    """Print the figures of every interview and arm, and every verdict."""
    for interview in sorted({arm.interview for arm in report.arms}):
        arms = [arm for arm in report.arms if arm.interview == interview]
        console.print(_figures(interview, arms), _steps(interview, arms), sep="\n")
    for experiment in report.experiments:
        if experiment.comparisons and experiment.is_split_as_planned:
            console.print(_verdicts(experiment))
        else:
            title = f"Experiment {experiment.flag}, {scope_of(experiment)}"
            console.print(Text(title, style="bold"), Text(split_of(experiment), style="red"), sep="\n")
    for fault in report.faults[:_MOST_FAULTS]:
        console.print(f"Not counted: {fault.key} ({fault.reason})", style="yellow", markup=False, highlight=False)
    if (more := len(report.faults) - _MOST_FAULTS) > 0:
        console.print(f"Not counted: {more:,} more (--json names them)", style="yellow")
    console.print(f"Sessions: {report.sessions:,}. Damaged reports: {len(report.faults):,}.", highlight=False)


def _figures(interview: str, arms: list[ArmFigures]) -> Table:
    """Return a table with a column for each arm: figures stay readable at 80 characters."""
    table = Table(title=Text(f"Interview {interview}"), title_justify="left", title_style="bold")
    table.add_column("")
    for arm in arms:
        table.add_column(Text(name_of(arm)), justify="right")
    for column in COLUMNS:
        table.add_row(column.title, *(column.value(arm) for arm in arms))
    return table


def _steps(interview: str, arms: list[ArmFigures]) -> Table:
    table = Table(
        title=Text(f"Abandonment by step: {interview}"), title_justify="left", caption="ended there, came so far"
    )
    table.add_column("Step")
    for arm in arms:
        table.add_column(Text(name_of(arm)), justify="right")
    ends = [abandonment(arm) for arm in arms]
    for at, step in enumerate(STEPS):
        table.add_row(str(step), *(f"{ended[at][1]:,}, {ended[at][2]}" for ended in ends))
    return table


def _verdicts(experiment: Experiment) -> Table:
    table = Table(
        title=Text(f"Experiment {experiment.flag}, {scope_of(experiment)}"),
        title_justify="left",
        title_style="bold",
        caption=Text(split_of(experiment)),
        caption_style="",
    )
    table.add_column("Arm")
    table.add_column("Against " + experiment.baseline)
    table.add_column("Verdict")
    table.add_column("Detectable", justify="right")
    for one in experiment.comparisons:
        verdict = Text(one.verdict, style=_COLOURS[one.finding])
        table.add_row(Text(one.variant), one.title, verdict, detectable_of(one))
    return table
