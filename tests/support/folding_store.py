"""A fake store whose signer folds small parts: the folded layout in a few dictionaries."""

from dataclasses import dataclass

from app.contract import (
    CompletedObject,
    CompleteUpload,
    CreateUpload,
    FoldedParts,
    FoldParts,
    PartRules,
    PartState,
    PartToFold,
    PartToSign,
    SignedPart,
    SignedParts,
    UploadGrant,
)
from app.core.errors import UrlRejected
from tests.support.fake_store import ORIGIN, FakeStore, md5_hex

WINDOW = 40
SMALL = 10


@dataclass(slots=True)
class Slot:
    upload: str
    offset: int
    size: int
    content: bytes | None = None  # None: nothing has arrived


class FoldingStore(FakeStore):
    """Fold parts of SMALL bytes into windows of WINDOW bytes; a test may take away slots and tails."""

    def __init__(self) -> None:
        super().__init__(SMALL)
        self.slots: dict[str, Slot] = {}
        self.tails: dict[tuple[str, int], bytes] = {}  # by handle and window

    def create(self, request: CreateUpload) -> UploadGrant:
        largest = min(WINDOW, request.part_bytes_at_most or WINDOW)
        rules = PartRules(min_bytes=min(SMALL, largest), max_bytes=largest, window_bytes=WINDOW)
        return super().create(request).model_copy(update={"parts": rules})

    def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        self._known(upload)
        return SignedParts(parts=tuple(self._sign(upload, part) for part in parts))

    def _sign(self, upload: str, part: PartToSign) -> SignedPart:
        window, start = divmod(part.offset, WINDOW)
        assert start + part.size <= WINDOW, "a part crosses the end of a window"
        if part.size == WINDOW:
            url, slot = f"{ORIGIN}/part/{upload}/{window + 1}", None
        else:
            slot = part.slot or f"slot-{len(self.slots) + 1}"
            self.slots.setdefault(slot, Slot(upload, part.offset, part.size))
            url = f"{ORIGIN}/slot/{slot}"
        return SignedPart(url=url, life_s=self.url_life_s, number=part.number, size=part.size, slot=slot)

    def put(self, url: str, content: bytes) -> None:
        kind, _, name = url.removeprefix(f"{ORIGIN}/").partition("/")
        if kind != "slot":
            super().put(url, content)
            return
        slot = self.slots[name]
        self._known(slot.upload)
        assert len(content) == slot.size, "another size than was signed"
        slot.content = content
        self.written.append((slot.upload, slot.offset))

    def fold(self, request: FoldParts) -> FoldedParts:
        upload = self._known(request.upload)
        states: list[PartState] = []
        for part in request.parts:
            has_gap = any(state is not PartState.FOLDED for state in states)
            states.append(self._state(request.upload, part) if has_gap else self._fold(request.upload, part))
        first = request.parts[0]
        window = first.offset // WINDOW
        whole = WINDOW if window + 1 in upload.parts else len(self.tails.get((request.upload, window), b""))
        folded = window * WINDOW + min(whole, first.offset % WINDOW)
        for part, state in zip(request.parts, states, strict=True):
            if state is not PartState.FOLDED:
                break
            folded = part.offset + part.size
        ahead = tuple(self._sign(request.upload, part) for part in request.ahead)
        return FoldedParts(states=tuple(states), folded=folded, ahead=ahead)

    def _fold(self, upload: str, part: PartToFold) -> PartState:
        window, start = divmod(part.offset, WINDOW)
        tail = self.tails.get((upload, window), b"")
        end = start + part.size
        if window + 1 in self.uploads[upload].parts or len(tail) >= end:
            return PartState.FOLDED  # by an earlier call
        slot = self.slots.get(part.slot)
        if slot is None or slot.content is None or len(tail) != start or md5_hex(slot.content) != part.etag:
            return PartState.MISSING
        self.tails[upload, window] = tail + slot.content
        del self.slots[part.slot]
        if end == WINDOW:
            self.uploads[upload].parts[window + 1] = self.tails.pop((upload, window))
        return PartState.FOLDED

    def _state(self, upload: str, part: PartToFold) -> PartState:
        slot = self.slots.get(part.slot)
        is_there = slot is not None and slot.content is not None and md5_hex(slot.content) == part.etag
        return PartState.STORED if is_there else PartState.MISSING

    def complete(self, request: CompleteUpload) -> CompletedObject:
        if request.upload in self.completed:
            return super().complete(request)
        upload = self._known(request.upload)
        for part in request.parts:
            named = PartToFold(**(part.model_dump() | {"slot": part.slot or "none"}))
            if part.slot is not None and self._fold(request.upload, named) is not PartState.FOLDED:
                raise UrlRejected("The signer answered 422: the store lacks parts that were named.")
        last = (request.size - 1) // WINDOW
        if (tail := self.tails.pop((request.upload, last), None)) is not None:
            upload.parts[last + 1] = tail
        content = b"".join(upload.parts[number] for number in sorted(upload.parts))
        if len(content) != request.size or sorted(upload.parts) != list(range(1, last + 2)):
            raise UrlRejected("The signer answered 422: the store lacks parts of the recording.")
        return self._assemble(request.upload, content)
