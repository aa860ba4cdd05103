"""Every part of the page is a part of one multipart upload."""

from collections.abc import Sequence

from app.contract import CompleteUpload, PartToFold, PartToSign, SignedPart
from server.errors import InvalidRequest, ObjectExists
from server.signer.layouts.layout import Folding, OfMultipart
from server.signer.tickets import UploadHandle


class MultipartLayout(OfMultipart):
    def sign(self, handle: UploadHandle, part: PartToSign, life_s: int) -> SignedPart:
        url, headers = self._storage.urls.sign_part(
            handle.key, handle.store_upload, part.number, size=part.size, md5=part.md5, life_s=life_s
        )
        return SignedPart(number=part.number, size=part.size, url=url, headers=headers, life_s=life_s)

    def fold(self, handle: UploadHandle, parts: Sequence[PartToFold]) -> Folding:  # noqa: ARG002  as every layout
        raise InvalidRequest("The parts of this upload are not folded.")

    def assemble(self, handle: UploadHandle, request: CompleteUpload) -> None:
        _check_shape(handle, request)
        stored = self._storage.multipart.all_parts(handle.key, handle.store_upload)
        # Compared before the store is asked: some stores abort the whole upload because of one wrong ETag.
        if [*stored.values()] != [stored.get(part.number) for part in request.parts] or any(
            (stored[part.number].size, stored[part.number].etag) != (part.size, part.etag) for part in request.parts
        ):
            raise InvalidRequest("The store holds other parts than were named. List them and send what is missing.")
        if self._storage.objects.head(handle.key) is not None:
            raise ObjectExists
        self._storage.multipart.complete(handle.key, handle.store_upload, stored.values())

    def clear(self, handle: UploadHandle) -> None:
        """Do nothing: the store has kept nothing beside the object."""


def _check_shape(handle: UploadHandle, request: CompleteUpload) -> None:
    """Refuse parts that the store would refuse, such as unequal ones, and parts that do not begin the recording."""
    rules = handle.parts
    if not request.parts or (request.parts[0].number, request.parts[0].offset) != (1, 0):
        raise InvalidRequest("The parts begin with the first one.")
    if any(not rules.min_bytes <= part.size <= rules.max_bytes for part in request.parts[:-1]):
        raise InvalidRequest(f"Every part but the last has {rules.min_bytes} to {rules.max_bytes} bytes.")
    if request.parts[-1].size > rules.max_bytes:
        raise InvalidRequest(f"A part of this upload has at most {rules.max_bytes} bytes.")
