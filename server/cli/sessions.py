"""`python serve.py sessions …`: list, complete, export and delete what candidates have stored."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from server.archive.completion import Completion, Outcome
from server.archive.overview import as_csv, as_json, row_of
from server.archive.records import Records
from server.archive.stored_session import State, StoredSession
from server.cli.session_deletion import app as deletion
from server.cli.session_export import check_tools
from server.cli.session_export import export as export_
from server.cli.session_options import (
    Archive,
    Audit,
    Data,
    InterviewFolder,
    Name,
    checked_interview,
    opened,
    say,
    seconds_of,
)
from server.cli.session_words import completed_words, table_of, totals_of
from server.settings import SettingsError

app = typer.Typer(no_args_is_help=True, help="What candidates have stored: list, complete, export and delete it.")
app.add_typer(deletion)


@app.command("list")
def list_(
    *,
    interview: Name = None,
    state: Annotated[State | None, typer.Option(help="Only these.")] = None,
    as_json_: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv_: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    names: Annotated[bool, typer.Option("--names/--no-names", help="Read each session's name.")] = True,
    data: Data = None,
) -> None:
    """Say who has submitted, what is unfinished, and where they stopped."""
    name = checked_interview(interview)
    with opened(data) as archive:
        stored = [one for one in archive.contents.sessions(name) if state in (None, one.state)]
        records = Records(archive.storage).sessions(stored) if names else [None] * len(stored)
    rows = [row_of(one, record) for one, record in zip(stored, records, strict=True)]
    if as_json_ or as_csv_:
        typer.echo(as_json(rows) if as_json_ else as_csv(rows), nl=as_json_)
        return
    Console().print(table_of(rows))
    say(totals_of(rows))


@app.command()
def complete(
    *,
    session: Annotated[str | None, typer.Argument(help="The session, or interview/session.")] = None,
    interview: Name = None,
    older_than: Annotated[
        str | None, typer.Option(help="All in which nothing has happened for so long, as 7d.")
    ] = None,
    close: Annotated[bool, typer.Option("--close", help="Close them too: no more can be added.")] = False,
    data: Data = None,
    interviews: InterviewFolder = None,
    audit: Audit = None,
) -> None:
    """Complete abandoned uploads, so that what has arrived is kept and plays."""
    if (session is None) == (older_than is None):
        raise SettingsError("Name a session, or say with --older-than which ones (for example 7d).")
    age_s, name = seconds_of(older_than) if older_than else 0.0, checked_interview(interview)
    with opened(data, audit, interviews) as archive:
        completion = Completion(archive.storage, archive.contents)
        now = time.time()
        chosen = [one for one in _chosen(archive, session, name, now - age_s) if session or close or one.is_left_open]
        for stored in chosen:
            _complete(archive, completion, stored, now, closes=close)
        if not chosen:
            say("There is nothing to complete.")


def _chosen(archive: Archive, session: str | None, interview: str | None, before: float) -> list[StoredSession]:
    if session is not None:
        return [archive.contents.session(f"{interview}/{session}" if interview else session)]
    found = archive.contents.sessions(interview)
    return [one for one in found if one.state is not State.SUBMITTED and one.touched_at < before]


def _complete(archive: Archive, completion: Completion, stored: StoredSession, now: float, *, closes: bool) -> None:
    keys = stored.keys
    with archive.audit.noting("close" if closes else "complete", keys.interview, keys.session) as counts:
        done = completion.complete(stored, now, archive.order(keys.interview), closes=closes)
        counts["recordings"] = sum(bool(one.size) for one in done.kept)
        if done.outcome is not Outcome.DONE:
            counts["reason"] = str(done.outcome)
    for sentence in completed_words(done):
        say(sentence)


@app.command()
def export(
    *,
    into: Annotated[Path, typer.Option(help="The folder; an interrupted export goes on in it.")],
    interview: Name = None,
    session: Annotated[list[str] | None, typer.Option(help="Only this session; may be given again.")] = None,
    links: Annotated[
        float | None, typer.Option(min=0.1, max=168, help="No files, but links that play for so many hours.")
    ] = None,
    data: Data = None,
    interviews: InterviewFolder = None,
    audit: Audit = None,
) -> None:
    """Bring answers to a folder, with a page to review them by. Ends with 1 if something is not as recorded."""
    check_tools()
    name = checked_interview(interview)
    with (
        opened(data, audit, interviews) as archive,
        archive.audit.noting("export", name or "*", " ".join(session or []) or None) as counts,
    ):
        exported = export_(archive, into, name, session or [], links)
        counts |= {"sessions": exported.sessions, "recordings": exported.recordings}
        counts["problems"] = len(exported.problems)
    if exported.problems:
        raise typer.Exit(1)
