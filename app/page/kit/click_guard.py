"""Ignore presses that were meant for a button that has just gone: a second click or tap, or a key held down."""

import asyncio
from typing import Any

import js

from app.browser.interop import optional
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node

SETTLING_MS = 1_100  # a second click follows the first within a second, and the first comes before `begin`
_OTHERS = "input, textarea, select, summary, audio, video"  # controls that the guard leaves alone


class ClickGuard:
    """Block the buttons inside `node` for a moment after each press and each change.

    During that time the stylesheet turns off their pointer events. It cannot stop a click that waited in the browser's
    queue while Python was busy; the guard recognises such a click by its timestamp. The buttons neither look disabled
    nor are read as disabled.
    """

    def __init__(self, node: Node, context: ViewContext, presses: str) -> None:
        """`presses` is the CSS selector of the buttons whose press starts a block."""
        self._node = node
        self._presses = presses
        self._until_ms = 0.0  # on the clock of `performance.now()`, like an event's timestamp
        self._end: asyncio.TimerHandle | None = None  # None: no block has started yet
        context.listeners.add(node.js_element, "click", self._note_click, is_early=True)
        context.listeners.add(node.js_element, "mousedown", self._keep_focus, is_early=True)
        context.listeners.add(node.js_element, "keydown", _drop_repeated, is_early=True)

    def begin(self, since_ms: float | None = None) -> None:
        """Start a block, because other buttons may have taken the place of the pressed one.

        `since_ms` is when that one was pressed, on the clock of `performance.now()`; None: now.
        """
        now_ms = float(js.performance.now())
        self._until_ms = (now_ms if since_ms is None else since_ms) + SETTLING_MS
        if self._until_ms <= now_ms:
            return
        self._node.attribute("data-settling", "true")
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_event_loop().call_later((self._until_ms - now_ms) / 1000, self._settle)

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
        """Keep the focus where the first click has moved it: a second click outside all controls would remove it."""
        is_late = float(js_event.timeStamp) >= self._until_ms
        if not is_late and optional(js_event.target.closest(_OTHERS)) is None:
            js_event.preventDefault()


def _drop_repeated(js_event: Any) -> None:
    """Ignore the repeats of a held Enter key: they would press the button that gets the focus next."""
    if js_event.repeat and js_event.key == "Enter" and optional(js_event.target.closest("button")) is not None:
        js_event.preventDefault()
