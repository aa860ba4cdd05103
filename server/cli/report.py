"""`python serve.py report`: the table, JSON and page of how uploads went, by interview and arm."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from server.settings import Settings, SettingsError

if TYPE_CHECKING:
    from server.reports.run import ReportOptions

_TOOLS = {"duckdb", "jinja2", "obstore", "scipy", "vl_convert"}


def report_options(
    interviews: list[str], months: tuple[str, str], *, offline: bool, compact: bool, cache: Path | None
) -> "ReportOptions":
    """Return what a run is asked for. Raises SettingsError if the report's libraries are not installed."""
    try:
        from server.reports.run import ReportOptions  # noqa: PLC0415 - no other command needs these libraries
    except ModuleNotFoundError as error:
        raise _without_tools(error) from None
    return ReportOptions(
        interviews=tuple(interviews),
        since=months[0],
        until=months[1],
        is_updating=not offline,
        is_merging=compact,
        cache=cache,
    )


def report(
    settings: Settings,
    options: "ReportOptions",
    console: Console,
    *,
    as_json: bool,
    output: Path | None,
    html: Path | None,
) -> None:
    """Print the report to standard output, and write it where it was asked for. Raises SettingsError, StoreError."""
    from server.reports.run import run_report  # noqa: PLC0415
    from server.reports.terminal import print_report  # noqa: PLC0415

    made = run_report(settings, options, lambda count: console.print(f"{count:,} new reports read", highlight=False))
    if output is not None:
        _write(output, made.model_dump_json(indent=2))
    if html is not None:
        from server.reports.page import page_of  # noqa: PLC0415 - its charts take a second to load

        _write(html, page_of(made))
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
    elif output is None and html is None:
        print_report(made, Console())


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path} cannot be written ({error.strerror}).") from error


def _without_tools(error: ModuleNotFoundError) -> Exception:
    missing = (error.name or "").partition(".")[0]
    if missing not in _TOOLS:
        return error
    return SettingsError(
        f"The report needs a package that is not installed ({missing}). Run `make tools`, or: "
        "python -m pip install --require-hashes -r requirements/report.txt"
    )
