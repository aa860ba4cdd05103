"""Stream one part: read it from the journal while it is recorded, and compare the store's ETag at its end."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable

from app.core.errors import RecordingGone
from app.core.ports import UploadPorts
from app.core.upload.commands import StreamPart
from app.core.upload.events import BytesSent, Fact, PartAcknowledged, PartCut
from app.core.upload.parts import Part
from app.core.upload.scheduler import Scheduler
from app.core.upload.stream_pull import pull
from app.core.upload.streams import Piece
from app.journal.journal import try_note
from app.upload.created import created_upload
from app.upload.signed_urls import SignedUrls


class StreamSender:
    def __init__(
        self,
        scheduler: Scheduler,
        ports: UploadPorts,
        urls: SignedUrls,
        *,
        tell: Callable[[Fact], None],
        cut_short: Callable[[StreamPart, int, RecordingGone], Awaitable[Fact]],
    ) -> None:
        """`cut_short` ends a recording at a size, because the bytes behind it are gone."""
        self._scheduler = scheduler
        self._ports = ports
        self._urls = urls
        self._tell = tell
        self._cut_short = cut_short
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Make every open stream look what may be sent now."""
        self._news.set()

    async def send(self, command: StreamPart) -> Fact:
        """Stream one part. Return PartAcknowledged, or RecordingCutShort if its bytes are gone. Raises UploadError."""
        created = created_upload(self._scheduler, command.upload)
        target = await self._urls.stream(created, command.number, command.offset)
        sent = _Sent(command.offset)
        try:
            etag = await self._ports.transport.stream(target, self._blocks(command, sent), sent.md5.hexdigest)
        except RecordingGone as error:
            return await self._cut_short(command, sent.end + error.kept, error)
        return PartAcknowledged(command.upload, command.number, etag)

    async def _blocks(self, command: StreamPart, sent: "_Sent") -> AsyncIterator[bytes]:
        """Yield what the stream sends, as soon as it is recorded. Raises Aborted, RecordingGone, JournalUnread."""
        while not isinstance(following := await self._next(command), Part):
            media = await self._ports.journal.read(command.upload, following.offset, following.size)
            async for block in self._ports.digester.blocks(media):
                sent.add(block)
                yield block
                self._tell(BytesSent(command.upload, len(block)))
        # Told at once: a stream that breaks from here on is sent again as this part, and never cut otherwise. And noted
        # before the network learns that the stream is over: if the page ends now, the store may have this part.
        cut = PartCut(command.upload, following)
        self._tell(cut)
        await try_note(self._ports.journal, cut)

    async def _next(self, command: StreamPart) -> Piece | Part:
        while (following := pull(self._scheduler, command, self._ports.clock.now())) is None:
            self._news.clear()  # nothing can come in between: whoever records, runs on this thread
            await self._news.wait()
        return following


class _Sent:
    """What a stream has sent so far."""

    def __init__(self, offset: int) -> None:
        self.end = offset  # bytes, from the start of the recording
        self.md5 = hashlib.md5(usedforsecurity=False)

    def add(self, block: bytes) -> None:
        self.end += len(block)
        self.md5.update(block)
