"""Send one part: read it from the journal, digest it, have it signed, and compare the store's ETag."""

from collections.abc import Callable

from app.contract import SignedPart, StoredState
from app.core.errors import Corrupted, EtagMissing, RecordingGone, UploadLost, UrlExpired
from app.core.ports import UploadPorts
from app.core.upload.commands import Command, SendPart, StreamPart
from app.core.upload.events import BytesSent, Fact, PartAcknowledged, PartCut, RecordingCutShort, UploadCreated
from app.core.upload.parts import Part
from app.core.upload.scheduler import Scheduler
from app.journal.journal import try_note
from app.upload.checksums import md5_of, sha256_of
from app.upload.created import created_upload
from app.upload.prefix_digest import PrefixDigests
from app.upload.send_in_order import OrderedSender
from app.upload.signed_urls import SignedUrls


class PartSender:
    def __init__(
        self,
        scheduler: Scheduler,
        ports: UploadPorts,
        urls: SignedUrls,
        digests: PrefixDigests,
        *,
        tell: Callable[[Fact], None],
        cancel_parts: Callable[[Command], object],
    ) -> None:
        self._scheduler = scheduler
        self._ports = ports
        self._urls = urls
        self._tell = tell
        self._cancel_parts = cancel_parts
        self._in_order = OrderedSender(scheduler, ports, urls, digests, tell)

    async def send(self, command: SendPart) -> Fact:
        """Send one part. Return PartAcknowledged, or RecordingCutShort if its bytes are gone. Raises UploadError."""
        ref, part = command.upload, command.part
        created = created_upload(self._scheduler, ref)
        try:
            media = await self._ports.journal.read(ref, part.offset, part.size)
        except RecordingGone as error:
            return await self.cut_short(command, part.offset + error.kept, error)
        if created.parts.are_in_order:
            await self._note_cut(command, PartCut(ref, part))
            return await self._in_order.send(command, created, media)
        md5 = await md5_of(self._ports.digester, media)
        url = await self._signed(command, created, md5)
        try:
            etag = await self._ports.transport.put(
                url,
                media,
                md5,
                lambda size: self._tell(BytesSent(ref, size, part.number)),
                has_md5_etags=created.has_md5_etags,
            )
        except UrlExpired:
            self._urls.forget(created)  # the next URLs were signed at the same time
            raise
        except EtagMissing:
            # The store compares the ETags of small parts with ours when it folds them.
            is_compared = url.slot is not None and created.has_md5_etags
            etag = md5 if is_compared else await self._listed_etag(created, part, md5)
        return PartAcknowledged(ref, part.number, etag)

    async def _signed(self, command: SendPart, created: UploadCreated, md5: str) -> SignedPart:
        """Return the part's URL, and note how the part is cut: after a reload, the store could not tell."""
        ref, part = command.upload, command.part
        known = self._scheduler.uploads[ref].parts.slots.get(part.number) if ref in self._scheduler.uploads else None
        url = await self._urls.take(created, part, md5, known)
        if not created.parts.are_equal:
            await self._note_cut(command, PartCut(ref, part, url.slot))
        return url

    async def _note_cut(self, command: SendPart, cut: PartCut) -> None:
        await try_note(self._ports.journal, cut)
        if self._scheduler.awaits(command):
            self._tell(cut)

    async def cut_short(self, command: SendPart | StreamPart, size: int, error: RecordingGone) -> Fact:
        """End a recording after `size` bytes: the next ones are gone.

        Raises `error` if nothing is left, or it has not stopped.
        """
        ref = command.upload
        upload = self._scheduler.uploads.get(ref)  # None: dropped while the journal was read
        if size == 0 or upload is None or upload.stopped is None:
            raise error
        sha256 = await sha256_of(self._ports.journal, self._ports.digester, ref, size)
        self._cancel_parts(command)  # some of them may lie after the new end
        return RecordingCutShort(ref, size, sha256)

    async def _listed_etag(self, created: UploadCreated, part: Part, md5: str) -> str:
        """Ask the signer for a part's ETag. Some proxies hide the header from a page although the bucket exposes it.

        Where ETags are no MD5, only the size can be compared. That is enough: the store has just accepted the part, and
        every URL for a part of this number signs the MD5 of its bytes.

        Raises Corrupted if the store does not have exactly these bytes, UploadLost if it has lost the upload.
        """
        page = await self._ports.signer.list(created.handle, part.number - 1)
        if page.state is StoredState.UNKNOWN:
            raise UploadLost("The store no longer knows the upload.")
        stored = next((one for one in page.parts if (one.number, one.size) == (part.number, part.size)), None)
        if stored is None or (created.has_md5_etags and stored.etag != md5):
            raise Corrupted("The store does not have what was sent.")
        return stored.etag
