"""Ask the store which parts of an upload it has, and compare them with the recording."""

from collections.abc import Awaitable, Callable

from app.contract import StoredPart, StoredState
from app.core.errors import RecordingGone, UploadLost
from app.core.ports import Signer, UploadPorts
from app.core.upload.events import PartAcknowledged, ReconcileUpload, RecordingId, UploadReconciled
from app.core.upload.parts import Part
from app.core.upload.scheduler import Scheduler
from app.journal.journal import try_note
from app.upload.checksums import md5_of
from app.upload.created import created_upload


class Reconciler:
    def __init__(self, scheduler: Scheduler, ports: UploadPorts) -> None:
        self._scheduler = scheduler
        self._ports = ports

    async def reconcile(self, command: ReconcileUpload) -> UploadReconciled:
        """Compare the store's parts with the recording; note the result in the journal. Raises UploadError."""
        ref = command.upload
        created, upload = created_upload(self._scheduler, ref), self._scheduler.uploads[ref]
        etags = {number: etag for number, (_, etag) in upload.parts.acknowledged.items()}
        stored = await list_parts(self._ports.signer, created.handle)
        if stored and upload.stopped is not None and max(stored) > upload.part_count:
            raise UploadLost("The store holds more than there is of this recording.")

        async def md5(part: Part) -> str | None:
            try:
                media = await self._ports.journal.read(ref, part.offset, part.size)
            except RecordingGone:
                return None  # the recording is cut short once this part has to be sent
            return await md5_of(self._ports.digester, media)

        known = upload.parts.known()
        parts = await proven(known, etags, stored, md5, has_md5_etags=created.has_md5_etags)
        await self._note(ref, known, dict(parts), etags)
        return UploadReconciled(ref, parts)

    async def _note(self, ref: RecordingId, known: list[Part], stored: dict[int, str], etags: dict[int, str]) -> None:
        """Note in the journal which of the parts the store holds, and which it does not."""
        for part in known:
            if part.number not in stored:
                self._ports.journal.hold(ref, part.offset, part.size)
                continue
            if part.number not in etags:
                await try_note(self._ports.journal, PartAcknowledged(ref, part.number, stored[part.number]))
            await self._ports.journal.release(ref, part.offset, part.size)


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
