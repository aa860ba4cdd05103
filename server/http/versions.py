"""Versions in addresses: a file under `~<version>/` never changes, so that a browser asks for it once.

There are two: one of the page's own files, and one of the runtime (Python and its packages), which changes with the
pins alone. Relative addresses inside the files keep the version of the file that they are in.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from server.build import manifest
from server.build.pageconfig import VENDOR
from server.build.precompress import COMPRESSED

_APART = ("static/interviews", f"{VENDOR}/pyodide", f"{VENDOR}/pyscript")  # not the page's own, or not public
_IN_ADDRESS = re.compile(r"^~([0-9a-f]{16})/(static/.+)$")
_IN_PAGE = re.compile(r'="\./(static/[^"]+)')
_OURS = (f"{VENDOR}/app.zip", f"{VENDOR}/locales/", f"{VENDOR}/pyscript.json")  # they change with our sources


class Versions:
    """Know the current versions of the files under `root`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def insert(self, page: str) -> str:
        """Insert the versions into the page's addresses."""
        address = self.addresses()
        return _IN_PAGE.sub(lambda found: f'="./{address(found[1])}', page)

    def addresses(self) -> Callable[[str], str]:
        """Return what tells a file's address with its version, e.g. "~0123456789abcdef/static/x.css"."""
        page_version, runtime_version = self._page(), self._runtime()
        return lambda name: f"~{runtime_version if _is_runtime(name) else page_version}/{name}"

    def split(self, path: str) -> tuple[str, bool]:
        """Return a path without its version, and whether that version is the current one."""
        found = _IN_ADDRESS.match(path)
        if not found:
            return path, False
        return found[2], found[1] == (self._runtime() if _is_runtime(found[2]) else self._page())

    def _runtime(self) -> str:
        try:
            changed = (self._root / VENDOR / "manifest.json").stat().st_mtime_ns
        except OSError:
            changed = 0
        return _runtime_version(self._root, changed)

    def _page(self) -> str:
        files = (found for folder in ("static", "app") for found in _files(self._root / folder, folder))
        return _page_version(self._root, tuple(sorted(files)))


def _files(folder: Path, name: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, time of change and size of the page's own files; it is called for every file that is served."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            path = f"{name}/{entry.name}"
            if entry.is_dir():
                yield from _files(Path(entry.path), path) if path not in _APART else ()
            elif _is_ours(path):
                yield path, entry.stat().st_mtime_ns, entry.stat().st_size


@lru_cache(maxsize=4)
def _runtime_version(root: Path, _changed: int) -> str:
    there = manifest.read(root / VENDOR)
    files = sorted(there.files.items()) if there else []
    named = [f"{name} {digest}" for name, digest in files if _is_runtime(f"{VENDOR}/{name}")]
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:16]


@lru_cache(maxsize=4)
def _page_version(root: Path, stats: tuple[tuple[str, int, int], ...]) -> str:
    """Digest contents: servers side by side have different times."""
    return manifest.digest(root, [name for name, _, _ in stats])[:16]


def _is_runtime(name: str) -> bool:
    return name.startswith(f"{VENDOR}/") and not name.startswith(_OURS)


def _is_ours(name: str) -> bool:
    return not name.endswith((*COMPRESSED, ".pyc", "manifest.json")) and not _is_runtime(name)
