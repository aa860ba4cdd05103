"""Names of files and folders that are good on every system, Windows too, and that differ in more than capitals."""

import re
from pathlib import PurePosixPath

from app.contract import AnswerRecord, Track, TrackRecord
from server.signer.object_keys import SessionKeys

_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")  # devices of Windows, whatever their ending
_MAX_QUESTION = 40  # characters: Windows takes 260 for a whole path


class FolderNames:
    """Give each session a folder of its own. Ids are contract.Identifier: letters, digits, "-" and "_"."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def folder_of(self, keys: SessionKeys) -> PurePosixPath:
        wanted = PurePosixPath(_safe(keys.interview), _safe(keys.session))
        folder, number = wanted, 1
        while str(folder).casefold() in self._taken:
            number += 1
            folder = wanted.with_name(f"{wanted.name}~{number}")
        self._taken.add(str(folder).casefold())
        return folder


def file_name(number: int, answer: AnswerRecord, track: Track, record: TrackRecord) -> str:
    """Return the name of a recording. `number` is the question's, from 1: files then lie in the order of questions."""
    suffix = PurePosixPath(record.key).suffix
    return f"{number:02}-{answer.question[:_MAX_QUESTION]}-{track}{suffix}"


def _safe(name: str) -> str:
    return f"{name}_" if _RESERVED.fullmatch(name) else name
