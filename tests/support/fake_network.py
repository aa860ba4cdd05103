"""The way to the store, who answers on it, and what the browser says of the network."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable

from app.contract import SignedPart, SignedUrl
from app.core.errors import NetworkFailed, UploadError
from app.core.media import Media
from app.core.recording.rung_choice import LinkHints
from app.core.upload.content_range import ContentRange
from app.core.upload.refusals import Reached
from tests.support.fake_journal import bytes_of
from tests.support.fake_store import PROBES, FakeStore
from tests.support.held import Held, until
from tests.support.ordered_store import PREFIX, OrderedStore


class Send(Held[str]):
    """One PUT under way."""

    def __init__(
        self, store: FakeStore, target: SignedUrl, body: Media | bytes, md5: str, on_sent: Callable[[int], None] | None
    ) -> None:
        super().__init__()
        self._store = store
        self._on_sent = on_sent
        self.target = target
        self.content = body if isinstance(body, bytes) else bytes_of(body)
        self.md5 = md5
        self.number = target.number if isinstance(target, SignedPart) else 0  # 0: a document
        self.size = len(self.content)

    def progress(self, size: int) -> None:
        assert self._on_sent is not None
        self._on_sent(size)

    def store(self) -> None:
        """Let the bytes reach the store; its reply is still on the way."""
        self._store.put(self.target.url, self.content)

    def acknowledge(self) -> None:
        self.store()
        self._answer(self._store.etag_of(self.content))


class Stream(Held[str]):
    """One stream under way. It takes what comes; the test answers once it is whole, or lets it break."""

    def __init__(self, store: FakeStore, target: SignedUrl) -> None:
        super().__init__()
        self._store = store
        self.target = target
        self.number = int(target.url.rpartition("/")[2])
        self.content = b""
        self.is_whole = False

    async def read(self, blocks: AsyncIterator[bytes]) -> None:
        async for block in blocks:
            self.content += block
        self.is_whole = True

    def store(self) -> None:
        """Let the gateway pass the stream on; its reply is still on the way."""
        assert self.is_whole, "a gateway passes on no half stream"
        self._store.put(self.target.url, self.content)

    def acknowledge(self) -> None:
        self.store()
        self._answer(self._store.etag_of(self.content))


class Piece(Held["int | None"]):
    """One part under way to a store that takes an object in order."""

    def __init__(self, store: FakeStore, target: SignedUrl, content: bytes, place: ContentRange) -> None:
        super().__init__()
        assert isinstance(store, OrderedStore)
        self._store = store
        self._handle = target.url.removeprefix(PREFIX)
        self.content = content
        self.place = place

    def store(self) -> int | None:
        """Let the bytes reach the store; return what its reply says, which is still on the way."""
        return self.place.stored(self._store.put_in_order(self._handle, self.place, self.content))

    def cut_off(self, size: int) -> None:
        """Let only the first bytes reach the store, and the connection break."""
        self._store.cut_off(self._handle, self.place, self.content[:size])
        self.fail(NetworkFailed("The connection broke."))

    def acknowledge(self) -> None:
        self._answer(self.store())

    def answer(self, stored: int | None) -> None:
        """Reply with another number of bytes than the store has; None: with a reply that does not tell."""
        self._answer(stored)


class FakeTransport:
    """Hold parts until the test answers them; documents arrive by themselves unless `holds_documents`.

    A stream is held as parts are, once it is whole.
    """

    def __init__(self, store: FakeStore) -> None:
        self._store = store
        self.can_stream = True
        self.streams: list[Stream] = []  # every one, in order
        self.holds_parts = True
        self.holds_documents = False
        self.sends: list[Send] = []  # every one, in order
        self.pieces: list[Piece] = []  # the same, of what is sent in order
        self._held: deque[Send] = deque()
        self.probes: list[int] = []  # sizes of the parts of connection checks
        self.probe_line: Callable[[int], Awaitable[None]] = lambda _: asyncio.sleep(0)  # takes so many bytes
        self.probe_error: UploadError | None = None  # what befalls every one of them

    async def put(
        self,
        target: SignedUrl,
        body: Media | bytes,
        md5: str,
        on_sent: Callable[[int], None] | None = None,
        *,
        has_md5_etags: bool = True,
    ) -> str:
        assert has_md5_etags is self._store.has_md5_etags
        if target.url.startswith(PROBES):
            return await self._probe(body)
        send = Send(self._store, target, body, md5, on_sent)
        self.sends.append(send)
        if self.holds_parts if send.number else self.holds_documents:
            self._held.append(send)
        else:
            send.acknowledge()
        return await send.wait()

    async def _probe(self, body: Media | bytes) -> str:
        """Take a part of a connection check, as fast as the test has laid down."""
        content = body if isinstance(body, bytes) else bytes_of(body)
        self.probes.append(len(content))
        if self.probe_error is not None:
            raise self.probe_error
        await self.probe_line(len(content))
        return self._store.etag_of(content)

    async def put_in_order(
        self,
        target: SignedUrl,
        body: Media,
        place: ContentRange,
        on_sent: Callable[[int], None] | None = None,
    ) -> int | None:
        piece = Piece(self._store, target, bytes_of(body), place)
        self.pieces.append(piece)
        if not self.holds_parts:
            piece.acknowledge()
        return await piece.wait()

    async def next_piece(self) -> Piece:
        """Return the part that is under way in order."""
        return await until(lambda: next((one for one in self.pieces if one.is_open), None), "part in order")

    async def stream(self, target: SignedUrl, blocks: AsyncIterator[bytes], md5: Callable[[], str]) -> str:
        stream = Stream(self._store, target)
        self.streams.append(stream)
        reading, waiting = asyncio.ensure_future(stream.read(blocks)), asyncio.ensure_future(stream.wait())
        try:
            await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not waiting.done():
                reading.result()
                if not self.holds_parts:
                    stream.acknowledge()
            etag = await waiting
            assert etag == md5()
            return etag
        finally:
            for task in (reading, waiting):
                task.cancel()
            await asyncio.gather(reading, waiting, return_exceptions=True)

    async def next_stream(self) -> Stream:
        """Return the stream that is under way."""
        return await until(lambda: next((one for one in self.streams if one.is_open), None), "stream")

    async def next_send(self) -> Send:
        """Return the next part on its way."""
        return await self._next(is_part=True)

    async def next_document(self) -> Send:
        return await self._next(is_part=False)

    @property
    def in_flight(self) -> list[Send]:
        return [send for send in self.sends if send.is_open]

    @property
    def part_numbers(self) -> list[int]:
        """Return the numbers of all parts sent so far, in order."""
        return [send.number for send in self.sends if send.number]

    async def _next(self, *, is_part: bool) -> Send:
        def look() -> Send | None:
            return next((send for send in self._held if send.is_open and bool(send.number) is is_part), None)

        send = await until(look, "part sent" if is_part else "document sent")
        self._held.remove(send)
        return send


class FakeEndpoints:
    """Find who answers, as the test has laid down."""

    def __init__(self) -> None:
        self.reached = Reached(signer=True, store=True)
        self.looks = 0

    async def look(self) -> Reached:
        self.looks += 1
        await asyncio.sleep(0)
        return self.reached


class FakeNetwork:
    def __init__(self) -> None:
        self._is_online = True
        self._listeners: list[Callable[[bool], None]] = []
        self.said = LinkHints()

    def is_online(self) -> bool:
        return self._is_online

    def on_change(self, listener: Callable[[bool], None]) -> None:
        self._listeners.append(listener)

    def hints(self) -> LinkHints:
        return self.said

    def turn(self, *, online: bool) -> None:
        self._is_online = online
        for listener in self._listeners:
            listener(online)
