"""`sessions export`: what needs more libraries than the server."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from app.contract import Interview
from server.archive.stored_session import StoredSession
from server.cli.session_options import Archive, say
from server.cli.session_words import plural
from server.errors import SignerError
from server.settings import SettingsError

if TYPE_CHECKING:
    from server.archive.export.export import Exported
    from server.archive.export.shown import ShownSession

_TOOLS = {"av", "jinja2"}


def check_tools() -> None:
    """Raise SettingsError if the export's libraries are not installed."""
    try:
        import server.archive.export.export  # noqa: F401, PLC0415 - no other command needs these libraries
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing not in _TOOLS:
            raise
        raise SettingsError(
            f"The export needs a package that is not installed ({missing}). Run `make tools`, or: "
            "python -m pip install --require-hashes -r requirements/export.txt"
        ) from None


def export(archive: Archive, into: Path, interview: str | None, sessions: list[str], hours: float | None) -> "Exported":
    """Export the named sessions or, if none is named, all; say how far it is. Raises SettingsError, StoreError."""
    from server.archive.export.export import Export  # noqa: PLC0415
    from server.archive.export.links import Links  # noqa: PLC0415

    if hours is not None and archive.settings.is_embedded and not archive.settings.store_key_id:
        raise SettingsError(
            "A link plays only while the embedded store runs, under the same port and keys: set SLIPSTREAM_STORE_PORT, "
            "SLIPSTREAM_STORE_KEY_ID and SLIPSTREAM_STORE_KEY_SECRET for `serve` and for this. Or leave --links out."
        )
    links = Links.for_hours(archive.storage, hours) if hours is not None else None
    chosen = _chosen(archive, interview, sessions)
    exported = Export(archive.storage, into, links, lambda name: _interview(archive, name)).run(chosen, _tell)
    say(f"Exported {plural(exported.sessions, 'session')} with {plural(exported.recordings, 'recording')}.")
    say(f"Open {into / 'index.html'} in a browser.")
    for problem in exported.problems:
        say(problem)
    return exported


def _chosen(archive: Archive, interview: str | None, sessions: list[str]) -> Iterator[StoredSession]:
    if not sessions:
        yield from archive.contents.sessions(interview)
    for name in sessions:
        yield archive.contents.session(f"{interview}/{name}" if interview else name)


def _interview(archive: Archive, name: str) -> Interview | None:
    try:
        return archive.interviews.get(name)
    except SignerError:
        return None


def _tell(shown: "ShownSession") -> None:
    row = shown.planned.row
    say(f"{row.interview}/{row.session}: {plural(len(shown.tracks), 'recording')}")
