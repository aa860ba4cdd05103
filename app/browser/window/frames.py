"""Draw changes before the browser's next frame; in a hidden tab, after a short delay."""

import asyncio
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import create_proxy

from app.browser.interop import optional

HIDDEN_S = 0.2  # a hidden tab gets no frames, but its title is still read
PRESSED_S = 1.0  # longer than a press takes, and short enough for a page whose button is held down
_PRESSED = "button:active, label:active, summary:active"


class BrowserFrames:
    """Draw in a task of the event loop, never inside a JavaScript callback: an exception there would be lost.

    Drawing waits while a button is pressed: if the button moved before the release, the browser would send no click.
    """

    def __init__(self, on_error: Callable[[BaseException], None]) -> None:
        self._on_error = on_error
        self._js_wake = create_proxy(self._wake)  # never destroyed: needed until the window closes
        self._js_frame: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._drawing: asyncio.Task[None] | None = None  # the last task: unreferenced, it may be garbage-collected

    def request(self, draw: Callable[[], None]) -> None:
        """Call `draw` once, before the next paint or after HIDDEN_S; after PRESSED_S at most while a button is pressed.

        Only one request may be open.
        """
        self._draw = draw
        self._latest = asyncio.get_running_loop().time() + PRESSED_S
        self._wait()

    def _wait(self) -> None:
        self._js_frame = js.requestAnimationFrame(self._js_wake)
        self._timer = asyncio.get_running_loop().call_later(HIDDEN_S, self._wake)

    def _wake(self, *_: object) -> None:
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        js.cancelAnimationFrame(self._js_frame)
        loop = asyncio.get_running_loop()
        if loop.time() < self._latest and optional(js.document.querySelector(_PRESSED)) is not None:
            self._wait()
            return
        self._drawing = loop.create_task(self._run(self._draw))
        self._drawing.add_done_callback(self._note_end)

    async def _run(self, draw: Callable[[], None]) -> None:
        draw()

    def _note_end(self, done: "asyncio.Task[None]") -> None:
        if not done.cancelled() and (error := done.exception()) is not None:
            self._on_error(error)
