"""What the `sessions` commands have in common: their options, the bucket they work on, and how they read a time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from server.archive.audit import AuditLog
from server.archive.contents import Contents
from server.errors import SignerError
from server.settings import Settings, SettingsError
from server.signer.interviews import Interviews
from server.store.access import open_beside_server
from server.store.storage import Storage

console = Console(stderr=True)  # standard output is for programs
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_AGE = re.compile(r"(\d{1,6})([mhd])")
_UNITS_S = {"m": 60.0, "h": 3600.0, "d": 24 * 3600.0}

Data = Annotated[Path | None, typer.Option(help="Where the embedded store keeps recordings.")]
InterviewFolder = Annotated[Path | None, typer.Option("--interviews", help="Folder of interview files.")]
Audit = Annotated[Path | None, typer.Option(help="Where this is noted, a line each. [audit.jsonl in --data]")]
Name = Annotated[str | None, typer.Option("--interview", help="Only this interview.")]


@dataclass(frozen=True, slots=True)
class Archive:
    """The bucket, as a command works on it."""

    settings: Settings
    storage: Storage
    contents: Contents
    audit: AuditLog
    interviews: Interviews

    def order(self, interview: str) -> list[str]:
        """Return the ids of an interview's questions; none if its file is not here any more."""
        try:
            return [question.id for question in self.interviews.get(interview).questions]
        except SignerError:
            return []


@contextmanager
def opened(data: Path | None, audit: Path | None = None, interviews: Path | None = None) -> Iterator[Archive]:
    given: dict[str, Any] = {"data": data, "audit": audit, "interviews": interviews}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})
    with open_beside_server(settings, settings.page_origin(), say) as storage:
        yield Archive(
            settings,
            storage,
            Contents(storage, say),
            AuditLog(settings.audit_file),
            Interviews(settings.interviews),
        )


def say(sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def checked_interview(name: str | None) -> str | None:
    """Return the interview's id. Raises SettingsError if it cannot be one."""
    if name is not None and not _ID.fullmatch(name):
        raise SettingsError(f"{name!r} is not an interview's id.")
    return name


def seconds_of(age: str) -> float:
    """Return the seconds of "90m", "36h" or "7d". Raises SettingsError."""
    found = _AGE.fullmatch(age)
    if found is None:
        raise SettingsError(f"{age!r} is not a time such as 90m, 36h or 7d.")
    return int(found[1]) * _UNITS_S[found[2]]
