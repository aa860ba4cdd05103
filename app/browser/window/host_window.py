"""The window that embeds this one: filter its messages with `InboundFilter`, send ours only to its origin."""

from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException, create_proxy

from app.browser.interop import Listeners
from app.contract.embed.inbound import PROTOCOL, Configure, Order
from app.contract.embed.outbound import PageMessage, Resize
from app.core.embed.inbound_filter import InboundFilter
from app.core.ports import Clock
from app.core.session.launch_url import EmbedLaunch


class HostWindow:
    """Exchange messages with the host page that `link` names, until this window closes.

    There is no `close`, so that the height of a dead end is reported, too.
    """

    def __init__(self, link: EmbedLaunch, clock: Clock, on_message: Callable[[Configure | Order], None]) -> None:
        """`on_message` must only enqueue."""
        self._link = link
        self._clock = clock
        self._on_message = on_message
        self._door = InboundFilter(link)
        self._listeners = Listeners()
        self._listeners.add(js.window, "message", self._hear)
        self._measure = create_proxy(self._tell_height)
        self._js_observer = js.ResizeObserver.new(self._measure)
        self._js_observer.observe(js.document.body)

    def post(self, message: PageMessage) -> None:
        text = message.model_dump_json()
        js_message = js.Object.assign(js.JSON.parse(text), js.JSON.parse(self._envelope))
        js.window.parent.postMessage(js_message, self._link.host)

    @property
    def _envelope(self) -> str:
        return f'{{"slipstream": {PROTOCOL}, "channel": "{self._link.channel}"}}'

    def _hear(self, js_event: Any) -> None:
        is_parent = bool(js_event.source == js.window.parent)
        message = None
        if self._door.admits(str(js_event.origin), is_parent=is_parent, now=self._clock.now()):
            message = self._door.read(_json(js_event.data))
        if message is not None:
            self._on_message(message)
        else:  # for the developer of the host page; no answer is sent
            js.document.body.dataset.dropped = str(self._door.drops.total())

    def _tell_height(self, *_: Any) -> None:
        self.post(Resize(height_px=int(js.Math.ceil(js.document.body.getBoundingClientRect().height))))


def _json(js_data: Any) -> str | None:
    """Return a message's data as JSON; None if JSON cannot express it (a cycle, a BigInt)."""
    try:
        text = js.JSON.stringify(js_data)
    except JsException:
        return None
    return text if isinstance(text, str) else None
