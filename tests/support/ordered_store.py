"""A fake store with resumable sessions: it takes an object in order, and says how many bytes it has."""

from dataclasses import dataclass, field

from app.contract import (
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    PartRules,
    PartToSign,
    SignedPart,
    SignedParts,
    StoredParts,
    StoredState,
    UploadGrant,
)
from app.core.errors import TakeExists, UploadLost, UrlRejected
from app.core.upload.content_range import ContentRange
from app.core.upload.responses import PutResponse
from tests.support.fake_store import ORIGIN, FakeStore, md5_hex

STEP, LARGEST = 5, 15
PREFIX = f"{ORIGIN}/session/"


@dataclass(slots=True)
class _Session:
    content: bytes = b""
    arrived: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # whole parts, by name; with their offset


class OrderedStore(FakeStore):
    """Keep multiples of STEP bytes, and the rest once the size of the object is named."""

    def __init__(self) -> None:
        super().__init__(LARGEST)
        self.has_equal_parts = False
        self.sessions: dict[str, _Session] = {}

    def create(self, request: CreateUpload) -> UploadGrant:
        grant = super().create(request)
        self.sessions[grant.upload] = _Session()
        at_most = request.part_bytes_at_most or LARGEST
        largest = max(STEP, min(LARGEST, at_most - at_most % STEP))
        return grant.model_copy(update={"parts": PartRules(min_bytes=STEP, max_bytes=largest, step_bytes=STEP)})

    def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        self._known(upload)
        signed = [
            SignedPart(url=f"{PREFIX}{upload}", life_s=self.url_life_s, number=part.number, size=part.size)
            for part in parts
        ]
        return SignedParts(parts=tuple(signed))

    def put_in_order(self, handle: str, place: ContentRange, content: bytes) -> PutResponse:
        if handle in self.completed:
            return PutResponse(200, etag=f'"{md5_hex(self.objects[self.completed[handle].key])}"')
        if handle not in self.uploads:
            return PutResponse(404)
        return self._take(handle, place, content)

    def _take(self, handle: str, place: ContentRange, content: bytes) -> PutResponse:
        session, part = self.sessions[handle], place.part
        if part.offset > len(session.content) or len(content) != part.size:
            return PutResponse(503)
        if place.total is None and part.size % STEP:
            return PutResponse(400, code="InvalidArgument")
        session.content += content[len(session.content) - part.offset :]
        session.arrived.setdefault(f"{handle}/{part.number}", (part.offset, content))
        self.written.append((handle, part.number))
        if place.total != len(session.content):
            return self._state_of(session)
        try:
            self._assemble(handle, session.content)
        except TakeExists:
            return PutResponse(412, code="PreconditionFailed")
        return PutResponse(200, etag=f'"{md5_hex(session.content)}"')

    def cut_off(self, handle: str, place: ContentRange, content: bytes) -> None:
        """Keep what has come of a part before its connection broke."""
        session = self.sessions.get(handle)
        if session is not None and handle in self.uploads and place.part.offset <= len(session.content):
            whole = content[: len(content) - len(content) % STEP]
            session.content += whole[len(session.content) - place.part.offset :]

    @staticmethod
    def _state_of(session: _Session) -> PutResponse:
        return PutResponse(308, stored_range=f"bytes=0-{len(session.content) - 1}" if session.content else None)

    def list(self, upload: str, after: int) -> StoredParts:
        if upload in self.uploads:
            return StoredParts(state=StoredState.OPEN, stored_bytes=len(self.sessions[upload].content))
        return super().list(upload, after)

    def complete(self, request: CompleteUpload) -> CompletedObject:
        if request.upload not in self.completed:
            self._known(request.upload)
            session = self.sessions[request.upload]
            if len(session.content) > request.size:
                raise UploadLost("The store no longer knows this upload. Begin a new one.")
            if len(session.content) < request.size:
                raise UrlRejected("The signer answered 422: the store lacks parts of the recording.")
            self._assemble(request.upload, session.content)
        done = self.completed[request.upload]
        if done.size != request.size or request.parts[-1].etag != md5_hex(self.objects[done.key]):
            del self.completed[request.upload], self.objects[done.key]
            raise UploadLost("The store no longer knows this upload. Begin a new one.")
        return done

    def held(self, upload: str) -> tuple[tuple[str, int, bytes], ...]:
        session = self.sessions[upload]
        whole = [(name, *one) for name, one in session.arrived.items() if one[0] + len(one[1]) <= len(session.content)]
        return tuple(whole)

    def losable(self, upload: str) -> tuple[str, ...]:
        """Return nothing: a store that has less than it has said is none that anything could be sent to in order."""
        return ()
