"""Keep the journal's rows in IndexedDB, through the npm package `idb`.

A transaction closes during a Python await, so all requests of a transaction are made before the first await.
"""

import asyncio
from typing import Any

import js
from pyodide.ffi import JsException, JsProxy, create_once_callable
from pyscript.js_modules import idb

from app.browser.interop import js_errors, js_object, let_run, optional
from app.core.errors import JournalFull, JournalUnread
from app.journal.row_store import Change, Delete, DeleteFacts, Key, Put, StoreName

PREFIX = "slipstream-"
VERSION = 1
REGISTRY = "slipstream"  # lists the sessions that have a database, and when each one expires
GRACE_MS = 7 * 24 * 3600 * 1000.0  # an operator may still give a new ticket for an expired session


async def open_row_store(interview: str, session: str, expires_in_s: float) -> "IndexedDbRowStore":
    """Open (or create) the database of one session of one interview; delete those of long expired sessions.

    Raises JournalFull if the browser gives no storage, or if a newer Slipstream has written the database.
    """
    name = f"{PREFIX}{interview}/{session}"  # sessions of two interviews may have the same name
    try:
        await _sweep(keep=name, expires_at=js.Date.now() + expires_in_s * 1000)
        return IndexedDbRowStore(name, await _open(name, _make_stores))
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


class IndexedDbRowStore:
    """Read and write the stores of one session's database."""

    def __init__(self, name: str, js_db: Any) -> None:
        self._name = name
        self._js_db = js_db
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def write(self, *changes: Change) -> None:
        with js_errors("The browser's storage took no more", {}, otherwise=JournalFull):
            js_fact_keys = {
                change.upload: await self._js_db.getAllKeysFromIndex("facts", "upload", change.upload)
                for change in changes
                if isinstance(change, DeleteFacts)
            }
            stores = {"facts" if isinstance(change, DeleteFacts) else change.store for change in changes}
            # "strict": a power loss then costs no more than a crash. Not for deletions alone: deleted rows may return.
            durability = "strict" if any(isinstance(change, Put) for change in changes) else "default"
            js_transaction = self._js_db.transaction(_js_array(*stores), "readwrite", js_object(durability=durability))
            await _committed(js_transaction, changes, js_fact_keys)

    async def rows(
        self, store: StoreName, first: Key | None = None, last: Key | None = None
    ) -> list[tuple[Key, object]]:
        """Read rows; reconnect if the browser has closed the connection, as it does after a single disk error."""
        js_range = js.IDBKeyRange.bound(_js_key(first), _js_key(last)) if first is not None else None
        with js_errors("The browser's storage does not answer", {}, otherwise=JournalUnread):
            js_db = self._js_db
            try:
                return await _read(js_db, store, js_range)
            except JsException as error:
                if str(error.name) != "InvalidStateError" or self._is_closed:
                    raise
            async with self._opening:
                if self._js_db is js_db:  # else another read has reconnected
                    self._js_db = await _open(self._name, _make_stores)
            return await _read(self._js_db, store, js_range)

    async def destroy(self) -> None:
        self.close()
        with js_errors("The browser's storage does not answer", {}, otherwise=JournalFull):
            await idb.deleteDB(self._name)

    def close(self) -> None:
        self._is_closed = True
        self._js_db.close()

    async def space(self) -> float | None:
        js_storage = optional(getattr(js.navigator, "storage", None))
        if js_storage is None:
            return None
        js_estimate = await js_storage.estimate()
        return float(js_estimate.quota - js_estimate.usage)

    async def persist(self) -> None:
        js_storage = optional(getattr(js.navigator, "storage", None))
        if js_storage is not None:
            await js_storage.persist()


async def _committed(js_transaction: Any, changes: tuple[Change, ...], js_fact_keys: dict[str, Any]) -> None:
    """Make all changes and wait for the end of their transaction, which fails with the first change that fails.

    The requests' own errors are handled as well: otherwise they would appear in the page's console.
    """
    try:
        for change in changes:
            js_store = js_transaction.objectStore("facts" if isinstance(change, DeleteFacts) else change.store)
            match change:
                case Put():
                    let_run(_put(js_store, change))
                case Delete():
                    let_run(js_store.delete(js.IDBKeyRange.bound(_js_key(change.first), _js_key(change.last))))
                case DeleteFacts():
                    for js_key in js_fact_keys[change.upload]:
                        let_run(js_store.delete(js_key))
    except JsException:  # the browser refused a request: without the abort, the requests before it would be committed
        js_transaction.abort()
    (js_outcome,) = await js.Promise.allSettled(_js_array(js_transaction.done))
    if str(js_outcome.status) == "rejected":
        raise js_outcome.reason


def _put(js_store: Any, change: Put) -> Any:
    js_row = change.row if isinstance(change.row, str) else js_object(**change.row)
    return js_store.put(js_row) if change.key is None else js_store.put(js_row, _js_key(change.key))


async def _read(js_db: Any, store: StoreName, js_range: Any) -> list[tuple[Key, object]]:
    js_transaction = js_db.transaction(store, "readonly")
    js_store = js_transaction.store
    js.Promise.allSettled(_js_array(js_transaction.done))  # handled, or its failure would appear in the page's console
    js_keys, js_rows = await asyncio.gather(js_store.getAllKeys(js_range), js_store.getAll(js_range))
    return [(_key(js_key), _row(js_row)) for js_key, js_row in zip(js_keys, js_rows, strict=True)]


def _js_array(*values: Any) -> Any:
    return js.Array.of(*values)


def _js_key(key: Key | None) -> Any:
    return _js_array(*key) if isinstance(key, tuple) else key


def _key(js_key: Any) -> Any:
    return tuple(js_key) if js.Array.isArray(js_key) else js_key


def _row(js_row: Any) -> object:
    """Return an object's fields as a dict, and any other value unchanged. Media in the object stay handles."""
    if not isinstance(js_row, JsProxy):
        return js_row
    return {str(name): optional(value) for name, value in js.Object.entries(js_row).to_py(depth=2)}
