"""Copies that the store makes while a part is still on its way: folding that part then waits for none.

All of it is a short cut. A signer that knows nothing of a copy, because another one has begun it, makes it again.
"""

from concurrent.futures import Executor, Future
from contextlib import suppress
from threading import Lock
from typing import TypeVar

from server.errors import StoreError, UploadGone
from server.signer.tickets import UploadHandle
from server.store.multipart import MultipartUploads

COPY = 1  # its part number in the upload of a small part
_REMEMBERED = 4_096  # copies, and as many slots: about a minute of a thousand candidates; older ones are forgotten

_Place = tuple[str, int]  # the store's id of an upload, and a byte of the recording
Key = TypeVar("Key")
Value = TypeVar("Value")


class CopiesAhead:
    """Copy what lies before a part into its slot as soon as both are there."""

    def __init__(self, multipart: MultipartUploads, executor: Executor) -> None:
        self._multipart = multipart
        self._executor = executor
        self._lock = Lock()
        self._slots: dict[_Place, tuple[str, str]] = {}  # by where a part begins: its key and slot
        self._sources: dict[_Place, str] = {}  # by where an object ends: its key
        self._begun: dict[str, Future[str]] = {}  # by slot: the ETag of the copy

    def note_slot(self, handle: UploadHandle, offset: int, key: str, slot: str, source: str | None = None) -> None:
        """Note the slot of the part that begins at `offset`.

        `source` is the object before it; None: it may not be there yet.
        """
        place = handle.store_upload, offset
        with self._lock:
            _remember(self._slots, place, (key, slot))
            self._begin(place, source or self._sources.pop(place, None))

    def note_object(self, handle: UploadHandle, end: int, key: str) -> None:
        """Note that the object which ends at byte `end` of the recording is there now."""
        place = handle.store_upload, end
        with self._lock:
            if place in self._slots:
                self._begin(place, key)
            else:
                _remember(self._sources, place, key)

    def take(self, slot: str) -> str | None:
        """Wait for the copy into `slot`, and return its ETag; None if none is on its way, or it has failed."""
        with self._lock:
            begun = self._begun.pop(slot, None)
        if begun is None or begun.cancel():  # the caller need not wait behind other candidates' copies
            return None
        with suppress(StoreError, UploadGone):
            return begun.result()
        return None

    def _begin(self, place: _Place, source: str | None) -> None:
        if source is None:
            return
        key, slot = self._slots.pop(place)
        if slot not in self._begun:
            _remember(self._begun, slot, self._executor.submit(self._multipart.copy_part, key, slot, COPY, source))


def _remember(kept: dict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    if len(kept) > _REMEMBERED:
        del kept[next(iter(kept))]
