"""The audit log: who has done what to which session, one JSON object a line."""

import getpass
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from server.archive.overview import moment
from server.settings import SettingsError


class AuditLog:
    """Append to one file. Several commands may do so at the same time: a line is one write."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def noting(self, command: str, interview: str, session: str | None) -> Iterator[dict[str, int | str]]:
        """Note an action once it has ended, or failed. The caller adds its counts; never a name or a link.

        `session` None: it is about the whole interview. Raises SettingsError before anything is done if the file cannot
        be written.
        """
        counts: dict[str, int | str] = {}
        try:
            descriptor = self._open()
        except OSError as error:
            raise SettingsError(
                f"The audit log {self._path} cannot be written ({error.strerror}), so nothing was done. "
                "Name another file with --audit or SLIPSTREAM_AUDIT."
            ) from error
        try:
            is_done = False
            try:
                yield counts
                is_done = True
            finally:
                line = {
                    "at": moment(datetime.now(UTC).timestamp()),
                    "user": _user(),
                    "command": command,
                    "interview": interview,
                    "session": session,
                    "outcome": "done" if is_done else "failed",
                    **counts,
                }
                self._append(descriptor, line)
        finally:
            os.close(descriptor)

    def _append(self, descriptor: int, line: dict[str, Any]) -> None:
        try:
            os.write(descriptor, f"{json.dumps(line)}\n".encode())
            os.fsync(descriptor)
        except OSError as error:
            raise SettingsError(
                f"What was done is not in the audit log: {self._path} takes no more ({error.strerror}). "
                "Note it by hand, and make room."
            ) from error

    def _open(self) -> int:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def _user() -> str:
    """Return the name of the user who runs this process; by the system's list, not by what the environment says."""
    with suppress(ImportError, KeyError):
        system_users = import_module("pwd")  # not on Windows
        return str(system_users.getpwuid(os.getuid()).pw_name)
    return getpass.getuser()
