"""As much of the page's JavaScript as the adapters of Blobs, camera and screen need, in plain Python: they run without
a browser then, and each of its refusals can be had at the wished moment."""

import importlib
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

# In the order in which they import one another.
ADAPTERS = ("interop", "media.blobs", "media.camera", "media.light", "window.page_lifecycle")


class JsError(Exception):
    """Stand for `pyodide.ffi.JsException`."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Blob:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.is_unreadable = False

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
        self.js = _module("js")
        self.js.navigator = SimpleNamespace()
        self.js.document, self.js.window = EventTarget(), EventTarget()
        ffi = _module("pyodide.ffi")
        ffi.JsException, ffi.JsProxy, ffi.jsnull = JsError, object, object()
        ffi.create_proxy, ffi.to_js = _Proxy, lambda value, **_: value
        for name, module in {"js": self.js, "pyodide": _module("pyodide"), "pyodide.ffi": ffi}.items():
            patch.setitem(sys.modules, name, module)
        for name in ADAPTERS:
            patch.delitem(sys.modules, f"app.browser.{name}", raising=False)
            patch.setitem(sys.modules, f"app.browser.{name}", importlib.import_module(f"app.browser.{name}"))

    def adapter(self, module: str, name: str) -> Any:
        """Return a class of `app.browser`; `module` is its path from there."""
        return getattr(sys.modules[f"app.browser.{module}"], name)


def _module(name: str) -> Any:
    return ModuleType(name)
