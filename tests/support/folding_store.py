"""A fake store whose signer folds small parts: the folded layout in a few dictionaries."""

from dataclasses import dataclass
from itertools import count

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
from app.core.errors import StoreBusy, UploadLost, UrlRejected
from tests.support.fake_store import ORIGIN, FakeStore

WINDOW = 40
SMALL = 10


@dataclass(slots=True)
class Slot:
    upload: str
    offset: int
    size: int
    content: bytes | None = None  # None: nothing has arrived


class FoldingStore(FakeStore):
    """Fold parts, of which the first ones have `small` bytes, into windows of WINDOW bytes."""

    def __init__(self, small: int = SMALL) -> None:
        super().__init__(small)
        self.small = small
        self.has_equal_parts = False
        self.slots: dict[str, Slot] = {}
        self._numbers = count(1)
        self.stuck: set[str] = set()  # slots that the store fails to fold
        self.folds_nothing = False  # it fails them all
        self.tails: dict[tuple[str, int], bytes] = {}  # by handle and window
        self._arrived: dict[str, tuple[int, bytes]] = {}  # what pages have sent, by the part's name; with its offset

    def create(self, request: CreateUpload) -> UploadGrant:
        largest = min(WINDOW, request.part_bytes_at_most or WINDOW)
        rules = PartRules(min_bytes=min(self.small, largest), max_bytes=largest, window_bytes=WINDOW)
        return super().create(request).model_copy(update={"parts": rules})

    def sign(self, upload: str, parts: tuple[PartToSign, ...]) -> SignedParts:
        self._known(upload)
        return SignedParts(parts=tuple(self._sign(upload, part) for part in parts))

    def _sign(self, upload: str, part: PartToSign) -> SignedPart:
        window, start = divmod(part.offset, WINDOW)
        assert start + part.size <= WINDOW, "a part crosses the end of a window"
        place, slot = str(window + 1), None
        if part.size < WINDOW:
            place = slot = part.slot or f"slot-{next(self._numbers)}"
            self.slots.setdefault(slot, Slot(upload, part.offset, part.size))
        url = f"{ORIGIN}/part/{upload}/{part.offset}-{part.offset + part.size}#{place}"
        return SignedPart(url=url, life_s=self.url_life_s, number=part.number, size=part.size, slot=slot)

    def put(self, url: str, content: bytes) -> None:
        path, _, place = url.partition("#")
        kind, _, name = path.removeprefix(f"{ORIGIN}/").partition("/")
        if kind != "part":
            super().put(url, content)
            return
        handle, offset = name.rpartition("/")[0], int(name.rpartition("/")[2].partition("-")[0])
        upload = self._known(handle)
        if place.isdecimal():
            upload.parts[int(place)] = content
        elif place in self.slots:
            self.slots[place].content = content
        else:
            raise UploadLost("The store answered 404 (NoSuchUpload).")
        self._arrived[name] = (offset, content)
        self.written.append((handle, offset))

    def fold(self, request: FoldParts) -> FoldedParts:
        self._known(request.upload)
        states: list[PartState] = []
        for part in request.parts:
            has_gap = any(state is not PartState.FOLDED for state in states)
            states.append(
                self._state(request.upload, part) if has_gap else self._fold(request.upload, part, request.parts)
            )
        first = request.parts[0]
        folded = min(first.offset, self._reach(request.upload, first.offset // WINDOW))
        for part, state in zip(request.parts, states, strict=True):
            if state is not PartState.FOLDED:
                break
            folded = part.offset + part.size
        ahead = tuple(self._sign(request.upload, part) for part in request.ahead)
        return FoldedParts(states=tuple(states), folded=folded, ahead=ahead)

    def _reach(self, upload: str, window: int) -> int:
        """Return up to which byte of the recording a window is folded."""
        is_whole = window + 1 in self.uploads[upload].parts
        return window * WINDOW + (WINDOW if is_whole else len(self.tails.get((upload, window), b"")))

    def _fold(self, upload: str, part: PartToFold, named: tuple[PartToFold, ...]) -> PartState:
        window, start = divmod(part.offset, WINDOW)
        if self._reach(upload, window) >= part.offset + part.size:
            # By an earlier call; but where the window's parts are not known up to there, they may be cut otherwise.
            ends = {one.offset + one.size for one in named}
            return PartState.FOLDED if self._reach(upload, window) in ends else PartState.MISSING
        if self._reach(upload, window) != part.offset or self._state(upload, part) is PartState.MISSING:
            return self._state(upload, part) if self._reach(upload, window) == part.offset else PartState.MISSING
        if self.folds_nothing or part.slot in self.stuck:
            return PartState.STUCK
        content = self.slots.pop(part.slot).content
        assert content is not None
        self.tails[upload, window] = self.tails.get((upload, window), b"") + content
        if start + part.size == WINDOW:
            self.uploads[upload].parts[window + 1] = self.tails.pop((upload, window))
        return PartState.FOLDED

    def _state(self, upload: str, part: PartToFold) -> PartState:
        slot = self.slots.get(part.slot)
        is_there = (
            slot is not None
            and (slot.upload, slot.offset) == (upload, part.offset)
            and slot.content is not None
            and self.etag_of(slot.content) == part.etag
        )
        return PartState.STORED if is_there else PartState.MISSING

    def complete(self, request: CompleteUpload) -> CompletedObject:
        if request.upload in self.completed:
            return super().complete(request)
        upload = self._known(request.upload)
        for part in request.parts:
            named = PartToFold(**(part.model_dump() | {"slot": part.slot or "none"}))
            state = self._fold(request.upload, named, (named,)) if part.slot is not None else PartState.FOLDED
            if state is PartState.STUCK:
                raise StoreBusy("The signer answered 503.")
            if state is not PartState.FOLDED:
                raise UrlRejected("The signer answered 422: the store lacks parts that were named.")
        last = (request.size - 1) // WINDOW
        windows = dict(upload.parts)
        if (request.upload, last) in self.tails:
            windows[last + 1] = self.tails[request.upload, last]
        content = b"".join(windows[number] for number in sorted(windows))
        if len(content) != request.size or sorted(windows) != list(range(1, last + 2)):
            raise UrlRejected("The signer answered 422: the store lacks parts of the recording.")
        self.tails.pop((request.upload, last), None)
        return self._assemble(request.upload, content)

    # What tests ask, and take away.

    def held(self, upload: str) -> tuple[tuple[str, int, bytes], ...]:
        """Return name, offset and content of the parts that the store holds, folded or not."""
        there = []
        for name, (offset, content) in self._arrived.items():
            is_folded = self._reach(upload, offset // WINDOW) >= offset + len(content)
            waits = any(
                (slot.upload, slot.offset, slot.content) == (upload, offset, content) for slot in self.slots.values()
            )
            if name.rpartition("/")[0] == upload and (is_folded or waits):
                there.append((name, offset, content))
        return tuple(there)

    def losable(self, upload: str) -> tuple[str, ...]:
        windows = [f"window {number}" for number in self.uploads[upload].parts]
        tails = [f"tail {window}" for handle, window in self.tails if handle == upload]
        slots = [f"slot {name}" for name, slot in self.slots.items() if slot.upload == upload and slot.content]
        return tuple(sorted([*windows, *tails, *slots]))

    def drop(self, upload: str, what: str) -> set[str]:
        before = {name for name, _, _ in self.held(upload)}
        kind, _, name = what.partition(" ")
        match kind:
            case "window":
                del self.uploads[upload].parts[int(name)]
            case "tail":
                del self.tails[upload, int(name)]
            case _:
                del self.slots[name]
        return before - {held for held, _, _ in self.held(upload)}
