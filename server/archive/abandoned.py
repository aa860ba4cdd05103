"""Complete uploads that their page will not end, so that what arrived is a file that plays up to there."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, groupby, takewhile

from app.contract import StoredPart
from server.archive.places import TakePlace, take_place
from server.archive.stored_session import StoredSession
from server.archive.tails import Tails
from server.errors import ObjectExists, PartsUnfit, UploadGone
from server.signer.tickets import UploadHandle
from server.store.multipart import OpenUpload
from server.store.storage import Storage


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of the open uploads at one key."""

    place: TakePlace
    size: int  # bytes that are a complete object now; 0: none had arrived
    is_refused: bool = False  # by the store, which keeps the upload open
    others: int = 0  # further uploads at the same key, of other devices: they stay open


@dataclass(frozen=True, slots=True)
class _Beginning:
    """The parts of an upload up to the first gap."""

    upload: OpenUpload
    parts: list[StoredPart]
    handle: UploadHandle | None  # None: no parts were folded

    @property
    def size(self) -> int:
        return sum(part.size for part in self.parts)


class AbandonedUploads:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._tails = Tails(storage)

    def complete(self, stored: StoredSession) -> Iterator[Kept]:
        """Complete what is open and yield what became of it. A key that has an object is left alone: no take is
        replaced.

        Of several uploads at one key the one with most bytes is completed. Raises StoreError.
        """
        uploads = sorted(stored.uploads, key=lambda one: one.key)
        for key, found in groupby(uploads, key=lambda one: one.key):
            place = take_place(stored.keys, key)
            if place is not None and not stored.has(key):
                yield self._complete(stored, place, list(found))

    def _complete(self, stored: StoredSession, place: TakePlace, uploads: list[OpenUpload]) -> Kept:
        folds = len(uploads) == 1  # a tail does not say which of several uploads it belongs to
        beginnings = [self._beginning(stored, place, one, folds=folds) for one in uploads]
        best = max(beginnings, key=lambda one: one.size)
        if not best.size:
            return Kept(place, 0, others=len(uploads) - 1)
        try:
            self._storage.beginnings.complete(best.upload.key, best.upload.id, best.parts)
        except PartsUnfit:
            return Kept(place, 0, is_refused=True, others=len(uploads) - 1)
        except (ObjectExists, UploadGone):  # the page has come back in this moment
            return Kept(place, 0, others=len(uploads) - 1)
        if best.handle is not None:
            self._tails.clear(best.handle)
        return Kept(place, best.size, others=len(uploads) - 1)

    def _beginning(self, stored: StoredSession, place: TakePlace, upload: OpenUpload, *, folds: bool) -> _Beginning:
        try:
            parts = self._storage.multipart.all_parts(upload.key, upload.id)
            can_fold = folds and self._storage.access.profile.copies_parts
            handle = self._tails.handle_of(stored.keys, place, upload) if can_fold else None
            found = _without_gap(parts) if handle is None else self._tails.parts(handle, parts)
        except UploadGone:
            return _Beginning(upload, [], None)
        return _Beginning(upload, found, handle)


def _without_gap(parts: dict[int, StoredPart]) -> list[StoredPart]:
    """Return the parts from the first one to before the first that is missing."""
    return [parts[number] for number in takewhile(parts.__contains__, count(1))]
