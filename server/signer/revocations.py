"""Sessions whose tickets an operator has revoked: a list in a file, read again whenever it has changed."""

import logging
import os
import re
from datetime import UTC, datetime
from pathlib import Path

from app.contract import TicketClaims
from server.errors import TicketRefused

_log = logging.getLogger("slipstream")
_ID = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
# `interview/session` or `interview/*`, and until when issued; "#" begins a comment.
_LINE = re.compile(rf"(?P<interview>{_ID})/(?P<session>{_ID}|\*)(?:\s+(?P<at>\S+))?\s*(?:#.*)?")
_EVER = float("inf")


class RevocationError(Exception):
    """The list cannot be read or written; `str()` says where and why."""


class Revocations:
    """Tickets of a listed session that were issued up to the time in its line; without a time, all of them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None  # time of the last change, and size; None: there is no file
        self._until: dict[tuple[str, str], float] = {}

    def load(self) -> None:
        """Read the list, if there is one. Raises RevocationError, so that no signer starts with half of it."""
        stamp = self._stamp_now()
        self._until = {} if stamp is None else _read(self._path)
        self._stamp = stamp

    def check(self, ticket: TicketClaims) -> None:
        """Raise TicketRefused if the ticket is revoked."""
        self._follow()
        for session in (ticket.sub, "*"):
            if ticket.iat <= self._until.get((ticket.interview, session), -_EVER):
                raise TicketRefused

    def _follow(self) -> None:
        """Read the list again if it has changed. One that cannot be read leaves the last one in force."""
        try:
            if self._stamp_now() != self._stamp:
                self.load()
        except RevocationError as error:
            _log.error("%s", error)

    def _stamp_now(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise RevocationError(f"{self._path}: cannot be read ({error.strerror}).") from None
        return stat.st_mtime_ns, stat.st_size


def revoke(path: Path, interview: str, session: str, now: datetime) -> None:
    """Add a line to the list: what was issued up to now is refused, a newer ticket is not. Raises RevocationError."""
    at = now.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{interview}/{session} {at}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RevocationError(f"{path}: cannot be written ({error.strerror}).") from error


def _read(path: Path) -> dict[tuple[str, str], float]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RevocationError(f"{path}: cannot be read ({type(error).__name__}).") from None
    until: dict[tuple[str, str], float] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, at = _entry(line.strip(), f"{path}:{number}")
        until[key] = max(at, until.get(key, -_EVER))
    return until


def _entry(line: str, where: str) -> tuple[tuple[str, str], float]:
    found = _LINE.fullmatch(line)
    if found is None:
        raise RevocationError(f"{where}: write INTERVIEW/SESSION, and perhaps a time such as 2026-11-28T09:00:00Z.")
    if found["at"] is None:
        return (found["interview"], found["session"]), _EVER
    try:
        at = datetime.fromisoformat(found["at"])
    except ValueError:
        raise RevocationError(f"{where}: {found['at']!r} is no time such as 2026-11-28T09:00:00Z.") from None
    return (found["interview"], found["session"]), (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
