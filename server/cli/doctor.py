"""Check secret, interviews and store, and say how to fix what is wrong."""

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import httpx
from rich.console import Console

from server.cli.page_requests import CheckFailed
from server.cli.store_check import Examined, examine_store
from server.cli.stream_check import examine_streams
from server.errors import StoreError
from server.flagd_address import FlagdAddress
from server.settings import Settings, SettingsError
from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_source import flag_source
from server.signer.interview_file import InterviewError, read_interview
from server.signer.interviews import Interviews


def examine(settings: Settings, console: Console) -> bool:
    """Run every check; return whether all passed. Nothing is left in a bucket that lets the signer delete objects."""
    passed = [
        _passes(console, name, check) for name, check in _checks(settings)
    ]  # no short circuit: one failure must not hide another
    return all(passed)


def _checks(settings: Settings) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "ticket secret", settings.ticket_secrets
    interviews = Interviews(settings.interviews)
    if not interviews.files():
        yield f"interviews in {settings.interviews}", _no_interviews
    for path in interviews.files():
        yield f"interview {path.stem}", partial(read_interview, path)
    if settings.flags is not None:
        yield f"flags in {settings.flags}", partial(_read_flags, settings.flags)
    yield "store", lambda: examine_store(settings)
    if settings.stream_url is not None:
        yield "stream gateway", lambda: examine_streams(settings)


def _read_flags(place: Path | FlagdAddress) -> None:
    with closing(flag_source(place)) as source:
        try:
            source.read()
        except FlagsError as error:
            raise CheckFailed(str(error)) from error


def _no_interviews() -> None:
    raise CheckFailed("There is none. Copy static/interviews/demo.toml there.")


def _passes(console: Console, name: str, check: Callable[[], object]) -> bool:
    try:
        result = check()
    except (SettingsError, InterviewError, CheckFailed, StoreError) as error:
        advice = str(error)
    except httpx.HTTPError as error:
        advice = f"The store cannot be reached as a page would reach it ({type(error).__name__})."
    else:
        console.print(f"[green]✓[/] {name}{_found(result)}", highlight=False, soft_wrap=True)
        return True
    console.print("[red]✗[/]", end=" ")
    console.print(f"{name}: {advice}", markup=False, highlight=False, soft_wrap=True)
    return False


def _found(result: object) -> str:
    """Return what a check has found, for its line. Other results are never printed: one of them is the secret."""
    if not isinstance(result, Examined):
        return ""
    return "\n    ".join([f": {result.profile.title} (profile {result.profile.name})", *result.notes])
