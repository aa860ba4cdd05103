"""The journal for windows that have no storage: in memory, freed part by part."""

from typing import Any

import js

from app.core.errors import RecordingGone
from app.core.events import ChunkJournalled, Fact, Noted, UploadRef


class _Chunk:
    def __init__(self, media: Any, offset: int, size: int) -> None:
        self.media = media  # None once every byte has been acknowledged
        self.offset = offset
        self.size = size
        self.unreleased = size


class MemoryJournal:
    """Hold Blobs until the store has them. A reload loses what is here: the page says so."""

    is_durable = False

    def __init__(self) -> None:
        self._chunks: dict[UploadRef, list[_Chunk]] = {}

    async def append(self, fact: ChunkJournalled, chunk: Any) -> None:
        chunks = self._chunks.setdefault(fact.upload, [])
        offset = chunks[-1].offset + chunks[-1].size if chunks else 0
        chunks.append(_Chunk(chunk, offset, fact.size))

    async def read(self, upload: UploadRef, offset: int, size: int) -> Any:
        covering = self._covering(upload, offset, size)
        if not covering or any(chunk.media is None for chunk in covering):
            raise RecordingGone("This part of the recording is no longer on this device.")
        start = offset - covering[0].offset
        media = js.Blob.new(js.Array.of(*[chunk.media for chunk in covering])).slice(start, start + size)
        if media.size != size:
            raise RecordingGone("This part of the recording is no longer on this device.")
        return media

    async def release(self, upload: UploadRef, offset: int, size: int) -> None:
        for chunk in self._covering(upload, offset, size):
            shared = min(chunk.offset + chunk.size, offset + size) - max(chunk.offset, offset)
            chunk.unreleased -= shared
            if chunk.unreleased == 0:
                chunk.media = None

    async def note(self, fact: Noted) -> None:
        """Nothing that is noted here would outlive the page."""

    async def replay(self) -> list[Fact]:
        return []

    async def forget(self, upload: UploadRef) -> None:
        self._chunks.pop(upload, None)

    async def clear(self) -> None:
        self._chunks.clear()

    def close(self) -> None:
        self._chunks.clear()

    def _covering(self, upload: UploadRef, offset: int, size: int) -> list[_Chunk]:
        chunks = self._chunks.get(upload, [])
        return [chunk for chunk in chunks if chunk.offset < offset + size and offset < chunk.offset + chunk.size]
