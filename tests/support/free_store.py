"""A fake store without a minimum, whose parts follow the uplink: a number does not say where its part begins."""

from app.contract import CreateUpload, PartRules, PartToSign, SignedParts, SignedUrl, SignStream, UploadGrant
from tests.support.fake_store import FakeStore

SMALLEST, LARGEST = 4, 12


class FreeStore(FakeStore):
    def __init__(self) -> None:
        super().__init__(LARGEST)
        self.has_equal_parts = False
        self._offsets: dict[tuple[str, int], int] = {}  # by handle and number, as signed last

    def create(self, request: CreateUpload) -> UploadGrant:
        largest = max(SMALLEST, min(LARGEST, request.part_bytes_at_most or LARGEST))
        rules = PartRules(min_bytes=SMALLEST, max_bytes=largest)
        return super().create(request).model_copy(update={"parts": rules})

    def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        self._offsets |= {(upload, part.number): part.offset for part in parts}
        return super().sign(upload, parts)

    def held(self, upload: str) -> tuple[tuple[str, int, bytes], ...]:
        parts = self.uploads[upload].parts.items()
        return tuple((f"{upload}/{number}", self._offsets[upload, number], content) for number, content in parts)


class StreamedStore(FreeStore):
    """The same behind a gateway that takes streams."""

    def create(self, request: CreateUpload) -> UploadGrant:
        grant = super().create(request)
        rules = PartRules(min_bytes=SMALLEST, max_bytes=3 * LARGEST, is_streamed=True)
        return grant.model_copy(update={"parts": rules}) if request.can_stream else grant

    def sign_stream(self, request: SignStream) -> SignedUrl:
        self._offsets[request.upload, request.number] = request.offset
        return super().sign_stream(request)
