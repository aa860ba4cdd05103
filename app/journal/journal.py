"""The page's own copy of the recordings: on disk if the browser allows it, otherwise in memory."""

import asyncio
from contextlib import suppress

from app.core.errors import JournalFull, JournalUnread, RecordingGone
from app.core.media import Media
from app.core.ports import Journal
from app.core.upload.events import AnswerWritten, ChunkJournalled, Fact, Noted, TakeDiscarded
from app.core.upload.recording_id import RecordingId
from app.journal import rows
from app.journal.chunk_index import ChunkIndex
from app.journal.replay import in_order, without_beginning
from app.journal.row_store import CutMedia, RowStore


class PageJournal:
    """Keep chunks and facts until their objects are complete.

    Chunks that the disk refuses stay in memory, so that a full disk does not end a recording; `is_durable` is False
    while memory holds any.
    """

    def __init__(self, row_store: RowStore | None, cut: CutMedia) -> None:
        """`row_store` is None if the window has no storage at all."""
        self._row_store = row_store
        self._cut = cut
        self._chunk_index: dict[RecordingId, ChunkIndex] = {}
        self._in_memory: dict[tuple[RecordingId, int], Media] = {}  # by recording and place
        self._unswept: set[RecordingId] = set()  # forgotten, but the disk still has rows of this id
        self._sweeping = asyncio.Lock()  # a second, late sweep would also delete new rows

    @property
    def is_durable(self) -> bool:
        return self._row_store is not None and not self._in_memory

    async def append(self, fact: ChunkJournalled, chunk: Media) -> None:
        chunk_index = self._chunk_index.setdefault(fact.upload, ChunkIndex())
        place = chunk_index.count
        if self._row_store is None or not await self._store(self._row_store, fact, place, chunk):
            self._in_memory[fact.upload, place] = chunk
        chunk_index.add(fact.size)

    async def read(self, upload: RecordingId, offset: int, size: int) -> Media:
        chunk_index = self._chunk_index.get(upload, ChunkIndex())
        there = max(0, min(size, chunk_index.size - offset))
        places = chunk_index.covering(offset, there) or range(0)
        found = await self._media(upload, places)
        if there < size or len(found) < len(places):
            kept = chunk_index.start(places.start + len(found)) - offset if found else 0
            raise RecordingGone("This part of the recording is no longer on this device.", min(there, kept))
        start = offset - chunk_index.start(places.start)
        media = self._cut(found, start, start + size)
        if media.size != size:
            raise RecordingGone("This part of the recording is no longer on this device.")
        return media

    async def release(self, upload: RecordingId, offset: int, size: int) -> None:
        """Release memory. Rows stay: if the store loses the upload, everything is sent again from them."""
        if upload in self._chunk_index:
            for place in self._chunk_index[upload].release(offset, size):
                self._in_memory.pop((upload, place), None)

    def hold(self, upload: RecordingId, offset: int, size: int) -> None:
        if upload in self._chunk_index:
            self._chunk_index[upload].hold(offset, size)

    async def note(self, fact: Noted) -> None:
        if self._row_store is None:
            return  # memory does not outlive the page
        if isinstance(fact, AnswerWritten | TakeDiscarded):
            await self._row_store.write(rows.put_answer(fact))
            return
        await self._sweep(self._row_store, fact.upload)  # otherwise a later sweep would also delete this row
        await self._row_store.write(rows.put_fact(fact))

    async def replay(self) -> list[Fact]:
        if self._row_store is None:
            return []
        answers = [rows.read_answer(row) for _, row in await self._row_store.rows("answers")]
        read = [rows.read_fact(row) for _, row in await self._row_store.rows("facts")]
        facts = [fact for fact in read if fact is not None]
        chunks = await self._replay_chunks(self._row_store)
        for upload in without_beginning(facts, chunks):
            with suppress(JournalFull):  # the upload stays in `_unswept`
                await self.forget(upload)
        return [*(fact for fact in answers if fact is not None), *in_order(facts, chunks)]

    async def forget(self, upload: RecordingId) -> None:
        # Memory first, because that cannot fail: the next recording of this id must not start after the old bytes.
        for place in range(self._chunk_index.pop(upload, ChunkIndex()).count):
            self._in_memory.pop((upload, place), None)
        if self._row_store is not None:
            self._unswept.add(upload)
            await self._sweep(self._row_store, upload)

    async def clear(self) -> None:
        self._chunk_index.clear()
        self._in_memory.clear()
        self._unswept.clear()
        if self._row_store is not None:
            await self._row_store.destroy()

    def close(self) -> None:
        if self._row_store is not None:
            self._row_store.close()

    async def space(self) -> float | None:
        return await self._row_store.space() if self._row_store is not None else None

    async def keep(self, name: str, text: str) -> None:
        if self._row_store is not None:
            await self._row_store.write(rows.put_text(name, text))

    async def kept(self, name: str) -> str | None:
        if self._row_store is None:
            return None
        key = rows.text_key(name)
        found = [row for _, row in await self._row_store.rows("answers", key, key)]
        return found[0] if found and isinstance(found[0], str) else None

    async def persist(self) -> None:
        if self._row_store is not None:
            await self._row_store.persist()

    async def _store(self, row_store: RowStore, fact: ChunkJournalled, place: int, chunk: Media) -> bool:
        """Write a chunk's row; if the disk is full, make room and try again. Return whether the disk has its media."""
        try:
            await self._sweep(row_store, fact.upload)
        except JournalFull:
            return False  # rows of an earlier recording still occupy its places
        if await _try_put(row_store, fact, place, chunk):
            return True
        if await self._make_room(row_store) and await _try_put(row_store, fact, place, chunk):
            return True
        # Write the size at least: after a reload, the later chunks then still have their place.
        await _try_put(row_store, fact, place, None)
        return False

    async def _sweep(self, row_store: RowStore, upload: RecordingId) -> None:
        """Delete the remaining rows of a forgotten recording. Raises JournalFull."""
        async with self._sweeping:
            if upload in self._unswept:
                await row_store.write(*rows.delete_upload(upload))
                self._unswept.discard(upload)

    async def _make_room(self, row_store: RowStore) -> bool:
        """Drop the media of chunks that the store has acknowledged. Return whether there was any."""
        has_freed = False
        for upload, chunk_index in list(self._chunk_index.items()):  # a copy: a second track may begin meanwhile
            for place in chunk_index.released():
                try:
                    has_freed |= await _drop_media(row_store, upload, place)
                except (JournalFull, JournalUnread):
                    return has_freed
        return has_freed

    async def _media(self, upload: RecordingId, places: range) -> list[Media]:
        """Return the media at these places, from disk and memory, up to the first missing one."""
        found: dict[object, Media | None] = {
            place: self._in_memory[upload, place] for place in places if (upload, place) in self._in_memory
        }
        if self._row_store is not None and len(found) < len(places) and upload not in self._unswept:
            ends = rows.chunk_key(upload, places.start), rows.chunk_key(upload, places.stop - 1)
            for key, row in await self._row_store.rows("chunks", *ends):
                found.setdefault(rows.place_of(key), rows.media_of(row))
        there: list[Media] = []
        for place in places:
            if (media := found.get(place)) is None:
                break
            there.append(media)
        return there

    async def _replay_chunks(self, row_store: RowStore) -> list[ChunkJournalled]:
        """Return the chunks of each recording up to the first gap: the chunks after it have no known offset."""
        chunks = []
        for key, row in await row_store.rows("chunks"):
            found = rows.read_chunk(key, row)
            if found is None:
                continue
            place, chunk = found
            chunk_index = self._chunk_index.setdefault(chunk.upload, ChunkIndex())
            if place == chunk_index.count:
                chunk_index.add(chunk.size)
                chunks.append(chunk)
        return chunks


async def _try_put(row_store: RowStore, fact: ChunkJournalled, place: int, media: Media | None) -> bool:
    try:
        await row_store.write(rows.put_chunk(fact, place, media))
    except JournalFull:
        return False
    return True


async def _drop_media(row_store: RowStore, upload: RecordingId, place: int) -> bool:
    """Drop the media of one row; return whether it had any. Its size stays: a reload needs it for the later offsets.

    Raises JournalFull and JournalUnread.
    """
    key = rows.chunk_key(upload, place)
    for _, row in await row_store.rows("chunks", key, key):
        found = rows.read_chunk(key, row)
        if found is not None and rows.media_of(row) is not None:
            await row_store.write(rows.put_chunk(found[1], place, None))
            return True
    return False


# Uploads can do without what these two write, so a full disk does not stop them.


async def try_note(journal: Journal, fact: Noted) -> bool:
    """Note a fact for a reload. Return False if there is no room."""
    try:
        await journal.note(fact)
    except JournalFull:
        return False
    return True


async def try_forget(journal: Journal, upload: RecordingId) -> None:
    """Drop a recording's rows. If that fails, they are deleted later, at the latest with the session."""
    with suppress(JournalFull):
        await journal.forget(upload)
