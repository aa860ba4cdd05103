"""IndexedDB by way of the npm package `idb`: rows in, rows out, each write one durable transaction.

Python's await takes longer than a transaction stays open, so no transaction here spans an await.
"""

import asyncio
from typing import Any

import js
from pyodide.ffi import JsException, create_once_callable
from pyscript.js_modules import idb

from app.browser.interop import js_errors, js_object, let_run
from app.core.errors import JournalFull, JournalUnread

PREFIX = "slipstream-"
VERSION = 1
REGISTRY = "slipstream"  # which sessions have a database, and until when
GRACE_MS = 7 * 24 * 3600 * 1000.0  # an operator may still give a new ticket for an expired session


def js_array(*values: Any) -> Any:
    return js.Array.of(*values)


async def open_database(interview: str, session: str, expires_in_s: float) -> "Database":
    """Open (or make) the database of one session of one interview; sweep those of sessions that are long over.

    Raises JournalFull where the browser gives no storage, or where a newer Slipstream has written.
    """
    name = f"{PREFIX}{interview}/{session}"  # an operator may name sessions alike at two interviews
    try:
        await _sweep(keep=name, expires_at=js.Date.now() + expires_in_s * 1000)
        return Database(name, await _open(name, _make_stores))
    except JsException as error:
        raise JournalFull(f"The browser keeps nothing for this page: {error.name}") from None


def _make_stores(js_db: Any, *_: Any) -> None:
    js_db.createObjectStore("chunks")
    js_db.createObjectStore("facts", js_object(autoIncrement=True)).createIndex("upload", "upload")
    js_db.createObjectStore("answers")


async def _open(name: str, upgrade: Any) -> Any:
    return await idb.openDB(name, VERSION, js_object(upgrade=create_once_callable(upgrade)))


async def _sweep(keep: str, expires_at: float) -> None:
    def upgrade(js_db: Any, *_: Any) -> None:
        js_db.createObjectStore("sessions")

    js_registry = await _open(REGISTRY, upgrade)
    try:
        await js_registry.put("sessions", expires_at, keep)
        js_names, js_ends = await js_registry.getAllKeys("sessions"), await js_registry.getAll("sessions")
        for name, ends_at in zip(js_names, js_ends, strict=True):
            if name != keep and ends_at + GRACE_MS < js.Date.now():
                await idb.deleteDB(name)
                await js_registry.delete("sessions", name)
    finally:
        js_registry.close()


class Database:
    """The stores of one session: `chunks` by key, `facts` in order, `answers` by question."""

    def __init__(self, name: str, js_db: Any) -> None:
        self._name = name
        self._js_db = js_db
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def write(self, store: str, *values: Any) -> None:
        """Put one row. It is on the disk when this returns. Raises JournalFull."""
        try:
            # "strict": a pulled plug then costs no more than a crash does.
            js_transaction = self._js_db.transaction(store, "readwrite", js_object(durability="strict"))
            request = js_transaction.store.put(*values)
            await _committed(js_transaction, request)
        except JsException as error:
            raise JournalFull(f"The browser's storage took no more: {error.name}") from None

    async def rows(self, store: str, first: Any = None, last: Any = None) -> Any:
        """Return the rows from key `first` to key `last`, or all of them, as a JS array. Raises JournalUnread."""
        return await self._read("getAll", store, first, last)

    async def keys(self, store: str, first: Any = None, last: Any = None) -> Any:
        """Return the keys of those rows. Raises JournalUnread."""
        return await self._read("getAllKeys", store, first, last)

    async def _read(self, method: str, store: str, first: Any, last: Any) -> Any:
        """Read, on a new connection where the browser has closed the old one: it does so to a disk that fails once."""
        with js_errors("The browser's storage does not answer", {}, otherwise=JournalUnread):
            js_db = self._js_db
            try:
                return await getattr(js_db, method)(store, _range(first, last))
            except JsException as error:
                if str(error.name) != "InvalidStateError" or self._is_closed:
                    raise
            async with self._opening:
                if self._js_db is js_db:  # else another read was quicker
                    self._js_db = await _open(self._name, _make_stores)
            return await getattr(self._js_db, method)(store, _range(first, last))

    async def forget(self, first: Any, last: Any, upload: str) -> None:
        """Delete the chunks between two keys and the facts of one upload, together."""
        try:
            js_fact_keys = await self._js_db.getAllKeysFromIndex("facts", "upload", upload)
            js_transaction = self._js_db.transaction(js_array("chunks", "facts"), "readwrite")
            js_chunks, js_facts = js_transaction.objectStore("chunks"), js_transaction.objectStore("facts")
            requests = [js_chunks.delete(js.IDBKeyRange.bound(first, last))]
            requests += [js_facts.delete(js_key) for js_key in js_fact_keys]
            await _committed(js_transaction, *requests)
        except JsException as error:
            raise JournalFull(f"The browser's storage does not answer: {error.name}") from None

    async def destroy(self) -> None:
        """Delete everything; the database is closed then. Raises JournalFull."""
        self.close()
        try:
            await idb.deleteDB(self._name)
        except JsException as error:
            raise JournalFull(f"The browser's storage does not answer: {error.name}") from None

    def close(self) -> None:
        self._is_closed = True
        self._js_db.close()


def _range(first: Any, last: Any) -> Any:
    return js.IDBKeyRange.bound(first, last) if first is not None else None


async def _committed(js_transaction: Any, *requests: Any) -> None:
    """Wait for the end of a transaction. It fails with the first of its requests; their own errors are heard as well,
    or they would reach the page's console."""
    for request in requests:
        let_run(request)
    (js_outcome,) = await js.Promise.allSettled(js_array(js_transaction.done))
    if str(js_outcome.status) == "rejected":
        raise js_outcome.reason
