"""Media, and a journal that keeps it in memory as if on disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from app.core.errors import JournalFull, JournalUnread, RecordingGone
from app.core.ports import Media
from app.core.upload.events import AnswerWritten, ChunkJournalled, Fact, Noted, RecordingId, TakeDiscarded
from app.journal.chunk_index import ChunkIndex
from app.journal.replay import in_order, without_beginning


class FakeMedia:
    def __init__(self, content: bytes) -> None:
        self.content = content

    @property
    def size(self) -> int:
        return len(self.content)


def bytes_of(media: Media) -> bytes:
    assert isinstance(media, FakeMedia)
    return media.content


class FakeDigester:
    def __init__(self) -> None:
        self.failures = 0  # how many of the next media cannot be read

    async def blocks(self, media: Media) -> AsyncIterator[bytes]:
        if self.failures:
            self.failures -= 1
            raise JournalUnread("The browser's storage: NotReadableError")
        content = bytes_of(media)
        for start in range(0, len(content), 1024 * 1024):
            await asyncio.sleep(0)
            yield content[start : start + 1024 * 1024]


class FakeJournal:
    """Keep chunks and facts in memory, as if on disk. `history` tells what was kept, in order."""

    def __init__(self, history: list[tuple[str, Any]] | None = None) -> None:
        self.is_persistent = False
        self.bytes_left: float | None = None  # None: nobody says
        self.history = history if history is not None else []
        self.facts: list[Noted] = []
        self.answers: dict[str, AnswerWritten] = {}
        self.discarded: dict[str, TakeDiscarded] = {}
        self.chunks: dict[RecordingId, list[tuple[ChunkJournalled, FakeMedia]]] = {}
        self.released: list[tuple[RecordingId, int, int]] = []
        self._chunk_index: dict[RecordingId, ChunkIndex] = {}
        self._no_row: set[tuple[RecordingId, int]] = set()  # upload and place of chunks that found no room
        self._in_memory: set[tuple[RecordingId, int]] = set()  # of these, not released yet
        self._let_go: dict[RecordingId, int] = {}
        self.is_broken = False  # not even deleting works
        self._unswept: set[RecordingId] = set()  # forgotten in vain
        self._old: dict[RecordingId, list[tuple[ChunkJournalled, FakeMedia]]] = {}  # their rows, once others follow
        self.unread = 0  # how many of the next reads fail
        self.room: int | None = None  # how many more writes succeed; None: all of them

    @property
    def is_durable(self) -> bool:
        return not self._in_memory

    async def append(self, fact: ChunkJournalled, chunk: Media) -> None:
        chunk_index = self._chunk_index.setdefault(fact.upload, ChunkIndex())
        try:
            self._sweep(fact.upload)
            await self._write(fact)
        except JournalFull:
            self._no_row.add((fact.upload, chunk_index.count))  # it is kept all the same
            self._in_memory.add((fact.upload, chunk_index.count))
            if fact.upload in self._unswept:
                self._old.setdefault(fact.upload, self.chunks.pop(fact.upload, []))
        chunk_index.add(fact.size)
        self.chunks.setdefault(fact.upload, []).append((fact, FakeMedia(bytes_of(chunk))))

    async def read(self, upload: RecordingId, offset: int, size: int) -> FakeMedia:
        await asyncio.sleep(0)
        if self.unread:
            self.unread -= 1
            raise JournalUnread("The browser's storage does not answer: UnknownError")
        content = self.recorded(upload)[offset : offset + size]
        if offset < self._let_go.get(upload, 0):
            content = b""
        if len(content) != size:
            raise RecordingGone("This part of the recording is no longer on this device.", len(content))
        return FakeMedia(content)

    async def release(self, upload: RecordingId, offset: int, size: int) -> None:
        self.released.append((upload, offset, size))
        if upload in self._chunk_index:
            self._in_memory -= {(upload, place) for place in self._chunk_index[upload].release(offset, size)}

    def hold(self, upload: RecordingId, offset: int, size: int) -> None:
        if upload in self._chunk_index:
            self._chunk_index[upload].hold(offset, size)

    def is_wanted(self, upload: RecordingId, offset: int, size: int) -> bool:
        """Return whether all of these bytes are kept, however full the disk is."""
        places = self._chunk_index[upload].covering(offset, size)
        return places is not None and not set(places) & set(self._chunk_index[upload].released())

    async def note(self, fact: Noted) -> None:
        if not isinstance(fact, AnswerWritten | TakeDiscarded):
            self._sweep(fact.upload)
        await self._write(fact)
        if isinstance(fact, AnswerWritten):
            self.answers[fact.record.question] = fact
        elif isinstance(fact, TakeDiscarded):
            self.discarded[fact.question] = fact
        else:
            self.facts.append(fact)

    async def replay(self) -> list[Fact]:
        await asyncio.sleep(0)
        chunks = [fact for rows in self.chunks.values() for fact, _ in rows]
        for upload in without_beginning(self.facts, chunks):
            with suppress(JournalFull):
                await self.forget(upload)
        return [*self.answers.values(), *self.discarded.values(), *in_order(self.facts, chunks)]

    async def forget(self, upload: RecordingId) -> None:
        await asyncio.sleep(0)
        self._chunk_index.pop(upload, None)
        self._no_row = {kept for kept in self._no_row if kept[0] != upload}
        self._in_memory &= self._no_row
        self._unswept.add(upload)
        self._sweep(upload)

    def _sweep(self, upload: RecordingId) -> None:
        """Delete what a forgotten recording has left. Raises JournalFull."""
        if upload not in self._unswept:
            return
        if self.is_broken:
            raise JournalFull("The browser's storage does not answer.")
        self._unswept.discard(upload)
        if self._old.pop(upload, None) is None:  # else what `chunks` has is newer
            self.chunks.pop(upload, None)
        answers = AnswerWritten | TakeDiscarded
        self.facts = [fact for fact in self.facts if not isinstance(fact, answers) and fact.upload != upload]

    async def clear(self) -> None:
        await asyncio.sleep(0)
        if self.is_broken:
            raise JournalFull("The browser's storage does not answer.")
        self.chunks, self.facts, self.answers, self.discarded = {}, [], {}, {}

    async def space(self) -> float | None:
        return self.bytes_left

    async def persist(self) -> None:
        self.is_persistent = True

    def crash(self) -> None:
        """Lose what was in memory alone, and what came behind it: a reload finds rows up to the first gap."""
        for upload, place in sorted(self._no_row, key=lambda kept: -kept[1]):
            del self.chunks[upload][place:]
        self.chunks.update(self._old)
        self._old.clear()
        self._unswept.clear()
        self._no_row.clear()
        self._in_memory.clear()
        self._chunk_index.clear()
        for upload, rows in self.chunks.items():
            chunk_index = self._chunk_index.setdefault(upload, ChunkIndex())
            for fact, _ in rows:
                chunk_index.add(fact.size)

    def let_go(self, upload: RecordingId, size: int) -> None:
        """Drop the first bytes, which the store has, to make room. Their rows stay."""
        self._let_go[upload] = size

    def recorded(self, upload: RecordingId) -> bytes:
        return b"".join(media.content for _, media in self.chunks.get(upload, []))

    @property
    def is_empty(self) -> bool:
        return not (self.chunks or self.facts)

    async def _write(self, fact: Noted | ChunkJournalled) -> None:
        await asyncio.sleep(0)
        if self.room is not None:
            if self.room <= 0:
                raise JournalFull("The browser's storage took no more.")
            self.room -= 1
        self.history.append(("kept", fact))
