"""One recording on its way, from its first part to the whole object."""

import secrets
from collections.abc import Generator, Iterator, Sequence

from app.contract import CompleteUpload, Layout, PartRules, PartState, PartToComplete, PartToFold, PartToSign, Track
from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.permission import Action, needing
from server.cli.doctor.sent_part import md5_of, send_part, try_another_size, try_damaged_part
from server.cli.doctor.visit import INTERVIEW, Visit
from server.errors import CallNotOffered, ObjectExists, StoreError, UploadGone
from server.signer.layouts.folded import FoldedLayout
from server.signer.layouts.layout import PartLayout
from server.signer.layouts.multipart import MultipartLayout
from server.signer.layouts.spans import span_of
from server.signer.object_keys import tail_key
from server.signer.part_sizes import WINDOW
from server.signer.tickets import UPLOAD_AUDIENCE, UploadHandle

_LIFE_S = 120  # of a URL; a large part takes long
_TYPE = "video/webm"
_ENCRYPTED = "If the bucket demands encryption, set SLIPSTREAM_S3_ENCRYPTION."
_UNFOLDED = 'Set SLIPSTREAM_S3_PROFILE=generic, or SLIPSTREAM_POLICY=\'{"layout": "multipart"}\'.'


class Recording:
    """Send parts of these sizes and put the object together, as the layout does it for the signer."""

    def __init__(self, visit: Visit, layout: Layout, sizes: Sequence[int]) -> None:
        self._visit = visit
        self._is_folded = layout is Layout.FOLDED
        self._layout: PartLayout = FoldedLayout(visit.storage) if self._is_folded else MultipartLayout(visit.storage)
        self._sizes = sizes
        self._handle = self._begin()

    def walk(self) -> Generator[Finding, None, bool]:
        """Yield what goes wrong; return whether the store has taken every part.

        Raises Denied, InvalidRequest, StoreError, httpx.HTTPError.
        """
        parts: list[PartToComplete] = []
        for number, size in enumerate(self._sizes, 1):
            sent = yield from self._send(PartToSign(number=number, offset=sum(self._sizes[: number - 1]), size=size))
            parts += [sent] if sent is not None else []
        if len(parts) < len(self._sizes):
            return False
        yield from self._list([part for part in parts if part.slot is None])
        small = [PartToFold(**part.model_dump()) for part in parts if part.slot is not None]
        if (yield from self._fold(small)):
            left = () if self._is_folded else tuple(parts)  # of a folded recording none is left to be folded
            yield from self._complete(CompleteUpload(upload="doctor", parts=left, size=sum(self._sizes)))
        return True

    def _begin(self) -> UploadHandle:
        """Create the upload. Raises Denied, StoreError."""
        visit, token = self._visit, secrets.token_hex(32)
        key = visit.key(f"{token[:8]}/video.webm")
        with needing(Action.WRITE, visit.bucket, _ENCRYPTED):
            upload = self._layout.begin(key, _TYPE, token)
        visit.will_abort(key, upload)
        return UploadHandle(
            aud=UPLOAD_AUDIENCE,
            session=visit.session,
            interview=INTERVIEW,
            question="walk",
            take=1,
            track=Track.VIDEO,
            content_type=_TYPE,
            key=key,
            store_upload=upload,
            token=token,
            parts=PartRules(min_bytes=1, max_bytes=max(self._sizes), window_bytes=WINDOW if self._is_folded else None),
            max_bytes=sum(self._sizes),
        )

    def _send(self, wanted: PartToSign) -> Generator[Finding, None, PartToComplete | None]:
        handle, visit = self._handle, self._visit
        part = wanted.model_copy(update={"md5": md5_of(wanted.size)})
        with needing(Action.WRITE, visit.bucket, _ENCRYPTED):
            signed = self._layout.sign(handle, part, _LIFE_S)
        if signed.slot is not None:
            span = span_of(part)
            tail = tail_key(handle.key, handle.token, span.window, span.end)
            visit.will_abort(tail, signed.slot)
            visit.will_delete(tail)
        if part.number == 1:
            yield from try_another_size(visit, signed)
        etag = yield from send_part(visit, signed, "a part")
        if etag is None:
            return None
        if part.number == 1 and signed.slot is None and not visit.storage.access.has_md5_etags:
            yield from try_damaged_part(visit, handle.key, handle.store_upload, part.size)
        return PartToComplete(number=part.number, offset=part.offset, size=part.size, etag=etag, slot=signed.slot)

    def _fold(self, small: Sequence[PartToFold]) -> Generator[Finding, None, bool]:
        """Have the store put the small parts together; return whether it has. Where there are none, it has."""
        if not small:
            return True
        try:
            with needing(Action.READ, self._visit.bucket, "The store copies _pad, and what is under _tail/."):
                states = set(self._layout.fold(self._handle, small).states)
        except CallNotOffered:
            yield fault(f"The store does not copy parts, which its profile says that it does. {_UNFOLDED}")
            return False
        if states != {PartState.FOLDED}:
            yield fault(f"The store does not put small parts together. {_UNFOLDED}")
        return states == {PartState.FOLDED}

    def _list(self, parts: Sequence[PartToComplete]) -> Iterator[Finding]:
        """Compare what the store lists of the upload with what was sent; folded windows come later."""
        with needing(Action.LIST_PARTS, self._visit.bucket):
            listed = self._layout.stored(self._handle, 0).parts
        if not {(part.number, part.size) for part in parts} <= {(part.number, part.size) for part in listed}:
            yield fault("The store lists other parts than were sent: does something before it keep replies (a cache)?")

    def _complete(self, request: CompleteUpload) -> Iterator[Finding]:
        visit, handle = self._visit, self._handle
        with needing(Action.READ, visit.bucket):
            self._layout.assemble(handle, request)
            found = visit.storage.objects.head(handle.key)
        if found is None:
            yield note("The store does not show an object as soon as it is complete. Pages ask again until it does.")
        elif found.size != request.size:
            yield fault(f"The object has {found.size} bytes, and {request.size} were sent. Use another store.")
        yield from self._complete_again(request)

    def _complete_again(self, request: CompleteUpload) -> Iterator[Finding]:
        """Do what a page does whose reply was lost."""
        try:
            self._layout.assemble(self._handle, request)
        except (UploadGone, ObjectExists):
            pass
        except StoreError as error:
            yield fault(
                f"A second completion has another error here than in {self._visit.profile.title}: {error} A reply that "
                "is lost would never heal. Is SLIPSTREAM_S3_PROFILE right?"
            )
