"""Ask the store which parts of an upload it has, and compare them with the recording."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from itertools import count

from app.contract import PartState, StoredPart, StoredState
from app.core.errors import RecordingGone, UploadLost
from app.core.ports import Signer, UploadPorts
from app.core.upload.commands import ReconcileUpload
from app.core.upload.events import PartAcknowledged, PartCut, UploadCreated, UploadReconciled
from app.core.upload.parts import Part, StoredPiece
from app.core.upload.recording_id import RecordingId
from app.core.upload.scheduler import Scheduler
from app.core.upload.upload import Upload
from app.journal.journal import try_note
from app.upload.checksums import md5_of
from app.upload.created import created_upload
from app.upload.fold import ask_to_fold
from app.upload.prefix_digest import UNKNOWN, PrefixDigests
from app.upload.send_in_order import stored_bytes


class Reconciler:
    def __init__(self, scheduler: Scheduler, ports: UploadPorts, digests: PrefixDigests) -> None:
        self._digests = digests
        self._scheduler = scheduler
        self._ports = ports

    async def reconcile(self, command: ReconcileUpload) -> UploadReconciled:
        """Compare the store's parts with the recording; note the result in the journal. Raises UploadError."""
        ref = command.upload
        created, upload = created_upload(self._scheduler, ref), self._scheduler.uploads[ref]
        etags = {number: etag for number, (_, etag) in upload.parts.acknowledged.items()}
        known = upload.parts.known()
        if created.parts.are_in_order:
            adopted, parts = await self._in_order(created, upload, known, etags)
            for part in adopted:
                await try_note(self._ports.journal, PartCut(ref, part))
            await self._note(ref, [*known, *adopted], dict(parts), etags)
            return UploadReconciled(ref, parts, adopted)
        stored = await list_parts(self._ports.signer, created.handle)
        folded, adopted = 0, tuple[Part, ...]()
        if stored is not None and created.parts.window_bytes is not None:
            folded, parts = await self._folded(created, upload, known, stored)
        else:
            last = upload.parts.last_number
            if stored and last is not None and max(stored) > last:
                raise UploadLost("The store holds more than there is of this recording.")
            parts = await proven(known, etags, stored, partial(self._md5, ref), has_md5_etags=created.has_md5_etags)
            if len(parts) == len(known):
                adopted, more = await self._adopted(upload, stored)
                known, parts = [*known, *adopted], parts + more
        await self._note(ref, known, dict(parts), etags)
        return UploadReconciled(ref, parts, adopted, folded)

    async def _in_order(
        self, created: UploadCreated, upload: Upload, known: list[Part], etags: Mapping[int, str]
    ) -> tuple[tuple[Part, ...], tuple[tuple[int, str], ...]]:
        """Return the part that the store has beyond the known ones, if any, and number and digest of every stored part.

        The store has the first bytes of the recording. That they are the same, the end of the upload proves.
        """
        stored = await stored_bytes(self._ports.signer, created)
        end = upload.recorded if stored is None else stored
        if end > upload.recorded:
            raise UploadLost("The store holds more than there is of this recording.")
        number, offset = upload.parts.next_place
        adopted = (Part(number, offset, end - offset),) if offset < end else ()
        held = [part for part in (*known, *adopted) if part.end <= end]
        return adopted, tuple(
            [(part.number, etags.get(part.number) or await self._upto(upload, part)) for part in held]
        )

    async def _upto(self, upload: Upload, part: Part) -> str:
        try:
            media = await self._ports.journal.read(upload.ref, part.offset, part.size)
        except RecordingGone:
            return UNKNOWN
        return await self._digests.upto(upload.ref, part, media)

    async def _md5(self, ref: RecordingId, part: Part) -> str | None:
        try:
            media = await self._ports.journal.read(ref, part.offset, part.size)
        except RecordingGone:
            return None  # the recording is cut short once this part has to be sent
        return await md5_of(self._ports.digester, media)

    async def _etag(self, created: UploadCreated, part: Part, etags: Mapping[int, str]) -> str | None:
        """Return a part's ETag; None if it was not noted, and cannot be derived from the bytes."""
        if (noted := etags.get(part.number)) is not None or not created.has_md5_etags:
            return noted
        return await self._md5(created.upload, part)

    async def _adopted(
        self, upload: Upload, stored: dict[int, StoredPart] | None
    ) -> tuple[tuple[Part, ...], tuple[tuple[int, str], ...]]:
        """Return the stored parts that follow the known ones, with numbers and ETags.

        The page ended before the journal had noted how they were cut; their bytes prove where they belong. `stored` is
        None if the object is complete: it holds the rest, however it was cut.
        """
        number, offset = upload.parts.next_place
        adopted: list[tuple[Part, str]] = []
        while offset < upload.recorded:
            found = stored.get(number) if stored is not None else None
            size = found.size if found is not None else upload.recorded - offset
            if (stored is not None and found is None) or offset + size > upload.recorded:
                break
            part = Part(number, offset, size)
            md5 = await self._md5(upload.ref, part)
            if md5 is None or (found is not None and md5 != found.etag):
                break
            adopted.append((part, md5))
            number, offset = number + 1, part.end
        return tuple(part for part, _ in adopted), tuple((part.number, etag) for part, etag in adopted)

    async def _folded(
        self, created: UploadCreated, upload: Upload, known: list[Part], stored: dict[int, StoredPart]
    ) -> tuple[int, tuple[tuple[int, str], ...]]:
        """Return how many bytes are folded, and number and ETag of every part that the store has.

        `stored` are the windows in the main upload. The small parts behind them are folded, as far as they are there.
        """
        window = created.parts.window_bytes or 0
        whole = {part.number for part in stored.values() if part.size == window}
        etags = {number: etag for number, (_, etag) in upload.parts.acknowledged.items()}
        in_main = [part for part in known if part.offset // window + 1 in whole]
        held = {part.number: etag for part in in_main if (etag := await self._etag(created, part, etags))}
        folded = window * next(number for number in count() if number + 1 not in whole)
        pieces = [
            StoredPiece(part, etag, slot)
            for part in known
            if part not in in_main
            and (slot := upload.parts.slots.get(part.number)) is not None
            and (etag := await self._etag(created, part, etags))
        ]
        for group in _by_window(pieces, window):
            done = await ask_to_fold(self._ports.signer, created.handle, group)
            for piece, state in zip(group, done.states, strict=True):
                if state is not PartState.MISSING:
                    held[piece.part.number] = piece.etag
            folded = max(folded, done.folded)
        return folded, tuple(held.items())

    async def _note(self, ref: RecordingId, known: list[Part], stored: dict[int, str], etags: dict[int, str]) -> None:
        """Note in the journal which of the parts the store holds, and which it does not."""
        for part in known:
            if part.number not in stored:
                self._ports.journal.hold(ref, part.offset, part.size)
                continue
            if part.number not in etags:
                await try_note(self._ports.journal, PartAcknowledged(ref, part.number, stored[part.number]))
            await self._ports.journal.release(ref, part.offset, part.size)


def _by_window(pieces: list[StoredPiece], window: int) -> Iterator[list[StoredPiece]]:
    """Yield `pieces` in groups without a gap, those of one window together.

    The store tells only how far a window is folded. Of a few of its parts the signer could not say whether they are:
    the page may have cut the next ones otherwise before it ended.
    """
    group: list[StoredPiece] = []
    for piece in pieces:
        if group and (group[-1].part.end != piece.part.offset or piece.part.offset % window == 0):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


async def list_parts(signer: Signer, handle: str) -> dict[int, StoredPart] | None:
    """Return the parts that the store has, by number; None if it has already assembled the object.

    Raises UploadLost if the store knows neither upload nor object, or another UploadError.
    """
    found: dict[int, StoredPart] = {}
    after: int | None = 0
    while after is not None:
        page = await signer.list(handle, after)
        if page.state is StoredState.UNKNOWN:
            raise UploadLost("The store no longer knows the upload.")
        if page.state is StoredState.COMPLETED:
            return None
        found |= {part.number: part for part in page.parts}
        after = page.next_after if page.next_after != after else None  # the same marker again would loop for ever
    return found


async def proven(
    parts: list[Part],
    etags: dict[int, str],
    stored: dict[int, StoredPart] | None,
    md5: Callable[[Part], Awaitable[str | None]],
    *,
    has_md5_etags: bool = True,
) -> tuple[tuple[int, str], ...]:
    """Return number and ETag of the parts that the store holds as they were recorded.

    `etags` are those acknowledged before. A part without one is digested again: its reply was lost. `stored` is None
    if the object is complete: then no part is left to send, and finishing checks the size. `md5` returns None if this
    device has lost the bytes: then they cannot be compared, and the part does not count.

    Where ETags are no MD5, a part counts only if its ETag was noted; others are sent again. We do not trust the size
    alone: after a crash this page may have cut the recording elsewhere, and a part of the same size hold other bytes.
    """
    same = []
    for part in parts:
        found = stored.get(part.number) if stored is not None else None
        if stored is not None and (found is None or found.size != part.size):
            continue
        etag = etags.get(part.number) or (await md5(part) if has_md5_etags or stored is None else None)
        if etag is not None and (found is None or etag == found.etag):
            same.append((part.number, etag))
    return tuple(same)
