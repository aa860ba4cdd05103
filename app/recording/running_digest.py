"""Digest a recording while it runs, one chunk after the other."""

import asyncio
import hashlib
from enum import Enum, auto

from app.core.errors import JournalUnread
from app.core.media import Media
from app.core.ports import Digester, Journal
from app.core.upload.recording_id import RecordingId
from app.upload.checksums import sha256_of

# Digesting takes far less time than recording. If this many chunks wait all the same, the browser does not let us read,
# and each of them occupies memory that its journal row has already made unnecessary.
WAITING_AT_MOST = 20


class _State(Enum):
    COMPLETE = auto()  # every chunk so far is digested or waits
    TOO_SLOW = auto()  # too many waited: the recording is read from the journal at its end
    UNREAD = auto()  # a chunk could not be read: the recording gets no digest


class RunningDigest:
    """Compute one recording's SHA-256. `add` never waits, so that journal and uploads do not wait either."""

    def __init__(self, ref: RecordingId, journal: Journal, digester: Digester) -> None:
        self._ref = ref
        self._journal = journal
        self._digester = digester
        self._sha256 = hashlib.sha256()
        self._size = 0
        self._waiting: asyncio.Queue[Media | None] = asyncio.Queue()  # None: no more chunks follow
        self._state = _State.COMPLETE

    def add(self, chunk: Media) -> None:
        """Digest a journalled chunk soon; chunks are digested in the order in which they are added."""
        self._size += chunk.size
        if self._state is not _State.COMPLETE:
            return
        if self._waiting.qsize() >= WAITING_AT_MOST:
            self._state = _State.TOO_SLOW
        else:
            self._waiting.put_nowait(chunk)

    def end(self) -> None:
        """Make `run` return after the last chunk."""
        self._waiting.put_nowait(None)

    async def run(self) -> str | None:
        """Return the digest once `end` was called and all chunks are digested; None if one could not be read."""
        while (chunk := await self._waiting.get()) is not None:
            if self._state is _State.COMPLETE:
                await self._digest(chunk)
        try:
            return await self._result()
        except JournalUnread:
            return None  # a recording without a digest is better than none

    async def _digest(self, chunk: Media) -> None:
        try:
            async for block in self._digester.blocks(chunk):
                self._sha256.update(block)
        except JournalUnread:
            self._state = _State.UNREAD

    async def _result(self) -> str | None:
        """Raises JournalUnread."""
        match self._state:
            case _State.COMPLETE:
                return self._sha256.hexdigest()
            case _State.TOO_SLOW:
                return await sha256_of(self._journal, self._digester, self._ref, self._size)
            case _State.UNREAD:
                return None
