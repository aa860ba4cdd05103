"""The store itself folds the page's small parts, so that stores with a minimum of 5 MiB a part take smaller ones.

The recording is divided into windows of exactly 5 MiB, each a part of the main upload. A window that was recorded whole
before its first byte was sent is an ordinary part. Of any other, the page sends small parts, each to a multipart upload
of its own under `_tail/`. Folding a part that ends at byte `end` of its window makes one object of that upload: part 1
is a copy of the object that ends where this part begins (for the first one: of the pad, 5 MiB of zeros, because the
store refuses a shorter part 1), part 2 is what the page sent. The object of a whole window is range-copied into the
main upload, without the pad. So each byte crosses the candidate's uplink once, and no media passes the signer.
Copies are begun as soon as their source is there (copies_ahead.py). Every step may be repeated: what the store has is
told by the sizes of the objects under `_tail/`. An object is deleted once the next one holds its bytes.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock

from app.contract import MIB, CompleteUpload, PartState, PartToFold, PartToSign, SignedPart, StoredPart
from server.errors import (
    InvalidRequest,
    ObjectExists,
    ObjectMissing,
    PartsUnfit,
    StoreError,
    StoreFailed,
    StoreUnavailable,
    UploadGone,
)
from server.signer.layouts.copies_ahead import COPY, CopiesAhead
from server.signer.layouts.layout import Folding, OfMultipart
from server.signer.layouts.spans import span_of, superseded
from server.signer.object_keys import PAD, tail_key, tail_prefix
from server.signer.part_sizes import WINDOW
from server.signer.tickets import UploadHandle
from server.store.storage import Storage

PAD_BYTES = 5 * MIB  # the same minimum, for part 1 of a tail
SENT = 2  # part number in the upload of a small part, after the copy
_THREADS = 8  # for calls to the store that do not wait for each other
_LOOKS = 3  # a call that still runs deletes what was listed, once the next object holds it
_NOT_THERE = (UploadGone, ObjectMissing, PartsUnfit)


class FoldedLayout(OfMultipart):
    has_copies = True

    def __init__(self, storage: Storage) -> None:
        super().__init__(storage)
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="fold")
        self._copies = CopiesAhead(storage.multipart, self._pool)
        self._has_pad = False
        self._making_pad = Lock()

    def sign(self, handle: UploadHandle, part: PartToSign, life_s: int) -> SignedPart:
        span, storage = span_of(part), self._storage
        slot, key, upload, number = None, handle.key, handle.store_upload, span.window + 1
        if part.size < WINDOW:
            key, number = tail_key(handle.key, handle.token, span.window, span.end), SENT
            slot = upload = part.slot or storage.multipart.create(key, handle.content_type, handle.token)
            self._copies.note_slot(handle, part.offset, key, slot, None if span.start else PAD)
        url, headers = storage.urls.sign_part(key, upload, number, size=part.size, md5=part.md5, life_s=life_s)
        return SignedPart(number=part.number, size=part.size, url=url, headers=headers, life_s=life_s, slot=slot)

    def fold(self, handle: UploadHandle, parts: Sequence[PartToFold]) -> Folding:
        self._ensure_pad()
        states: list[PartState] = []
        outdated: list[str] = []
        while len(states) < len(parts):
            part = parts[len(states)]
            if any(state is not PartState.FOLDED for state in states):  # one before it is not folded
                states.append(self._state_of(handle, part))
            elif (state := self._fold(handle, part)) is PartState.FOLDED:
                states.append(state)
                outdated += superseded(handle, part)
            else:
                states += self._settle(handle, parts[len(states) :], state)
        self._pool.submit(self._forget, outdated)  # nobody needs to wait for it
        count = sum(state is PartState.FOLDED for state in states)
        folded = parts[count - 1].offset + parts[count - 1].size if count else self._reach(handle, parts[0])
        return Folding(tuple(states), folded)

    def assemble(self, handle: UploadHandle, request: CompleteUpload) -> None:
        # Together: neither waits for the other, and a candidate waits for both.
        windows = self._pool.submit(self._windows, handle)
        there = self._pool.submit(self._storage.objects.head, handle.key)
        try:
            is_folded = self._fold_rest(handle, request)
        except StoreError:
            windows.result()  # UploadGone if a call before this one has completed it
            raise
        stored = windows.result()
        if there.result() is not None:
            raise ObjectExists
        if not is_folded:
            raise InvalidRequest("The store lacks parts that were named. List them and send what is missing.")
        stored = self._with_last_window(handle, request.size, stored)
        self._storage.multipart.complete(handle.key, handle.store_upload, [stored[number] for number in sorted(stored)])

    def clear(self, handle: UploadHandle) -> None:
        self._pool.submit(self._clear, handle)  # nobody needs to wait for it

    def _clear(self, handle: UploadHandle) -> None:
        with suppress(StoreError):
            self._forget(self._storage.objects.keys(tail_prefix(handle.key, handle.token)))

    # Steps of folding.

    def _fold_rest(self, handle: UploadHandle, request: CompleteUpload) -> bool:
        """Fold the parts that are not folded yet. Return whether the store had all of them. Raises StoreUnavailable."""
        rest = [PartToFold.model_validate(part.model_dump()) for part in request.parts if part.slot is not None]
        states = set(self.fold(handle, rest).states) if rest else set[PartState]()
        if PartState.STUCK in states:
            raise StoreUnavailable
        return states <= {PartState.FOLDED}

    def _fold(self, handle: UploadHandle, part: PartToFold) -> PartState:
        """Fold one part into the object that ends where it begins.

        Return MISSING if the store lacks one of them, and STUCK if it has failed. Ceph, killed while it put the two
        together, fails this one slot for ten minutes (`rgw_mp_lock_max_time`).
        """
        span, multipart = span_of(part), self._storage.multipart
        key = tail_key(handle.key, handle.token, span.window, span.end)
        source = tail_key(handle.key, handle.token, span.window, span.start) if span.start else PAD
        try:
            copied = self._copies.take(part.slot) or self._copy_before(key, part.slot, source)
            pieces = [(COPY, PAD_BYTES + span.start, copied), (SENT, part.size, part.etag)]
            multipart.replace(
                key, part.slot, [StoredPart(number=number, size=size, etag=etag) for number, size, etag in pieces]
            )
            if span.end == WINDOW:
                self.copy_window(handle, span.window, WINDOW)
            else:
                self._copies.note_object(handle, part.offset + part.size, key)
        except _NOT_THERE:
            return PartState.MISSING
        except StoreFailed:
            return PartState.STUCK
        return PartState.FOLDED

    def _copy_before(self, key: str, slot: str, source: str) -> str:
        """Copy what lies before a part. Return its ETag. Raises UploadGone, ObjectMissing."""
        try:
            return self._storage.multipart.copy_part(key, slot, COPY, source)
        except _NOT_THERE:
            if source != PAD or not self._make_pad():
                raise
        return self._storage.multipart.copy_part(key, slot, COPY, source)

    def copy_window(self, handle: UploadHandle, window: int, size: int) -> StoredPart:
        """Copy a window into the main upload, without its pad. Raises UploadGone, ObjectMissing."""
        source = tail_key(handle.key, handle.token, window, size)
        etag = self._storage.multipart.copy_part(
            handle.key, handle.store_upload, window + 1, source, (PAD_BYTES, PAD_BYTES + size)
        )
        return StoredPart(number=window + 1, size=size, etag=etag)

    def _settle(self, handle: UploadHandle, parts: Sequence[PartToFold], state: PartState) -> list[PartState]:
        """Return what became of parts of which the first one could not be folded: `state`, if the store has no more.

        Most often an earlier call has folded it, and its reply was lost.
        """
        window = span_of(parts[0]).window
        own = [part for part in parts if span_of(part).window == window]
        reached = self._reached(handle, window)
        done = [part for part in own if span_of(part).end <= reached]
        if done and span_of(done[-1]).end == reached:
            if reached == WINDOW:
                with suppress(*_NOT_THERE):  # then the main upload has it already
                    self.copy_window(handle, window, WINDOW)
            return [PartState.FOLDED] * len(done)
        return [state]

    def _reached(self, handle: UploadHandle, window: int) -> int:
        """Return up to which byte a window is folded, by the sizes of what the store has. Raises UploadGone."""
        prefix = tail_prefix(handle.key, handle.token, window)
        for _ in range(_LOOKS):
            main = self._windows(handle)
            if window + 1 in main and main[window + 1].size == WINDOW:
                return WINDOW
            ends = sorted((int(key.removeprefix(prefix)) for key in self._storage.objects.keys(prefix)), reverse=True)
            for end in ends:
                found = self._storage.objects.head(tail_key(handle.key, handle.token, window, end))
                if found is not None and found.size == PAD_BYTES + end:
                    return end
        return 0

    def _reach(self, handle: UploadHandle, part: PartToFold) -> int:
        """Return how many bytes of the recording are folded if `part` is not."""
        span = span_of(part)
        begin = span.window * WINDOW
        return begin + (span.start if self._reached(handle, span.window) >= span.start else 0)

    def _state_of(self, handle: UploadHandle, part: PartToFold) -> PartState:
        """Return whether the store has a part whose predecessor is not folded."""
        key = tail_key(handle.key, handle.token, span_of(part).window, span_of(part).end)
        try:
            sent = self._storage.multipart.all_parts(key, part.slot).get(SENT)
        except UploadGone:
            return PartState.MISSING
        is_there = sent is not None and (sent.size, sent.etag) == (part.size, part.etag)
        return PartState.STORED if is_there else PartState.MISSING

    def _with_last_window(
        self, handle: UploadHandle, size: int, stored: dict[int, StoredPart]
    ) -> dict[int, StoredPart]:
        """Copy the last window if it is not whole; return all parts of the main upload, of which `stored` are known.

        Raises InvalidRequest if windows are missing.
        """
        count = -(-size // WINDOW)
        rest = size - (count - 1) * WINDOW
        whole = count if rest == WINDOW else count - 1
        if not stored.keys() >= set(range(1, whole + 1)):
            stored = self._windows(handle)  # some were folded after the list was made
        if rest < WINDOW and count not in stored:
            with suppress(*_NOT_THERE):  # told below; the upload is there, as its list was
                stored[count] = self.copy_window(handle, count - 1, rest)
        wanted = [WINDOW] * (count - 1) + [rest]
        if [part.size for _, part in sorted(stored.items())] != wanted:
            raise InvalidRequest("The store lacks parts of the recording. List them and send what is missing.")
        return stored

    def _windows(self, handle: UploadHandle) -> dict[int, StoredPart]:
        """Return the parts of the main upload by number. Raises UploadGone."""
        return self._storage.multipart.all_parts(handle.key, handle.store_upload)

    def _ensure_pad(self) -> None:
        with self._making_pad:
            if self._has_pad:
                return
            self._make_pad()
            self._has_pad = True

    def _make_pad(self) -> bool:
        """Write the pad if it is not there. Return whether it was missing."""
        found = self._storage.objects.head(PAD)
        if found is not None and found.size == PAD_BYTES:
            return False
        self._storage.objects.write(PAD, bytes(PAD_BYTES), "application/octet-stream")
        return True

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            with suppress(StoreError):  # the lifecycle rule deletes it
                self._storage.objects.delete(key)
