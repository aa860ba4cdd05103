"""`python serve.py sessions …`: list, complete, export and delete what candidates have stored."""

import time
from typing import Annotated

import typer
from rich.console import Console

from server.archive.completion import Completion, Outcome
from server.archive.erasure import Erased, Erasure
from server.archive.overview import as_csv, as_json, row_of
from server.archive.records import Records
from server.archive.retention import outdated
from server.archive.stored_session import State, StoredSession
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
from server.cli.session_words import completed_words, erased_words, name_of, plural, table_of, totals_of
from server.settings import SettingsError

app = typer.Typer(no_args_is_help=True, help="What candidates have stored: list, complete, export and delete it.")
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


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
        for stored in _chosen(archive, session, name, now - age_s):
            _complete(archive, completion, stored, now, closes=close)


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
def delete(
    *,
    session: Annotated[str | None, typer.Argument(help="The session, or interview/session.")] = None,
    interview: Name = None,
    yes: _Yes = False,
    data: Data = None,
    audit: Audit = None,
) -> None:
    """Delete a session, or all of an interview: objects with older versions, and open uploads."""
    name = checked_interview(interview)
    if session is None and name is None:
        raise SettingsError("Name a session, or with --interview an interview, to delete.")
    with opened(data, audit) as archive:
        if session is not None:
            stored = archive.contents.session(f"{name}/{session}" if name else session)
            _confirm(yes, f"Delete {name_of(stored)} ({plural(len(stored.objects), 'object')})?")
            erased = _erase(archive, "delete", stored.keys.interview, stored.keys.session)
        else:
            count = sum(1 for _ in archive.contents.sessions(name))
            _confirm(yes, f"Delete {plural(count, 'session')} of {name}, and everything else of it?")
            erased = _erase(archive, "delete", name or "", None)
    _end(erased)


@app.command()
def retain(
    *,
    interview: Annotated[str, typer.Option(help="The interview.")],
    days: Annotated[float, typer.Option(min=0.01, help="How long its sessions are kept.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted.")] = False,
    yes: _Yes = False,
    data: Data = None,
    audit: Audit = None,
) -> None:
    """Delete the sessions that were submitted, or else last touched, longer ago."""
    name = checked_interview(interview)
    erased = Erased()
    with opened(data, audit) as archive:
        found = list(outdated(archive.contents.sessions(name), days, time.time()))
        if dry_run or not found:
            for stored in found:
                say(f"{name_of(stored)} would be deleted ({plural(len(stored.objects), 'object')}).")
            say(
                f"{plural(len(found), 'session')} of {name} would be deleted."
                if found
                else "There is nothing to delete."
            )
            return
        _confirm(yes, f"Delete {plural(len(found), 'session')} of {name}?")
        for stored in found:
            erased += _erase(archive, "retain", stored.keys.interview, stored.keys.session)
    _end(erased)


def _erase(archive: Archive, command: str, interview: str, session: str | None) -> Erased:
    name = interview if session is None else f"{interview}/{session}"
    with archive.audit.noting(command, interview, session) as counts:
        erased = Erasure(archive.storage).erase(f"{name}/")
        counts |= {"objects": erased.objects, "uploads": erased.uploads, "left": len(erased.left)}
    for sentence in erased_words(name, erased):
        say(sentence)
    return erased


def _confirm(yes: bool, question: str) -> None:
    if not yes:
        typer.confirm(question, abort=True, err=True)


def _end(erased: Erased) -> None:
    """Exit with 1 if something is left."""
    if erased.left:
        raise typer.Exit(1)
