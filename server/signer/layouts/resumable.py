"""Every part of the page is a piece of one resumable session of Google's, sent in order.

The page gets the session's URL: Google signs nothing after a session has begun. So here, and only here, a URL is good
for a whole recording and for a week; what is stored in the end is compared by size and MD5 before it counts.
"""

from collections.abc import Sequence

from app.contract import CompleteUpload, PartToFold, PartToSign, SignedPart, StoredParts, StoredState
from server.errors import InvalidRequest, ObjectExists, UploadGone
from server.signer.layouts.layout import Folding
from server.signer.tickets import UploadHandle
from server.store.objects import StoredObject
from server.store.storage import Storage

_MD5_DIGITS = 32


class ResumableLayout:
    def __init__(self, storage: Storage, page_origin: str) -> None:
        self._storage = storage
        self._page_origin = page_origin

    def begin(self, key: str, content_type: str, token: str) -> str:
        return self._storage.sessions.start(key, content_type, token, self._page_origin)

    def stored(self, handle: UploadHandle, after: int) -> StoredParts:  # noqa: ARG002  as every layout
        stored = self._storage.sessions.stored(handle.store_upload)
        if stored is None:
            raise UploadGone  # the caller looks at the object
        return StoredParts(state=StoredState.OPEN, stored_bytes=stored)

    def give_up(self, handle: UploadHandle) -> None:
        self._storage.sessions.cancel(handle.store_upload)

    def sign(self, handle: UploadHandle, part: PartToSign, life_s: int) -> SignedPart:
        url = self._storage.sessions.page_url(handle.store_upload)
        return SignedPart(number=part.number, size=part.size, url=url, life_s=life_s)

    def fold(self, handle: UploadHandle, parts: Sequence[PartToFold]) -> Folding:  # noqa: ARG002  as every layout
        raise InvalidRequest("The parts of this upload are not folded.")

    def assemble(self, handle: UploadHandle, request: CompleteUpload) -> None:
        """End the session, unless its last part has done so, and compare the object with what was recorded.

        A damaged object of this very upload is deleted, so that the page sends all of it again: nothing else can
        replace it.
        """
        try:
            stored = self._storage.sessions.finish(handle.store_upload, request.size)
        except UploadGone:
            stored = None  # the object tells whether an earlier call has ended it
        if stored is not None:
            raise InvalidRequest("The store lacks parts of the recording. List them and send what is missing.")
        found = self._storage.objects.head(handle.key)
        if found is None:
            raise UploadGone
        if found.token != handle.token:
            raise ObjectExists
        if not _is_as_recorded(found, request):
            self._storage.objects.delete(handle.key)
            raise UploadGone

    def clear(self, handle: UploadHandle) -> None:
        """Do nothing: the store has kept nothing beside the object."""


def _is_as_recorded(found: StoredObject, request: CompleteUpload) -> bool:
    """Return whether size and MD5 agree. The page may no longer be able to digest all of it; then the size must do."""
    recorded = request.parts[-1].etag if request.parts else ""
    is_digest = len(recorded) == _MD5_DIGITS
    return found.size == request.size and (not is_digest or found.md5 in (None, recorded))
