"""The window itself: its address, its document, its settings in `<meta>`, and the results of the boot."""

import sys
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import create_proxy

from app.browser.interop import optional


def document() -> Any:
    return js.document


def fragment() -> str:
    """Return the address's fragment, with its "#"; "" if there is none."""
    return str(js.location.hash)


def query() -> str:
    """Return the address's query, with its "?"; "" if there is none."""
    return str(js.location.search)


def reload() -> None:
    js.location.reload()


def on_new_fragment(handler: Callable[[], None]) -> None:
    """Call `handler` whenever a link changes only the fragment: browsers do not reload the page then."""
    js.window.addEventListener("hashchange", create_proxy(lambda _: handler()))  # needed until the window closes


def keep_ticket(ticket: str, address: str) -> None:
    """Keep the ticket for reloads of this page, "": none; replace query and fragment by `address`.

    The ticket is then in no address bar, and in no list of visited pages (static/boot/storage.mjs).
    """
    js.slipstreamBoot.keepTicket(ticket, str(js.location.pathname) + address)


def kept_ticket() -> str:
    """Return the ticket that this tab has kept; "" if there is none."""
    return str(js.slipstreamBoot.keptTicket())


def hosts() -> frozenset[str]:
    """Return the origins that may embed this page: its own, and those that the operator put into its `<meta>`."""
    js_meta = optional(js.document.querySelector("meta[name=slipstream-hosts]"))
    named = str(js_meta.content).split() if js_meta is not None else []
    return frozenset([str(js.location.origin), *named])


def is_framed() -> bool:
    return not js.window.parent == js.window  # noqa: SIM201  a JsProxy knows == alone


def signer_url() -> str:
    """Return the signer's URL. Only the page's `<meta>` can set it (default: ./api/), a link cannot."""
    js_meta = optional(js.document.querySelector("meta[name=slipstream-signer]"))
    path = str(js_meta.content) if js_meta is not None else "./api/"
    return str(js.URL.new(path, js.document.baseURI).href)


def warn(sentence: str) -> None:
    """Warn the developer of the page or the host page in the console, which candidates do not read."""
    js.console.warn(f"Slipstream: {sentence}")


class BrowserConsole:
    def say(self, sentence: str) -> None:
        js.console.error(f"Slipstream: {sentence}")


def has_storage() -> bool:
    """Return whether the browser lets this window store data."""
    return bool(js.slipstreamBoot.idbWorks)


def early_locale() -> str:
    """Return the language that the ticket asks for, if the signer has said so before Python was up; else ""."""
    return str(js.slipstreamBoot.early.locale)


async def device_name() -> str:
    """Return this browser's own name, 32 hexadecimal digits (static/boot/storage.mjs)."""
    return str(await js.slipstreamBoot.deviceName)


def end_boot() -> None:
    """Remove the skeleton, because Python shows the page from now on, and let the boot free its memory."""
    js.document.getElementById("boot").remove()
    js.slipstreamBoot.rest()


def report(error: BaseException) -> None:
    """Write an error's types and code locations to the console, never its message, which may contain a URL.

    Then clear the interpreter's references to the last uncaught error, which keep every Blob in its frames alive.
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
