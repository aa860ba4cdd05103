"""What every layout offers: sign parts, fold them, assemble the object."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from app.contract import CompleteUpload, PartState, PartToFold, PartToSign, SignedPart, StoredParts, StoredState
from server.signer.tickets import UploadHandle
from server.store.storage import Storage


@dataclass(frozen=True, slots=True)
class Folding:
    states: tuple[PartState, ...]  # of the named parts, in their order
    folded: int  # bytes from the start of the recording


class PartLayout(Protocol):
    def begin(self, key: str, content_type: str, token: str) -> str:
        """Begin the upload of one object at the store; return the store's name of it. Raises StoreError."""

    def stored(self, handle: UploadHandle, after: int) -> StoredParts:
        """Return what the store has of an open upload: parts with numbers above `after`. Raises UploadGone, StoreError.

        For a store that takes the parts in order, how many bytes it has.
        """

    def give_up(self, handle: UploadHandle) -> None:
        """Abort an open upload; do nothing if it is over. A complete object stays. Raises StoreError."""

    def sign(self, handle: UploadHandle, part: PartToSign, life_s: int) -> SignedPart:
        """Return a URL for exactly this part. Raises InvalidRequest, StoreError."""

    def fold(self, handle: UploadHandle, parts: Sequence[PartToFold]) -> Folding:
        """Fold small parts that the store has; a repeated call returns the same.

        Raises InvalidRequest, StoreError, UploadGone.
        """

    def assemble(self, handle: UploadHandle, request: CompleteUpload) -> None:
        """Put the object together, if nothing is stored under its key.

        Raises InvalidRequest, StoreError, UploadGone, ObjectExists.
        """

    def clear(self, handle: UploadHandle) -> None:
        """Begin to delete what the layout no longer needs. Raises nothing: a lifecycle rule deletes it, too."""


class OfMultipart:
    """What all layouts have in common whose object is one multipart upload."""

    has_copies = False  # parts that the store has copied itself: their ETags need not be MD5s

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def begin(self, key: str, content_type: str, token: str) -> str:
        return self._storage.multipart.create(key, content_type, token)

    def stored(self, handle: UploadHandle, after: int) -> StoredParts:
        page = self._storage.multipart.parts(handle.key, handle.store_upload, after, has_copies=self.has_copies)
        return StoredParts(state=StoredState.OPEN, parts=page.parts, next_after=page.next_after)

    def give_up(self, handle: UploadHandle) -> None:
        self._storage.multipart.abort(handle.key, handle.store_upload)
