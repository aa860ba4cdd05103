"""Decide which device has a session: if two devices open one launch URL, one records, the other one can take over.

The signer keeps no state, and only answers are written into the bucket. A device therefore claims its session when it
first has something to store: for the claim, a multipart upload is started that gets no part and is never completed.
Stores list open uploads with the start time of each, by the store's own clock; the newest claim wins. A claim ends when
the session is submitted, or by the rule that cleans up abandoned uploads. If a store does not list uploads, or not to
the signer, every device may continue, and the first one to complete a take keeps it.
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
_KEPT_OF_OTHERS = 2  # uploads of one take that other devices may continue


@dataclass(frozen=True, slots=True)
class OpenUploads:
    """The open multipart uploads of one session, as the store lists them."""

    uploads: tuple[OpenUpload, ...] = ()  # of recordings
    claims: tuple[OpenUpload, ...] = ()  # of devices, the oldest first
    can_claim: bool = False  # False: the store cannot say which device has the session

    def superseded(self, key: str, device: str | None) -> list[OpenUpload]:
        """Return the uploads at `key` to abort when this device starts another: its own, and the oldest of the others.

        A device's own uploads are those started after its claim. A caller without a device id owns all of them.
        """
        here = [one for one in self.uploads if one.key == key]
        if device is None:
            return here
        own = [one for one in here if self.claims and (one.started_at or 0.0) > (self.claims[-1].started_at or 0.0)]
        others = [one for one in here if one not in own]
        return [*own, *others[:-_KEPT_OF_OTHERS]]


class Devices:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lists_claims = True  # until a claim is not listed: MinIO does not list uploads by key prefix

    def is_elsewhere(self, keys: SessionKeys, device: str | None) -> bool:
        """Return whether another device has the session. This claims nothing: a page may be opened and closed."""
        return _belongs_to_another(self._look_up(keys, device), keys, device)

    def claim(self, keys: SessionKeys, device: str) -> None:
        """Take the session over. Open uploads of the previous device are kept: it may continue them."""
        listed = self._look_up(keys, device)
        if listed.can_claim and not listed.claims:
            self._first_claim(keys, device)
        elif _belongs_to_another(listed, keys, device):
            self._storage.multipart.create(keys.claim(device), _TYPE, device)
            for old in listed.claims:
                self._storage.multipart.abort(old.key, old.id)

    def check(self, keys: SessionKeys, device: str | None) -> OpenUploads:
        """Return the session's open uploads; claim the session for this device where no device has it.

        Raises TakenOver if another device has taken the session over.
        """
        listed = self._look_up(keys, device)
        if listed.can_claim and not listed.claims and device is not None:
            listed = replace(listed, claims=self._first_claim(keys, device))
        if _belongs_to_another(listed, keys, device):
            raise TakenOver
        return listed

    def _look_up(self, keys: SessionKeys, device: str | None) -> OpenUploads:
        found = self._storage.multipart.list_open(keys.prefix)
        if found is None or any(one.started_at is None for one in found):
            return OpenUploads()  # the store cannot say which device has the session
        uploads, claims = _split(found, keys)
        if device is None or not self._lists_claims:
            return OpenUploads(uploads)
        return OpenUploads(uploads, claims, can_claim=True)

    def _first_claim(self, keys: SessionKeys, device: str) -> tuple[OpenUpload, ...]:
        """Claim a session for which the store lists no claim. Return the claims that it lists then."""
        made = self._storage.multipart.create(keys.claim(device), _TYPE, device)
        _, claims = _split(self._storage.multipart.list_open(keys.prefix) or (), keys)
        if not claims:  # without this, each call would make another claim
            if self._storage.multipart.list_open(keys.claim(device)):  # listed by its whole key only
                _log.warning(
                    "this store does not list uploads by prefix: two devices at one interview are not told apart"
                )
                self._lists_claims = False
            self._storage.multipart.abort(keys.claim(device), made)
        return claims


def _split(found: Sequence[OpenUpload], keys: SessionKeys) -> tuple[tuple[OpenUpload, ...], tuple[OpenUpload, ...]]:
    """Return the uploads of recordings, and the claims."""
    uploads = tuple(one for one in found if not keys.is_claim(one.key))
    return uploads, tuple(one for one in found if keys.is_claim(one.key))


def _belongs_to_another(listed: OpenUploads, keys: SessionKeys, device: str | None) -> bool:
    return bool(listed.claims) and listed.claims[-1].key != keys.claim(device or "")
