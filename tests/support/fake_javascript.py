"""As much of the page's JavaScript as the adapters of storage and screen need, in plain Python: they run without a
browser then, and each of its refusals can be had at the wished moment."""

import asyncio
import importlib
import math
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

# In the order in which they import one another.
ADAPTERS = ("interop", "storage.rows", "storage.database", "storage.journal", "media.blobs", "window.page_lifecycle")


class JsError(Exception):
    """Stand for `pyodide.ffi.JsException`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class JsArray(tuple[Any, ...]):
    @property
    def length(self) -> int:
        return len(self)

    def at(self, place: int) -> Any:
        return self[place] if place < len(self) else None

    @staticmethod
    def of(*values: Any) -> "JsArray":
        return JsArray(values)

    @staticmethod
    def isArray(value: Any) -> bool:  # noqa: N802  JavaScript's name
        return isinstance(value, JsArray)


class Blob:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.is_unreadable = False

    @staticmethod
    def new(pieces: JsArray) -> "Blob":
        return Blob(b"".join(piece.content for piece in pieces))

    @property
    def size(self) -> int:
        return len(self.content)

    def slice(self, start: int, end: int) -> "Blob":
        piece = Blob(self.content[start:end])
        piece.is_unreadable = self.is_unreadable
        return piece

    async def arrayBuffer(self) -> Any:  # noqa: N802  JavaScript's name
        if self.is_unreadable:
            raise JsError("NotReadableError")
        return SimpleNamespace(to_bytes=lambda: self.content)


class Disk:
    """What an IndexedDB database holds, and which of its calls fail."""

    def __init__(self) -> None:
        self.stores: dict[str, dict[Any, Any]] = {"chunks": {}, "facts": {}, "answers": {}}
        self.failing: set[str] = set()  # "put", "delete", "read", "deleteDB"
        self.opened = 0


class Connection:
    """One connection to a disk, as the npm package `idb` gives it."""

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        self.is_closed = False
        disk.opened += 1

    async def getAll(self, store: str, span: Any) -> JsArray:  # noqa: N802  JavaScript's name
        return JsArray(row for _, row in self._read(store, span))

    async def getAllKeys(self, store: str, span: Any) -> JsArray:  # noqa: N802  JavaScript's name
        return JsArray(key for key, _ in self._read(store, span))

    async def getAllKeysFromIndex(self, store: str, index: str, value: str) -> JsArray:  # noqa: N802  JavaScript's name
        return JsArray(key for key, row in self._read(store, None) if getattr(row, index) == value)

    def _read(self, store: str, span: Any) -> list[tuple[Any, Any]]:
        self.refuse("read")
        return sorted(
            (key, row) for key, row in self.disk.stores[store].items() if span is None or span[0] <= key <= span[1]
        )

    def refuse(self, call: str) -> None:
        if self.is_closed:
            raise JsError("InvalidStateError")
        if call in self.disk.failing:
            raise JsError("UnknownError")

    def transaction(self, stores: Any, _mode: str, _options: Any = None) -> "Transaction":
        self.refuse("transaction")
        return Transaction(self, stores)

    def close(self) -> None:
        self.is_closed = True


class Transaction:
    def __init__(self, connection: Connection, stores: Any) -> None:
        self._connection = connection
        self._changes: list[Any] = []
        self.error: JsError | None = None
        self.store = Store(self, stores) if isinstance(stores, str) else None

    def objectStore(self, name: str) -> "Store":  # noqa: N802  JavaScript's name
        return Store(self, name)

    def add(self, call: str, store: str, change: Any) -> Any:
        try:
            self._connection.refuse(call)
        except JsError as error:
            self.error = error
        self._changes.append((store, change))
        request = asyncio.get_running_loop().create_future()
        request.set_result(None)
        return request

    async def finish(self) -> SimpleNamespace:
        await asyncio.sleep(0)
        if self.error is not None:
            return SimpleNamespace(status="rejected", reason=self.error)
        for store, change in self._changes:
            change(self._connection.disk.stores[store])
        return SimpleNamespace(status="fulfilled")

    @property
    def done(self) -> "Transaction":
        return self


class Store:
    def __init__(self, transaction: Transaction, name: str) -> None:
        self._transaction = transaction
        self._name = name

    def put(self, row: Any, key: Any = None) -> Any:
        return self._transaction.add(
            "put", self._name, lambda rows: rows.__setitem__(len(rows) if key is None else key, row)
        )

    def delete(self, span: Any) -> Any:
        first, last = span if isinstance(span, tuple) else (span, span)

        def change(rows: dict[Any, Any]) -> None:
            for key in [key for key in rows if first <= key <= last]:
                del rows[key]

        return self._transaction.add("delete", self._name, change)


class EventTarget:
    def __init__(self) -> None:
        self.listeners: list[tuple[str, Any]] = []

    def addEventListener(self, event: str, listener: Any, _is_early: bool = False) -> None:  # noqa: N802  JavaScript's name
        self.listeners.append((event, listener))

    def removeEventListener(self, event: str, listener: Any, _is_early: bool = False) -> None:  # noqa: N802  JavaScript's name
        self.listeners.remove((event, listener))

    def dispatch(self, event: str) -> None:
        for name, listener in list(self.listeners):
            if name == event:
                listener(SimpleNamespace(type=event))


class _Proxy:
    def __init__(self, call: Any) -> None:
        self._call = call

    def __call__(self, *values: Any) -> Any:
        return self._call(*values)

    def destroy(self) -> None:
        del self._call


class Browser:
    """The page's JavaScript, and the adapters that were imported before it."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.disk = Disk()
        self.connections: list[Connection] = []
        self.js = _module("js")
        self.js.Infinity = math.inf
        self.js.Array, self.js.Blob = JsArray, Blob
        self.js.Object = SimpleNamespace(fromEntries=dict)
        self.js.IDBKeyRange = SimpleNamespace(bound=lambda first, last: (first, last))
        self.js.Promise = SimpleNamespace(allSettled=_all_settled)
        self.js.navigator = SimpleNamespace()
        self.js.document, self.js.window = EventTarget(), EventTarget()
        ffi = _module("pyodide.ffi")
        ffi.JsException, ffi.JsProxy, ffi.jsnull = JsError, object, object()
        ffi.create_proxy, ffi.create_once_callable = _Proxy, _Proxy
        ffi.to_js = lambda value, **_: SimpleNamespace(**value) if isinstance(value, dict) else value
        js_modules = _module("pyscript.js_modules")
        js_modules.idb = SimpleNamespace(openDB=self._open, deleteDB=self._delete)
        pages = {"js": self.js, "pyodide.ffi": ffi, "pyscript.js_modules": js_modules}
        for name, module in {"pyodide": _module("pyodide"), "pyscript": _module("pyscript"), **pages}.items():
            patch.setitem(sys.modules, name, module)
        for name in ADAPTERS:
            patch.delitem(sys.modules, f"app.browser.{name}", raising=False)
            patch.setitem(sys.modules, f"app.browser.{name}", importlib.import_module(f"app.browser.{name}"))

    def adapter(self, module: str, name: str) -> Any:
        """Return a class of `app.browser`; `module` is its path from there."""
        return getattr(sys.modules[f"app.browser.{module}"], name)

    async def open(self) -> Any:
        """Return a journal on this browser's disk: of the first page, or of the next one."""
        return self.adapter("storage.journal", "PageJournal")(
            self.adapter("storage.database", "Database")("session", await self._open("session", 1))
        )

    async def _open(self, *_: Any) -> Connection:
        self.connections.append(Connection(self.disk))
        return self.connections[-1]

    async def _delete(self, _name: str) -> None:
        if "deleteDB" in self.disk.failing:
            raise JsError("UnknownError")


def _module(name: str) -> Any:
    return ModuleType(name)


async def _all_settled(promises: JsArray) -> list[Any]:
    return [await promise.finish() for promise in promises]
