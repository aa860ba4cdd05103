"""One upload: create it, sign, list and complete its parts, abort it."""

import hashlib
import hmac

from pydantic import ValidationError

from app.contract import (
    AbortUpload,
    AnswerRecord,
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    FoldedParts,
    FoldParts,
    Layout,
    ListParts,
    PartToSign,
    SignedPart,
    SignedParts,
    SignedUrl,
    SignParts,
    SignStream,
    StoredParts,
    StoredState,
    Track,
    UploadGrant,
)
from server.errors import InvalidRequest, ObjectExists, StoreUnavailable, TakeExists, UploadGone, UploadUnknown
from server.metrics import PARTS_SIGNED
from server.signer.budgets import Budgets
from server.signer.devices import Devices
from server.signer.layouts.folded import FoldedLayout
from server.signer.layouts.layout import PartLayout
from server.signer.layouts.multipart import MultipartLayout
from server.signer.layouts.resumable import ResumableLayout
from server.signer.object_keys import bare_type
from server.signer.part_sizes import STREAM_BYTES, layout_for, max_bytes, rules_for
from server.signer.sessions import SPARE_TAKES, Session
from server.signer.tickets import UPLOAD_AUDIENCE, Tickets, UploadHandle
from server.store.objects import StoredObject
from server.store.storage import Storage
from server.store.stream_gateway import StreamGateway


class Uploads:
    def __init__(
        self,
        storage: Storage,
        tickets: Tickets,
        devices: Devices,
        budgets: Budgets,
        *,
        secret: str,
        gateway: StreamGateway | None = None,
        page_origin: str,
    ) -> None:
        """`gateway` takes streams; None: there is none."""
        self._storage = storage
        self._tickets = tickets
        self._devices = devices
        self._budgets = budgets
        self._secret = secret.encode()
        self._layouts: dict[Layout, PartLayout] = {
            Layout.MULTIPART: MultipartLayout(storage),
            Layout.FOLDED: FoldedLayout(storage),
            Layout.STREAM: MultipartLayout(storage),  # only the way of a part differs
            Layout.RESUMABLE: ResumableLayout(storage, page_origin),
        }
        self._gateway = gateway

    def create(self, session: Session, request: CreateUpload) -> UploadGrant:
        """Start the upload of one track; abort an earlier one of this device, left open by a lost reply.

        An upload that another device started before it lost the session is kept: the first one to be completed counts.
        """
        spare = SPARE_TAKES if self._was_completed_by_operator(session, request) else 0
        question = session.question(request.question, request.take, spare)
        if request.track not in question.tracks:
            raise InvalidRequest(f"This question takes no {request.track}.")
        content_type = bare_type(request.content_type, request.track)
        self._budgets.check_upload(session.keys, session.interview)
        at = (request.question, request.take, request.track)
        self._abort_superseded(session, at)

        key = session.keys.recording(*at, content_type)
        token = hmac.new(self._secret, f"{key}\n{request.nonce}".encode(), hashlib.sha256).hexdigest()
        budget = max_bytes(question, request.track, session.policy)
        can_stream = request.can_stream and self._gateway is not None
        layout = layout_for(session.policy, self._storage.access.profile, can_stream=can_stream)
        rules = rules_for(layout, session.policy, self._storage.access.profile, budget, request.part_bytes_at_most)
        handle = UploadHandle(
            aud=UPLOAD_AUDIENCE,
            session=session.ticket.sub,
            interview=session.interview.id,
            question=request.question,
            take=request.take,
            track=request.track,
            content_type=content_type,
            key=key,
            store_upload=self._layouts[layout].begin(key, content_type, token),
            token=token,
            layout=layout,
            parts=rules,
            max_bytes=budget,
        )
        self._budgets.count_upload(session.keys, session.interview)
        return UploadGrant(
            upload=self._tickets.mint_handle(handle),
            key=key,
            parts=rules,
            is_md5_signed=self._storage.access.is_md5_signed and layout is not Layout.RESUMABLE,
            has_md5_etags=self._storage.access.has_md5_etags,
        )

    def sign(self, session: Session, request: SignParts) -> SignedParts:
        handle = self._tickets.read_handle(request.upload, session.ticket)
        self._count_bytes(session, sum(part.size for part in request.parts))
        life_s = session.url_life_s()
        return SignedParts(parts=tuple(self._signed(handle, part, life_s) for part in request.parts))

    def _signed(self, handle: UploadHandle, part: PartToSign, life_s: int) -> SignedPart:
        if part.size > handle.parts.max_bytes:
            raise InvalidRequest(f"A part of this upload has at most {handle.parts.max_bytes} bytes.")
        if part.offset + part.size > handle.max_bytes:
            raise InvalidRequest("The recording is larger than this question's time limit allows.")
        needs_md5 = self._storage.access.is_md5_signed and handle.layout is not Layout.RESUMABLE
        if needs_md5 and part.md5 is None:
            raise InvalidRequest("This store needs the MD5 of a part before it is signed.")
        PARTS_SIGNED.inc()
        return self._layouts[handle.layout].sign(handle, part, life_s)

    def sign_stream(self, session: Session, request: SignStream) -> SignedUrl:
        """Return the gateway's URL for one part whose size is not known yet."""
        handle = self._tickets.read_handle(request.upload, session.ticket)
        if self._gateway is None or handle.layout is not Layout.STREAM:
            raise InvalidRequest("The parts of this upload are not streamed.")
        if request.offset >= handle.max_bytes:
            raise InvalidRequest("The recording is larger than this question's time limit allows.")
        self._count_bytes(session, min(STREAM_BYTES, handle.max_bytes - request.offset))
        life_s = session.url_life_s()
        PARTS_SIGNED.inc()
        url = self._storage.urls.sign_stream(handle.key, handle.store_upload, request.number, life_s=life_s)
        return SignedUrl(url=self._gateway.url(url, life_s), life_s=life_s)

    def fold(self, session: Session, request: FoldParts) -> FoldedParts:
        """Fold the small parts that the store has, and sign the next ones. A repeated call returns the same states."""
        handle = self._tickets.read_handle(request.upload, session.ticket)
        self._count_bytes(session, sum(part.size for part in request.ahead))
        life_s = session.url_life_s()
        try:
            done = self._layouts[handle.layout].fold(handle, request.parts)
        except UploadGone:
            raise UploadUnknown from None
        ahead = tuple(self._signed(handle, part, life_s) for part in request.ahead)
        return FoldedParts(states=done.states, folded=done.folded, ahead=ahead)

    def list(self, session: Session, request: ListParts) -> StoredParts:
        handle = self._tickets.read_handle(request.upload, session.ticket)
        try:
            return self._layouts[handle.layout].stored(handle, request.after)
        except UploadGone:
            found = self._storage.objects.head(handle.key)
            is_done = found is not None and self._is_ours(found, handle)
            return StoredParts(state=StoredState.COMPLETED if is_done else StoredState.UNKNOWN)

    def complete(self, session: Session, request: CompleteUpload) -> CompletedObject:
        """Complete the upload and verify the object's size. A second call returns what the first one returned."""
        handle = self._tickets.read_handle(request.upload, session.ticket)
        if request.size > handle.max_bytes:
            raise InvalidRequest("The recording is larger than this question's time limit allows.")
        layout = self._layouts[handle.layout]
        try:
            layout.assemble(handle, request)
        except UploadGone:
            return self._completed_earlier(handle, request.size)
        except ObjectExists:
            return self._already_stored(handle, request.size)
        found = self._storage.objects.head(handle.key)
        if found is None or found.size != request.size:
            raise StoreUnavailable  # it may still be assembling the object; the page asks again
        layout.clear(handle)
        return CompletedObject(key=handle.key, size=found.size)

    def abort(self, session: Session, request: AbortUpload) -> None:
        """Abort an open upload. A completed object is never deleted."""
        handle = self._tickets.read_handle(request.upload, session.ticket)
        self._layouts[handle.layout].give_up(handle)
        self._layouts[handle.layout].clear(handle)

    def _count_bytes(self, session: Session, size: int) -> None:
        self._budgets.count_bytes(session.keys, session.interview, session.policy, size)

    def _was_completed_by_operator(self, session: Session, request: CreateUpload) -> bool:
        """Return whether the take before this one is one that a page had left; asked for the first beyond `takes`."""
        takes = next((one.takes for one in session.interview.questions if one.id == request.question), 0)
        if request.take != takes + SPARE_TAKES:
            return False
        body = self._storage.objects.read(session.keys.answer(request.question, takes))
        try:
            answer = AnswerRecord.model_validate_json(body or b"")
        except ValidationError:
            return False
        return any(track.interrupted and track.sha256 is None for track in answer.tracks.values())

    def _abort_superseded(self, session: Session, at: tuple[str, int, Track]) -> None:
        listed = self._devices.check(session.keys, session.device)
        for key in session.keys.recordings(*at):
            if self._storage.objects.head(key) is not None:
                raise TakeExists
            for upload in listed.superseded(key, session.device):
                self._storage.multipart.abort(key, upload.id)

    def _already_stored(self, handle: UploadHandle, size: int) -> CompletedObject:
        """Abort an upload whose key already has an object: a stored take is never replaced.

        Return that object if this upload produced it. Raises TakeExists if another device's did.
        """
        found = self._storage.objects.head(handle.key)
        if found is None:
            raise StoreUnavailable  # the next call will see it
        self._layouts[handle.layout].give_up(handle)
        if found.size != size or found.token != handle.token:
            raise TakeExists
        return CompletedObject(key=handle.key, size=found.size)

    def _completed_earlier(self, handle: UploadHandle, size: int) -> CompletedObject:
        found = self._storage.objects.head(handle.key)
        if found is None or found.size != size or not self._is_ours(found, handle):
            raise UploadUnknown
        return CompletedObject(key=handle.key, size=found.size)

    def _is_ours(self, found: StoredObject, handle: UploadHandle) -> bool:
        if found.token is None:
            return not self._storage.access.keeps_metadata
        return hmac.compare_digest(found.token, handle.token)
