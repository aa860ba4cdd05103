"""The page's journal on a disk of the tests' own; a digester of its media."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from functools import cache
from itertools import takewhile
from typing import Any

from app.core.errors import JournalUnread
from app.core.media import Media
from app.core.upload.events import AnswerWritten, ChunkJournalled, Fact, Noted, PartAcknowledged, RecordingStarted
from app.core.upload.recording_id import RecordingId
from app.journal import rows
from app.journal.journal import PageJournal
from app.journal.row_store import Change, Put
from tests.support.fake_row_store import FakeMedia, FakeRowStore, bytes_of, cut_media

__all__ = ["FakeDigester", "FakeJournal", "FakeMedia", "JournalDisk", "WatchedDisk", "bytes_of", "cut_media"]


class FakeDigester:
    def __init__(self) -> None:
        self.failures = 0  # how many of the next media cannot be read
        self.has_time = asyncio.Event()  # what reading media of at least `slow_bytes` waits for
        self.has_time.set()
        self.slow_bytes = 0
        self.read_bytes = 0

    async def blocks(self, media: Media) -> AsyncIterator[bytes]:
        if media.size >= self.slow_bytes:
            await self.has_time.wait()
        if self.failures:
            self.failures -= 1
            raise JournalUnread("The browser's storage: NotReadableError")
        content = bytes_of(media)
        for start in range(0, len(content), 1024 * 1024):
            await asyncio.sleep(0)
            self.read_bytes += min(1024 * 1024, len(content) - start)
            yield content[start : start + 1024 * 1024]


@cache
def _fact_of(kind: str, text: str) -> rows.UploadFact | None:
    return rows.read_fact({"kind": kind, "json": text})


class JournalDisk(FakeRowStore):
    """A disk whose rows a test reads, and changes, as what they tell."""

    @property
    def facts(self) -> list[rows.UploadFact]:
        found = (row for _, row in sorted(self.stores["facts"].items()) if isinstance(row, dict))
        return [fact for row in found if (fact := _fact_of(row["kind"], row["json"])) is not None]

    @facts.setter
    def facts(self, facts: Iterable[rows.UploadFact]) -> None:
        self.stores["facts"].clear()
        self._change(tuple(rows.put_fact(fact) for fact in facts))

    @property
    def answers(self) -> dict[str, AnswerWritten]:
        read = [rows.read_answer(row) for row in self.stores["answers"].values()]
        return {fact.record.question: fact for fact in read if isinstance(fact, AnswerWritten)}

    def chunks(self, upload: RecordingId) -> list[tuple[ChunkJournalled, Media | None]]:
        """Return a recording's chunks up to the first gap, each with its media; None where it was let go."""
        found: list[tuple[ChunkJournalled, Media | None]] = []
        while (row := self.stores["chunks"].get(key := rows.chunk_key(upload, len(found)))) is not None:
            read = rows.read_chunk(key, row)
            assert read is not None, "a row of ours cannot be read"
            found.append((read[1], rows.media_of(row)))
        return found

    def kept(self, upload: RecordingId) -> bytes:
        """Return what a next page could read: up to the first gap, and nothing without a beginning."""
        if not any(isinstance(fact, RecordingStarted) and fact.upload == upload for fact in self.facts):
            return b""
        media = takewhile(lambda one: one is not None, (media for _, media in self.chunks(upload)))
        return b"".join(bytes_of(one) for one in media if one is not None)

    def let_go(self, upload: RecordingId, size: int) -> None:
        """Drop the media of chunks that lie in the first bytes, which the store has, to make room."""
        start = 0
        for place, (fact, _) in enumerate(self.chunks(upload)):
            start += fact.size
            if start <= size:
                self._change((rows.put_chunk(fact, place, None),))

    @property
    def is_empty(self) -> bool:
        return not (self.stores["chunks"] or self.stores["facts"])


class WatchedDisk(JournalDisk):
    """A disk that says how many bytes of each recording no crash may cost any more."""

    def __init__(self, write_s: float) -> None:
        super().__init__(write_s)
        self.safe: dict[RecordingId, int] = {}

    def _change(self, changes: tuple[Change, ...]) -> None:
        super()._change(changes)
        for change in changes:
            if isinstance(change, Put) and change.store == "chunks" and change.key is not None:
                read = rows.read_chunk(change.key, change.row)
                assert read is not None, "the journal writes a row that it cannot read"
                self.safe[read[1].upload] = len(self.kept(read[1].upload))


def _of_disk(name: str) -> Any:
    return property(lambda self: getattr(self.disk, name), lambda self, value: setattr(self.disk, name, value))


class FakeJournal(PageJournal):
    """The real journal on a `disk` of the tests' own; `replay` begins as a newly opened page does."""

    room, unread, is_broken = _of_disk("room"), _of_disk("unread"), _of_disk("is_broken")
    facts, answers, is_empty = _of_disk("facts"), _of_disk("answers"), _of_disk("is_empty")

    def __init__(self, history: list[tuple[str, Any]] | None = None, disk: JournalDisk | None = None) -> None:
        self.disk = disk or JournalDisk()
        self.history = history if history is not None else []  # what was kept, in order
        self.released: list[tuple[RecordingId, int, int]] = []
        self.slow_notes: asyncio.Event | None = None  # what notes of acknowledged parts wait for; None: nothing
        super().__init__(self.disk, cut_media)

    async def append(self, fact: ChunkJournalled, chunk: Media) -> None:
        await super().append(fact, chunk)
        self.history.append(("kept", fact))

    async def note(self, fact: Noted) -> None:
        if self.slow_notes is not None and isinstance(fact, PartAcknowledged):
            await self.slow_notes.wait()
        await super().note(fact)
        self.history.append(("kept", fact))

    async def release(self, upload: RecordingId, offset: int, size: int) -> None:
        self.released.append((upload, offset, size))
        await super().release(upload, offset, size)

    async def replay(self) -> list[Fact]:
        self.disk.open()
        self._chunk_index.clear()
        self._in_memory.clear()
        self._unswept.clear()
        return await super().replay()

    def crash(self) -> None:
        self.disk.crash()

    def is_wanted(self, upload: RecordingId, offset: int, size: int) -> bool:
        """Return whether all of these bytes are kept, however full the disk is."""
        places = self._chunk_index[upload].covering(offset, size)
        return places is not None and not set(places) & set(self._chunk_index[upload].released())

    def recorded(self, upload: RecordingId) -> bytes:
        """Return all bytes that can still be read of a recording, from disk and memory."""
        content, place = b"", 0
        while True:
            row = self.disk.stores["chunks"].get(rows.chunk_key(upload, place))
            media = self._in_memory.get((upload, place)) or rows.media_of(row)
            if media is None:
                return content
            content, place = content + bytes_of(media), place + 1
