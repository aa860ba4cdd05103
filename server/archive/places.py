"""Where an object belongs, by its key: the other way round of server/signer/object_keys.py."""

import re
from dataclasses import dataclass

from app.contract import MAX_TAKES, Track
from server.signer.object_keys import EXTENSIONS, SessionKeys

_ID = r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"  # contract.Identifier: `_tail/…` and `analytics/interview=…` do not match
_IN_SESSION = re.compile(rf"({_ID})/({_ID})/(.+)")
_IN_TAKE = re.compile(rf"({_ID})/take-([1-9]\d?)/(?:(answer)\.json|({'|'.join(Track)})\.({'|'.join(EXTENSIONS)}))")


@dataclass(frozen=True, slots=True)
class TakePlace:
    """A file of one take."""

    question: str
    take: int
    track: Track | None  # None: answer.json
    content_type: str

    @property
    def name(self) -> str:
        return f"{self.question}/take-{self.take}/{self.track or 'answer.json'}"


def session_of(key: str) -> SessionKeys | None:
    """Return the session that a key belongs to; None if it is not a session's."""
    found = _IN_SESSION.fullmatch(key)
    return SessionKeys(found[1], found[2]) if found else None


def take_place(keys: SessionKeys, key: str) -> TakePlace | None:
    """Return what a key of the session is in its take; None if it is no answer's."""
    found = _IN_TAKE.fullmatch(key.removeprefix(keys.prefix))
    if found is None or int(found[2]) > MAX_TAKES:
        return None
    if found[3]:
        return TakePlace(found[1], int(found[2]), None, "application/json")
    return TakePlace(found[1], int(found[2]), Track(found[4]), f"{found[4]}/{found[5]}")
