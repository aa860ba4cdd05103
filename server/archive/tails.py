"""The end of a folded recording that was given up: what the store still has of its last window under `_tail/`."""

from app.contract import MAX_OBJECT_BYTES, Layout, PartRules, PartState, PartToFold, StoredPart
from server.archive.places import TakePlace
from server.errors import ObjectMissing, UploadGone
from server.signer.layouts.folded import PAD_BYTES, SENT, FoldedLayout
from server.signer.object_keys import SessionKeys, tail_prefix
from server.signer.part_sizes import WINDOW
from server.signer.tickets import UPLOAD_AUDIENCE, UploadHandle
from server.store.bucket_rules import TAIL_PREFIX
from server.store.multipart import OpenUpload
from server.store.storage import Storage


class Tails:
    """Fold, by the layout's own steps, what no page will ask for any more."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._layout = FoldedLayout(storage)

    def handle_of(self, keys: SessionKeys, place: TakePlace, upload: OpenUpload) -> UploadHandle | None:
        """Return a handle as the page had one; None if the store has no tail, or tails of more than one recording."""
        tokens = self._tokens(upload.key)
        if len(tokens) != 1 or place.track is None:
            return None
        return UploadHandle(
            aud=UPLOAD_AUDIENCE,
            session=keys.session,
            interview=keys.interview,
            question=place.question,
            take=place.take,
            track=place.track,
            content_type=place.content_type,
            key=upload.key,
            store_upload=upload.id,
            token=tokens.pop(),  # its beginning alone, which is what names a tail
            layout=Layout.FOLDED,
            parts=PartRules(min_bytes=1, max_bytes=WINDOW, window_bytes=WINDOW),
            max_bytes=MAX_OBJECT_BYTES,
        )

    def parts(self, handle: UploadHandle, stored: dict[int, StoredPart]) -> list[StoredPart]:
        """Return the main upload's parts up to the first gap, of which `stored` are there.

        The last one is what could be folded of the window in which the recording broke off. Raises UploadGone,
        StoreError.
        """
        found: list[StoredPart] = []
        while True:
            window = len(found)
            part = stored.get(window + 1)
            reached = WINDOW if part is not None and part.size == WINDOW else self._fold(handle, window)
            if part is None or part.size < reached:
                part = self._layout.copy_window(handle, window, reached) if reached else None
            if part is None:
                return found
            found.append(part)
            if part.size < WINDOW:
                return found

    def clear(self, handle: UploadHandle) -> None:
        self._layout.clear(handle)

    def _tokens(self, key: str) -> set[str]:
        prefix = f"{TAIL_PREFIX}{key}/"
        open_tails = self._storage.multipart.list_open(prefix) or []
        keys = [*self._storage.objects.keys(prefix), *(one.key for one in open_tails)]
        return {one.removeprefix(prefix).partition("/")[0] for one in keys}

    def _fold(self, handle: UploadHandle, window: int) -> int:
        """Fold a window's small parts as far as they follow each other. Return up to which byte of it."""
        reached = self._reached(handle, window)
        parts = self._waiting(handle, window)
        while (part := parts.get(reached)) is not None:
            if self._layout.fold(handle, [part]).states != (PartState.FOLDED,):
                break
            reached += part.size
        return reached

    def _reached(self, handle: UploadHandle, window: int) -> int:
        """Return up to which byte a window is folded."""
        prefix = tail_prefix(handle.key, handle.token, window)
        ends = {int(one.key.removeprefix(prefix)): one.size for one in self._storage.inventory.objects(prefix)}
        return max((end for end, size in ends.items() if size == PAD_BYTES + end), default=0)

    def _waiting(self, handle: UploadHandle, window: int) -> dict[int, PartToFold]:
        """Return the small parts that have arrived and are not folded, by where each begins; the longest of several."""
        prefix = tail_prefix(handle.key, handle.token, window)
        found: dict[int, PartToFold] = {}
        for slot in self._storage.multipart.list_open(prefix) or []:
            sent = self._sent(slot)
            if sent is None:
                continue
            start = int(slot.key.removeprefix(prefix)) - sent.size
            if start not in found or found[start].size < sent.size:
                found[start] = PartToFold(
                    number=1, offset=window * WINDOW + start, size=sent.size, etag=sent.etag, slot=slot.id
                )
        return found

    def _sent(self, slot: OpenUpload) -> StoredPart | None:
        try:
            return self._storage.multipart.all_parts(slot.key, slot.id).get(SENT)
        except (UploadGone, ObjectMissing):
            return None
