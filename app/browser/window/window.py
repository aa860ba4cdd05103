"""The window itself: its link, its document, what boot found out."""

import sys
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import create_proxy

from app.browser.interop import optional


def document() -> Any:
    return js.document


def fragment() -> str:
    """Return what stands behind the link's "#"."""
    return str(js.location.hash)


def query() -> str:
    """Return what stands between the link's "?" and "#"."""
    return str(js.location.search)


def readdress(address: str) -> None:
    """Put `address` behind this page's path, without loading anything: what is reloaded or copied from now on."""
    js.history.replaceState(js.history.state, "", str(js.location.pathname) + address)


def reload() -> None:
    js.location.reload()


def on_new_fragment(handler: Callable[[], None]) -> None:
    """Call `handler` whenever a link changes only what stands behind "#": no browser loads the page anew then."""
    js.window.addEventListener("hashchange", create_proxy(lambda _: handler()))  # as long as the window stands


def hosts() -> frozenset[str]:
    """Return the origins that may embed this page: the operator's, out of the page's own `<meta>`, and its own."""
    js_meta = optional(js.document.querySelector("meta[name=slipstream-hosts]"))
    named = str(js_meta.content).split() if js_meta is not None else []
    return frozenset([str(js.location.origin), *named])


def is_framed() -> bool:
    return not js.window.parent == js.window  # noqa: SIM201  a JsProxy knows == alone


def signer_url() -> str:
    """Return where the operator has put the signer: the page's own `<meta>` says so, no link can."""
    js_meta = optional(js.document.querySelector("meta[name=slipstream-signer]"))
    path = str(js_meta.content) if js_meta is not None else "./api/"
    return str(js.URL.new(path, js.document.baseURI).href)


def warn(sentence: str) -> None:
    """Tell whoever builds the page or its host; candidates do not read consoles."""
    js.console.warn(f"Slipstream: {sentence}")


class BrowserConsole:
    def say(self, sentence: str) -> None:
        js.console.error(f"Slipstream: {sentence}")


def has_storage() -> bool:
    """Return whether the browser lets this window keep anything."""
    return bool(js.slipstreamBoot.idbWorks)


def end_boot() -> None:
    """Take the skeleton away: Python shows the page from here on."""
    js.document.getElementById("boot").remove()


def report(error: BaseException) -> None:
    """Write an error's kinds and places to the console, never its message: that may hold a URL.

    Then let go of it: an error that has reached the interpreter's top keeps every Blob of its frames alive.
    """
    js.console.error(_trace(error))
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        setattr(sys, name, None)


def _trace(error: BaseException) -> str:
    lines = [type(error).__name__]
    step = error.__traceback__
    while step is not None:
        lines.append(f"  {step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    if isinstance(error, BaseExceptionGroup):
        lines += [_trace(inner) for inner in error.exceptions]
    return "\n".join(lines)
