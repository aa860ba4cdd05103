"""Let no press count that was meant for what has just gone: a second click or tap, or a key held down."""

import asyncio
from typing import Any

import js

from app.browser.interop import optional
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node

SETTLING_MS = 1_100  # people's second click comes within a second of the first, and the first has come before
_OTHERS = "input, textarea, select, summary, audio, video"  # what has nothing to settle


class ClickGuard:
    """Watch over the buttons inside `node`: for a moment after each press and each change they take nothing.

    The stylesheet turns pointers away from them meanwhile. It cannot know of a click that has waited in the browser's
    queue while Python was busy: that one is told by its own time. Nothing is shown or read as disabled.
    """

    def __init__(self, node: Node, context: ViewContext, presses: str) -> None:
        """`presses` selects the buttons after whose press the others must settle."""
        self._node = node
        self._presses = presses
        self._until_ms = 0.0  # on the page's own clock, as the time of an event
        self._end: asyncio.TimerHandle | None = None  # None: never begun
        context.listeners.add(node.js_element, "click", self._note_click, is_early=True)
        context.listeners.add(node.js_element, "mousedown", self._keep_focus, is_early=True)
        context.listeners.add(node.js_element, "keydown", _drop_repeated, is_early=True)

    def begin(self) -> None:
        """Something else stands here from now on."""
        self._until_ms = float(js.performance.now()) + SETTLING_MS
        self._node.attribute("data-settling", "true")
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_event_loop().call_later(SETTLING_MS / 1000, self._settle)

    def _settle(self) -> None:
        self._node.attribute("data-settling", None)

    def _note_click(self, js_event: Any) -> None:
        if optional(js_event.target.closest("button, label")) is None:
            return
        if float(js_event.timeStamp) < self._until_ms:
            js_event.preventDefault()
            js_event.stopImmediatePropagation()
        elif optional(js_event.target.closest(self._presses)) is not None:
            self.begin()

    def _keep_focus(self, js_event: Any) -> None:
        """A second click beside everything would take the focus from where the first one has led."""
        is_late = float(js_event.timeStamp) >= self._until_ms
        if not is_late and optional(js_event.target.closest(_OTHERS)) is None:
            js_event.preventDefault()


def _drop_repeated(js_event: Any) -> None:
    """A key that is held down presses once: what has the focus next was not asked for."""
    if js_event.repeat and js_event.key == "Enter" and optional(js_event.target.closest("button")) is not None:
        js_event.preventDefault()
