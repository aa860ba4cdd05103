"""Read the flags from a file that an operator edits. A change holds from the next new session on, without a restart."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock

from server.signer.flags.flag_rules import FlagsError
from server.signer.flags.flag_set import FlagSet
from server.signer.flags.flags_in_force import FlagsInForce


class FlagFile:
    def __init__(self, path: Path | None, check: Callable[[FlagSet], None] = lambda _: None) -> None:
        """`check` raises FlagsError for flags that the store cannot serve. `path`: None means no flags."""
        self._path = path
        self._stamp: tuple[int, int] | None = None  # time of the last change, and size; None: not read yet
        self._in_force = FlagsInForce(check)
        self._reading = Lock()

    @property
    def is_set(self) -> bool:
        return self._path is not None

    def read(self) -> None:
        """Read the flags. Raises FlagsError if the file is missing or damaged."""
        with self._reading:
            self._stamp = None
            self._read_if_changed()

    def current(self) -> FlagSet:
        """Return the flags as the file is now; while it is missing or damaged, the last ones that could be read."""
        with self._reading:
            try:
                self._read_if_changed()
            except FlagsError as error:
                self._in_force.report(error)
        return self._in_force.flags

    def close(self) -> None:
        """Hold nothing open."""

    def _read_if_changed(self) -> None:
        if self._path is None:
            return
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp == self._stamp:
                return
            text = self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FlagsError(f"{self._path}: {error}.") from error
        self._stamp = stamp
        self._in_force.put(text)
