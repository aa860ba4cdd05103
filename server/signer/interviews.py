"""Read interviews from files that an operator edits. Changes are found on request, without a restart."""

import logging
from dataclasses import dataclass
from pathlib import Path

from app.contract import Interview
from server.errors import InterviewUnreadable, UnknownInterview
from server.signer.interview_file import SUFFIXES, InterviewError, read_interview

_log = logging.getLogger("slipstream")


@dataclass(frozen=True, slots=True)
class _Cached:
    stamp: tuple[int, int]  # time of the last change, and size
    interview: Interview


class Interviews:
    """The interviews of one folder: `<id>.toml` or `<id>.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cache: dict[str, _Cached] = {}

    def ids(self) -> list[str]:
        """Return the ids of all interviews, in alphabetical order."""
        return sorted(path.stem for path in self.files())

    def files(self) -> list[Path]:
        if not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if path.suffix in SUFFIXES)

    def get(self, id_: str) -> Interview:
        """Return an interview as its file is now; while the file is damaged, the last version that could be read.

        Raises UnknownInterview, InterviewUnreadable.
        """
        path = self._path(id_)
        if path is None:
            raise UnknownInterview
        known = self._cache.get(id_)
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if known is None or known.stamp != stamp:
                known = self._cache[id_] = _Cached(stamp, read_interview(path))
        except (InterviewError, OSError) as error:
            _log.error("%s", error)
            if known is None:
                raise InterviewUnreadable from None
        return known.interview

    def _path(self, id_: str) -> Path | None:
        """Return the file, or None. `id_` has passed `contract.Identifier`, so it cannot name another folder."""
        candidates = (self._folder / f"{id_}{suffix}" for suffix in SUFFIXES)
        return next((path for path in candidates if path.is_file()), None)
