"""The durable journal, in IndexedDB by way of the npm package `idb`.

Three stores: `chunks` holds the media as Blobs (deleted ArrayBuffers would stay on disk), `facts` what was noted, in
order, `answers` each answer's latest record. One database a session, so that sessions never see each other's rows.
"""

from bisect import bisect_right
from collections.abc import Awaitable
from typing import Any

import js
from pydantic import TypeAdapter
from pyodide.ffi import JsException, create_once_callable
from pyscript.js_modules import idb

from app.browser.interop import js_object
from app.contract import Track
from app.core.errors import JournalFull, RecordingGone
from app.core.events import (
    AnswerWritten,
    ChunkJournalled,
    Fact,
    Noted,
    PartAcknowledged,
    RecordingStarted,
    RecordingStopped,
    UploadCreated,
    UploadRef,
)
from app.core.replay import in_order

VERSION = 1
_FACTS = {kind.__name__: kind for kind in (RecordingStarted, UploadCreated, PartAcknowledged, RecordingStopped)}
_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in _FACTS.items()}
_ANSWER = TypeAdapter(AnswerWritten)


async def open_journal(session: str) -> "IndexedDbJournal":
    """Open (or make) the journal of one session. Raises JournalFull where the browser gives no storage."""

    def upgrade(js_db: Any, *_: Any) -> None:
        js_db.createObjectStore("chunks")
        js_db.createObjectStore("facts", js_object(autoIncrement=True)).createIndex("upload", "upload")
        js_db.createObjectStore("answers")

    hook = create_once_callable(upgrade)
    try:
        return IndexedDbJournal(await idb.openDB(f"slipstream-{session}", VERSION, js_object(upgrade=hook)))
    except JsException as error:
        raise JournalFull(f"The browser keeps nothing for this page: {error.name}") from None


class IndexedDbJournal:
    """Keep chunks and facts until their objects are complete."""

    is_durable = True

    def __init__(self, js_db: Any) -> None:
        self._js_db = js_db
        self._ends: dict[UploadRef, list[int]] = {}  # of each chunk: the offset behind its last byte

    async def append(self, fact: ChunkJournalled, chunk: Any) -> None:
        ends = self._ends.setdefault(fact.upload, [])
        row = js_object(size=fact.size, elapsed_s=fact.elapsed_s)
        row.media = chunk
        await self._write("chunks", row, _key(fact.upload, len(ends)))
        ends.append((ends[-1] if ends else 0) + fact.size)

    async def read(self, upload: UploadRef, offset: int, size: int) -> Any:
        ends = self._ends.get(upload, [])
        if not ends or offset + size > ends[-1]:
            raise RecordingGone("This part of the recording is no longer on this device.")
        first = bisect_right(ends, offset)
        last = bisect_right(ends, offset + size - 1)
        js_rows = await self._js_db.getAll("chunks", js.IDBKeyRange.bound(_key(upload, first), _key(upload, last)))
        if js_rows.length != last - first + 1:
            raise RecordingGone("This part of the recording is no longer on this device.")
        js_media = js_array(*[js_row.media for js_row in js_rows])
        start = offset - (ends[first - 1] if first else 0)
        # Blobs are handles: nothing is copied, and the bytes stay on disk until they are sent.
        return js.Blob.new(js_media).slice(start, start + size)

    async def release(self, upload: UploadRef, offset: int, size: int) -> None:
        """Keep the rows: should the store lose the upload, everything is sent again from here."""

    async def note(self, fact: Noted) -> None:
        if isinstance(fact, AnswerWritten):
            await self._write("answers", _ANSWER.dump_json(fact).decode(), fact.record.question)
            return
        kind = type(fact).__name__
        row = js_object(upload=_name(fact.upload), kind=kind, json=_ADAPTERS[kind].dump_json(fact).decode())
        await self._write("facts", row)

    async def replay(self) -> list[Fact]:
        js_keys, js_rows = await self._js_db.getAllKeys("chunks"), await self._js_db.getAll("chunks")
        chunks = []
        for js_key, js_row in zip(js_keys, js_rows, strict=True):
            ref = UploadRef(js_key[0], js_key[1], Track(js_key[2]))
            ends = self._ends.setdefault(ref, [])
            ends.append((ends[-1] if ends else 0) + js_row.size)
            chunks.append(ChunkJournalled(ref, js_row.size, js_row.elapsed_s))
        js_facts = await self._js_db.getAll("facts")
        facts: list[Fact] = [_ADAPTERS[js_fact.kind].validate_json(js_fact.json) for js_fact in js_facts]
        answers = [_ANSWER.validate_json(row) for row in await self._js_db.getAll("answers")]
        return [*answers, *in_order(facts, chunks)]

    async def forget(self, upload: UploadRef) -> None:
        # Python's await takes longer than a transaction stays open: look first, then delete all at one go.
        js_fact_keys = await self._js_db.getAllKeysFromIndex("facts", "upload", _name(upload))
        js_transaction = self._js_db.transaction(js_array("chunks", "facts"), "readwrite")
        js_chunks, js_facts = js_transaction.objectStore("chunks"), js_transaction.objectStore("facts")
        requests = [js_chunks.delete(js.IDBKeyRange.bound(_key(upload, 0), _key(upload, js.Infinity)))]
        requests += [js_facts.delete(js_key) for js_key in js_fact_keys]
        await _committed(js_transaction, *requests)
        self._ends.pop(upload, None)

    async def clear(self) -> None:
        for store in ("chunks", "facts", "answers"):
            await self._js_db.clear(store)
        self._ends.clear()

    def close(self) -> None:
        self._js_db.close()

    async def _write(self, store: str, *values: Any) -> None:
        """Commit one row. It resolves on the transaction's end, not on the request's."""
        # "strict": the disk has it, so that a pulled plug costs no more than a crash does.
        js_transaction = self._js_db.transaction(store, "readwrite", js_object(durability="strict"))
        request = js_transaction.store.put(*values)
        try:
            await _committed(js_transaction, request)
        except JsException as error:
            raise JournalFull(f"The browser's storage took no more: {error.name}") from None


async def _committed(js_transaction: Any, *requests: Awaitable[Any]) -> None:
    """Wait for the end of a transaction and hear every request's error: an unheard one reaches the page's console."""
    failure: JsException | None = None
    for awaited in (*requests, js_transaction.done):
        try:
            await awaited
        except JsException as error:
            failure = failure or error
    if failure is not None:
        raise failure


def js_array(*values: Any) -> Any:
    return js.Array.of(*values)


def _key(upload: UploadRef, place: Any) -> Any:
    return js_array(upload.question, upload.take, upload.track.value, place)


def _name(upload: UploadRef) -> str:
    return f"{upload.question}/{upload.take}/{upload.track.value}"
