"""The page's own copy of what is recorded: on disk where the browser allows it, else in memory."""

import asyncio
from contextlib import suppress
from itertools import takewhile
from typing import Any

import js
from pydantic import TypeAdapter, ValidationError

from app.browser.interop import js_object, optional
from app.browser.storage.row_store import Database, js_array
from app.journal.rows import read_chunk, read_fact, row_key
from app.core.errors import JournalFull, JournalUnread, RecordingGone
from app.core.upload.events import (
    AnswerWritten,
    ChunkJournalled,
    Fact,
    Noted,
    PartAcknowledged,
    RecordingId,
    RecordingStarted,
    RecordingStopped,
    TakeDiscarded,
    TakeMoved,
    UploadCreated,
)
from app.journal.chunk_index import ChunkIndex
from app.journal.replay import in_order, without_beginning

_KINDS = (RecordingStarted, TakeMoved, UploadCreated, PartAcknowledged, RecordingStopped)
_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in _KINDS}
_ANSWER: TypeAdapter[Any] = TypeAdapter(AnswerWritten | TakeDiscarded)  # one row each a question


class PageJournal:
    """Keep chunks and facts until their objects are complete.

    Media are stored as Blobs: deleted ArrayBuffers would stay on disk. What the disk does not take stays in memory,
    so that a full disk ends no recording; `is_durable` is False from then on.
    """

    def __init__(self, database: Database | None) -> None:
        """None: the window has no storage at all."""
        self._database = database
        self._chunk_index: dict[RecordingId, ChunkIndex] = {}
        self._in_memory: dict[tuple[RecordingId, int], Any] = {}  # upload and place → Blob
        self._unswept: set[RecordingId] = set()  # forgotten, but the disk still has rows of an earlier recording
        self._sweeping = asyncio.Lock()  # a sweep that came late would take new rows with it

    @property
    def is_durable(self) -> bool:
        return self._database is not None and not self._in_memory

    async def append(self, fact: ChunkJournalled, chunk: Any) -> None:
        chunk_index = self._chunk_index.setdefault(fact.upload, ChunkIndex())
        place = chunk_index.count
        if not await self._store(fact, place, chunk):
            self._in_memory[fact.upload, place] = chunk
        chunk_index.add(fact.size)

    async def read(self, upload: RecordingId, offset: int, size: int) -> Any:
        chunk_index = self._chunk_index.get(upload, ChunkIndex())
        there = max(0, min(size, chunk_index.size - offset))
        places = chunk_index.covering(offset, there) or range(0)
        js_blobs = await self._blobs(upload, places)
        if there < size or len(js_blobs) < len(places):
            kept = chunk_index.start(places.start + len(js_blobs)) - offset if js_blobs else 0
            raise RecordingGone("This part of the recording is no longer on this device.", min(there, kept))
        start = offset - chunk_index.start(places.start)
        # Blobs are handles: nothing is copied, and the bytes stay on disk until they are sent.
        js_media = js.Blob.new(js_array(*js_blobs)).slice(start, start + size)
        if js_media.size != size:
            raise RecordingGone("This part of the recording is no longer on this device.")
        return js_media

    async def release(self, upload: RecordingId, offset: int, size: int) -> None:
        """Let memory go. Rows stay: should the store lose the upload, everything is sent again from them."""
        if upload in self._chunk_index:
            for place in self._chunk_index[upload].release(offset, size):
                self._in_memory.pop((upload, place), None)

    def hold(self, upload: RecordingId, offset: int, size: int) -> None:
        if upload in self._chunk_index:
            self._chunk_index[upload].hold(offset, size)

    async def note(self, fact: Noted) -> None:
        if self._database is None:
            return  # nothing here outlives the page
        if isinstance(fact, AnswerWritten):
            await self._database.write("answers", _ANSWER.dump_json(fact).decode(), fact.record.question)
            return
        if isinstance(fact, TakeDiscarded):
            await self._database.write("answers", _ANSWER.dump_json(fact).decode(), f"{fact.question}/discarded")
            return
        await self._sweep(self._database, fact.upload)  # or it would go with the rows that are still to be swept
        kind = type(fact).__name__
        row = js_object(upload=_name(fact.upload), kind=kind, json=_ADAPTERS[kind].dump_json(fact).decode())
        await self._database.write("facts", row)

    async def replay(self) -> list[Fact]:
        if self._database is None:
            return []
        answers = _parsed([(_ANSWER, str(row)) for row in await self._database.rows("answers")])
        told = [read_fact(js_fact) for js_fact in await self._database.rows("facts")]
        known = [(_ADAPTERS[kind], text) for kind, text in told if kind in _ADAPTERS]
        facts, chunks = _parsed(known), await self._replay_chunks(self._database)
        for upload in without_beginning(facts, chunks):
            with suppress(JournalFull):  # it stays unswept
                await self.forget(upload)
        return [*answers, *in_order(facts, chunks)]

    async def forget(self, upload: RecordingId) -> None:
        # First of all what nothing can hold up: the next recording of this name must not begin behind the old bytes.
        for place in range(self._chunk_index.pop(upload, ChunkIndex()).count):
            self._in_memory.pop((upload, place), None)
        if self._database is not None:
            self._unswept.add(upload)
            await self._sweep(self._database, upload)

    async def clear(self) -> None:
        self._chunk_index.clear()
        self._in_memory.clear()
        self._unswept.clear()
        if self._database is not None:
            await self._database.destroy()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()

    async def space(self) -> float | None:
        """Return how many bytes the browser still grants this page; None if it does not say."""
        js_storage = optional(getattr(js.navigator, "storage", None))
        if self._database is None or js_storage is None:
            return None
        js_estimate = await js_storage.estimate()
        return float(js_estimate.quota - js_estimate.usage)

    async def persist(self) -> None:
        """Ask the browser not to clear this page's storage when the disk gets full. It may say no."""
        js_storage = optional(getattr(js.navigator, "storage", None))
        if self._database is not None and js_storage is not None:
            await js_storage.persist()

    async def _store(self, fact: ChunkJournalled, place: int, chunk: Any) -> bool:
        """Write a chunk's row, making room once if there is none. Return whether the disk has its media."""
        if self._database is None:
            return False
        try:
            await self._sweep(self._database, fact.upload)
        except JournalFull:
            return False  # behind rows of another recording there is no place for it
        if await self._put(self._database, fact, place, chunk):
            return True
        if await self._make_room() and await self._put(self._database, fact, place, chunk):
            return True
        # Its size at least: after a reload, what comes behind it then still has its place.
        await self._put(self._database, fact, place, None)
        return False

    async def _put(self, database: Database, fact: ChunkJournalled, place: int, chunk: Any) -> bool:
        row = js_object(size=fact.size, elapsed_s=fact.elapsed_s)
        row.media = chunk
        try:
            await database.write("chunks", row, _key(fact.upload, place))
        except JournalFull:
            return False
        return True

    async def _sweep(self, database: Database, upload: RecordingId) -> None:
        """Delete the rows that a forgotten recording has left. Raises JournalFull."""
        async with self._sweeping:
            if upload in self._unswept:
                await database.forget(_key(upload, 0), _key(upload, js.Infinity), _name(upload))
                self._unswept.discard(upload)

    async def _make_room(self) -> bool:
        """Drop the media of rows that the store has acknowledged; their sizes stay, for a reload to count with."""
        if self._database is None:
            return False
        has_freed = False
        for upload, chunk_index in list(self._chunk_index.items()):  # a second track may begin meanwhile
            for place in chunk_index.released():
                key = _key(upload, place)
                try:
                    js_row = (await self._database.rows("chunks", key, key)).at(0)
                    if js_row is None or optional(js_row.media) is None:
                        continue
                    await self._database.write(
                        "chunks", js_object(size=js_row.size, elapsed_s=js_row.elapsed_s, media=None), key
                    )
                except (JournalFull, JournalUnread):
                    return has_freed
                has_freed = True
        return has_freed

    async def _blobs(self, upload: RecordingId, places: range) -> list[Any]:
        """Return the Blobs at these places, from disk and memory, up to the first that is gone."""
        found = {place: self._in_memory[upload, place] for place in places if (upload, place) in self._in_memory}
        if self._database is not None and len(found) < len(places) and upload not in self._unswept:
            ends = _key(upload, places.start), _key(upload, places.stop - 1)
            js_keys, js_rows = await self._database.keys("chunks", *ends), await self._database.rows("chunks", *ends)
            for js_key, js_row in zip(js_keys, js_rows, strict=False):
                found.setdefault(int(js_key[3]), js_row.media)
        return list(takewhile(lambda blob: blob is not None, (optional(found.get(place)) for place in places)))

    async def _replay_chunks(self, database: Database) -> list[ChunkJournalled]:
        """Return what the rows say of each recording, up to the first gap: behind it nothing fits together."""
        js_keys, js_rows = await database.keys("chunks"), await database.rows("chunks")
        chunks = []
        for js_key, js_row in zip(js_keys, js_rows, strict=True):
            found = read_chunk(js_key, js_row)
            if found is None:
                continue
            place, chunk = found
            chunk_index = self._chunk_index.setdefault(chunk.upload, ChunkIndex())
            if place == chunk_index.count:
                chunk_index.add(chunk.size)
                chunks.append(chunk)
        return chunks


def _parsed(rows: list[tuple[TypeAdapter[Any], str]]) -> list[Any]:
    """Return the rows that are ours and whole; others are set aside."""
    facts = []
    for adapter, text in rows:
        try:
            facts.append(adapter.validate_json(text))
        except ValidationError:
            continue
    return facts


def _key(upload: RecordingId, place: Any) -> Any:
    return js_array(upload.question, row_key(upload.key), upload.track.value, place)


def _name(upload: RecordingId) -> str:
    return f"{upload.question}/{upload.key}/{upload.track.value}"
