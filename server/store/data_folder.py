"""The embedded store's folder: for its owner alone, and without what a killed store has left in it."""

import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.settings import SettingsError

try:
    import fcntl
except ImportError:  # not on Windows; leftovers stay there, as before
    fcntl = None  # type: ignore[assignment]

# As rclone names what it has not finished; it lists them to nobody, and removes them only while it lives.
_LEFTOVERS = (".rclone_temp_*", ".rclone_multipart_upload_*")


@contextmanager
def data_folder(path: Path) -> Iterator[None]:
    """Make the folder, and take it for one store. Raises SettingsError if nothing can be written there."""
    _make(path)
    descriptor = os.open(path, os.O_RDONLY) if fcntl is not None else None
    try:
        if descriptor is not None and _is_ours_alone(descriptor):
            _clear(path, time.time())
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
        with suppress(PermissionError):  # it is another user's, who let us write here
            # An owner may have let a group in. The world has no business with recordings.
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~stat.S_IRWXO)
    except OSError as error:
        raise SettingsError(
            f"Recordings cannot be written to {path} ({error.strerror}). Choose another folder with --data."
        ) from error


def _is_ours_alone(descriptor: int) -> bool:
    """Return whether no other store is at work in this folder, until the descriptor is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # taken, or a file system without locks
        return False
    return True


def _clear(path: Path, older_than: float) -> None:
    """Remove unfinished objects from before a moment, in Unix time.

    A store that starts knows none of their uploads. No part of them is acknowledged: a page sends it again.
    """
    for pattern in _LEFTOVERS:
        for left in path.rglob(pattern):
            with suppress(OSError):
                if left.stat().st_mtime < older_than:  # a store that has started meanwhile writes newer ones
                    left.unlink()
