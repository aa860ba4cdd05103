"""Helpers for the JavaScript edge: own callbacks, convert values and null, translate errors."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import js
from pyodide.ffi import JsException, JsProxy, create_proxy, jsnull, to_js

from app.core.errors import UploadError


class Listeners:
    """Own the JS callbacks of one adapter; `close()` detaches and destroys them."""

    def __init__(self) -> None:
        self._undo = ExitStack()

    def add(self, js_target: JsProxy, event: str, handler: Callable[[Any], object], *, is_early: bool = False) -> None:
        """Call `handler(js_event)` on every `event`. `handler` must only enqueue, and must not raise.

        `is_early`: call `handler` in the capture phase, before the listeners of elements inside `js_target`.
        """
        proxy = create_proxy(handler)
        js_target.addEventListener(event, proxy, is_early)
        self._undo.callback(proxy.destroy)
        self._undo.callback(js_target.removeEventListener, event, proxy, is_early)  # last in, first out

    def close(self) -> None:
        """Detach and destroy all callbacks. May be called twice."""
        self._undo.close()


def let_run(js_promise: Any) -> None:
    """Let a promise run without waiting for it, and ignore its failure."""
    js_promise.add_done_callback(lambda done: done.cancelled() or done.exception())


def js_object(**values: Any) -> Any:
    """Return a plain JS object; nested dicts and lists become objects and arrays."""
    return to_js(values, dict_converter=js.Object.fromEntries)


def bytes_of(js_buffer: Any) -> bytes:
    """Return a copy of an ArrayBuffer's bytes, and release the buffer."""
    content: bytes = js_buffer.to_bytes()
    release(js_buffer)
    return content


def release(js_buffer: Any) -> None:
    """Give an ArrayBuffer's memory back now: the collector comes when tens of megabytes lie about."""
    if hasattr(js_buffer, "transfer"):  # ECMAScript 2024
        js_buffer.transfer(0)


def optional(value: Any) -> Any:
    """Return `value`; None for JavaScript's null and undefined."""
    return None if value is None or value is jsnull else value


@contextmanager
def js_errors(action: str, kinds: Mapping[str, type[UploadError]], otherwise: type[UploadError]) -> Iterator[None]:
    """Convert a JS exception into one of our errors that names `action` and the JS error's name, never its message.

    The message may contain a URL, and so a signature.
    """
    try:
        yield
    except JsException as error:
        name = str(error.name)
        raise kinds.get(name, otherwise)(f"{action}: {name}") from None
