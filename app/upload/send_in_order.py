"""Send one part of an upload that the store takes in order: its reply says how many bytes it has, not which."""

from collections.abc import Callable
from dataclasses import dataclass

from app.contract import StoredState
from app.core.errors import Corrupted, UploadLost, UrlExpired
from app.core.media import Media
from app.core.ports import Signer, UploadPorts
from app.core.upload.commands import SendPart
from app.core.upload.content_range import ContentRange
from app.core.upload.events import BytesSent, Fact, PartAcknowledged, UploadCreated
from app.core.upload.scheduler import Scheduler
from app.upload.prefix_digest import PrefixDigests
from app.upload.signed_urls import SignedUrls


@dataclass(frozen=True, slots=True)
class OrderedSender:
    scheduler: Scheduler
    ports: UploadPorts
    urls: SignedUrls
    digests: PrefixDigests
    tell: Callable[[Fact], None]

    async def send(self, command: SendPart, created: UploadCreated, media: Media) -> PartAcknowledged:
        """Send one part. Raises UploadError.

        After a broken connection the whole part is sent again: the store skips what it has of it. The bytes are proven
        once the object is complete, by the MD5 of the recording.
        """
        ref, part = command.upload, command.part
        digest = await self.digests.upto(ref, part, media)
        url = await self.urls.in_order(created, part)
        place = ContentRange(part, self._total(command))
        try:
            stored = await self.ports.transport.put_in_order(
                url, media, place, lambda size: self.tell(BytesSent(ref, size, part.number))
            )
        except UrlExpired:
            self.urls.forget(created)
            raise
        if stored is None:
            state = await stored_bytes(self.ports.signer, created)
            stored = part.end if state is None else state
        if stored < part.offset:
            raise UploadLost("The store has lost bytes that it had acknowledged.")
        if stored < part.end:
            raise Corrupted("The store has kept only the beginning of what was sent.")
        return PartAcknowledged(ref, part.number, digest)

    def _total(self, command: SendPart) -> int | None:
        """Return the size of the recording if its last part is sent; None if more follow, or may."""
        upload = self.scheduler.uploads.get(command.upload)
        is_last = upload is not None and upload.has_ended and command.part.end == upload.recorded
        return command.part.end if is_last else None


async def stored_bytes(signer: Signer, created: UploadCreated) -> int | None:
    """Ask the signer how many bytes the store has of an upload; None if its object is complete.

    Raises UploadLost if the store knows neither upload nor object, or another UploadError.
    """
    page = await signer.list(created.handle, 0)
    if page.state is StoredState.UNKNOWN:
        raise UploadLost("The store no longer knows the upload.")
    return None if page.state is StoredState.COMPLETED else page.stored_bytes
