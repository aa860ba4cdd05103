"""`sessions delete` and `sessions retain`: what must not be kept any longer."""

import time
from typing import Annotated

import typer

from server.archive.erasure import Erased, Erasure
from server.archive.retention import outdated
from server.cli.session_options import Archive, Audit, Data, Name, checked_interview, opened, say
from server.cli.session_words import erased_words, name_of, plural
from server.settings import SettingsError

app = typer.Typer()
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


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
