"""Which device has a session: of two that open one link, one records, and the other says so and can take over.

The signer keeps no state, and nothing but answers is written into the bucket. So a device claims its session by a
multipart upload that gets no part and is never completed: stores list those with the moment at which each was begun,
by their own clock. The newest claim holds. Submit ends it, or the rule that clears abandoned uploads.
"""

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from app.contract import ProblemType
from server.keys import SessionKeys
from server.problems import ProblemError
from server.storage import OpenUpload, Storage

_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Begun:
    """What the store says is under way for a session, asked by one device."""

    uploads: tuple[OpenUpload, ...] = ()  # of recordings
    claims: tuple[OpenUpload, ...] = ()  # of devices, the oldest first
    can_claim: bool = False  # False: the store does not list uploads, or the device has not said which it is

    def own(self, key: str) -> list[OpenUpload]:
        """Return the uploads at `key` that the device which has the session has begun; nobody else could since."""
        since: datetime | None = self.claims[-1].begun_at if self.claims else None
        return [one for one in self.uploads if one.key == key and since is not None and one.begun_at >= since]


class Devices:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def is_elsewhere(self, keys: SessionKeys, device: str | None) -> bool:
        """Return whether another device has the session. A session that nobody has is this device's from now on."""
        begun = self._begun(keys, device)
        return bool(begun.claims) and begun.claims[-1].key != keys.claim(device or "")

    def claim(self, keys: SessionKeys, device: str) -> None:
        """Take the session over. Uploads of the device that had it stay: it may come back to them."""
        begun = self._begun(keys, device)
        if begun.can_claim and begun.claims[-1].key != keys.claim(device):
            self._storage.create(keys.claim(device), _TYPE, device)
            for old in begun.claims:
                self._storage.abort(old.key, old.id)

    def look(self, keys: SessionKeys, device: str | None) -> Begun:
        """Return what is under way. Raises ProblemError if another device has taken the session over."""
        begun = self._begun(keys, device)
        if begun.claims and begun.claims[-1].key != keys.claim(device or ""):
            raise ProblemError(ProblemType.TAKEN_OVER, HTTPStatus.CONFLICT, "This interview goes on on another device.")
        return begun

    def _begun(self, keys: SessionKeys, device: str | None) -> Begun:
        found = self._storage.uploads_begun(keys.prefix)
        if device is None or found is None:
            return Begun(uploads=tuple(found or ()))
        claims = tuple(one for one in found if keys.is_claim(one.key))
        if not claims:  # the first to come, or the store has forgotten all that was begun
            self._storage.create(keys.claim(device), _TYPE, device)
            claims = tuple(one for one in self._storage.uploads_begun(keys.prefix) or () if keys.is_claim(one.key))
        uploads = tuple(one for one in found if not keys.is_claim(one.key))
        return Begun(uploads, claims, can_claim=bool(claims))
