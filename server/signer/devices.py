"""Which device has a session: of two that open one link, one records, and the other says so and can take over.

The signer keeps no state, and nothing but answers is written into the bucket. So with the first thing that it has to
store a device claims its session, by a multipart upload that gets no part and is never completed: stores list those
with the moment at which each was begun, by their own clock. The newest claim holds. Submit ends it, or the rule that
clears abandoned uploads. Where a store does not list uploads, or not to us, every device goes on, and the first to
complete a take has it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from server.errors import TakenOver
from server.signer.object_keys import SessionKeys
from server.store.multipart import OpenUpload
from server.store.storage import Storage

_log = logging.getLogger("slipstream")
_TYPE = "application/octet-stream"
_KEPT_OF_OTHERS = 2  # uploads of one take that other devices may come back to


@dataclass(frozen=True, slots=True)
class Begun:
    """What the store says is under way for a session, asked by one device."""

    uploads: tuple[OpenUpload, ...] = ()  # of recordings
    claims: tuple[OpenUpload, ...] = ()  # of devices, the oldest first
    can_claim: bool = False  # False: nobody can tell which device has it

    def needless(self, key: str, device: str | None) -> list[OpenUpload]:
        """Return the uploads at `key` to give up when this device begins another: its own, and the oldest of others.

        Own is what was begun since the device has the session: nobody else could. Who does not say which device they
        are is told apart from nobody.
        """
        here = [one for one in self.uploads if one.key == key]
        if device is None:
            return here
        own = [one for one in here if self.claims and (one.begun_at or 0.0) > (self.claims[-1].begun_at or 0.0)]
        others = [one for one in here if one not in own]
        return [*own, *others[:-_KEPT_OF_OTHERS]]


class Devices:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._shows_claims = True  # until a claim is not listed: MinIO lists no uploads by the beginning of their keys

    def is_elsewhere(self, keys: SessionKeys, device: str | None) -> bool:
        """Return whether another device has the session. Looking claims nothing: a link may be opened and left."""
        return _is_anothers(self._begun(keys, device), keys, device)

    def claim(self, keys: SessionKeys, device: str) -> None:
        """Take the session over. Uploads of the device that had it stay: it may come back to them."""
        begun = self._begun(keys, device)
        if begun.can_claim and not begun.claims:
            self._first_claim(keys, device)
        elif _is_anothers(begun, keys, device):
            self._storage.multipart.create(keys.claim(device), _TYPE, device)
            for old in begun.claims:
                self._storage.multipart.abort(old.key, old.id)

    def look(self, keys: SessionKeys, device: str | None) -> Begun:
        """Return what is under way. A session that nobody has is this device's from now on.

        Raises TakenOver if another device has taken the session over.
        """
        begun = self._begun(keys, device)
        if begun.can_claim and not begun.claims and device is not None:
            begun = replace(begun, claims=self._first_claim(keys, device))
        if _is_anothers(begun, keys, device):
            raise TakenOver
        return begun

    def _begun(self, keys: SessionKeys, device: str | None) -> Begun:
        found = self._storage.multipart.uploads_begun(keys.prefix)
        if found is None or any(one.begun_at is None for one in found):
            return Begun()  # nobody can tell
        uploads, claims = _told_apart(found, keys)
        if device is None or not self._shows_claims:
            return Begun(uploads)
        return Begun(uploads, claims, can_claim=True)

    def _first_claim(self, keys: SessionKeys, device: str) -> tuple[OpenUpload, ...]:
        """Claim a session that nobody has, or whose claims the store has forgotten."""
        made = self._storage.multipart.create(keys.claim(device), _TYPE, device)
        _, claims = _told_apart(self._storage.multipart.uploads_begun(keys.prefix) or (), keys)
        if not claims:  # or it would be made again at each call
            if self._storage.multipart.uploads_begun(keys.claim(device)):  # by its whole key it is listed
                _log.warning(
                    "this store does not list uploads by prefix: two devices at one interview are not told apart"
                )
                self._shows_claims = False
            self._storage.multipart.abort(keys.claim(device), made)
        return claims


def _told_apart(
    found: Sequence[OpenUpload], keys: SessionKeys
) -> tuple[tuple[OpenUpload, ...], tuple[OpenUpload, ...]]:
    """Return the uploads of recordings, and the claims."""
    uploads = tuple(one for one in found if not keys.is_claim(one.key))
    return uploads, tuple(one for one in found if keys.is_claim(one.key))


def _is_anothers(begun: Begun, keys: SessionKeys, device: str | None) -> bool:
    return bool(begun.claims) and begun.claims[-1].key != keys.claim(device or "")
