"""The page's lifecycle: leave, hide, return, and keep the screen on."""

import asyncio
from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import Listeners, let_run, optional


class BrowserPageLifecycle:
    """Warn before unsaved data is left, keep the screen on, and report when the page is hidden, left or seen again."""

    def __init__(self) -> None:
        self._always = Listeners()
        self._guard: Listeners | None = None  # None: the page may be left without a warning
        self._js_wake_lock: Any = None  # None: the screen may turn off
        self._is_screen_needed = False
        self._loop = asyncio.get_running_loop()
        self._renewal: asyncio.Task[None] | None = None  # None: no lock was requested again yet
        self._always.add(js.document, "visibilitychange", self._renew)

    def guard(self, is_unsaved: bool) -> None:
        """Have the browser ask before the page is left, or stop doing so.

        The listener is attached only while needed: browsers keep a page with it out of the back-forward cache.
        """
        if is_unsaved and self._guard is None:
            self._guard = Listeners()
            self._guard.add(js.window, "beforeunload", lambda js_event: js_event.preventDefault())
        elif not is_unsaved and self._guard is not None:
            self._guard.close()
            self._guard = None

    async def keep_awake(self, is_needed: bool) -> None:
        """Keep the screen on if `is_needed`: a speaking candidate touches nothing. Do nothing if the browser cannot."""
        self._is_screen_needed = is_needed
        if is_needed:
            await self._hold_screen()
        else:
            self._let_screen_go()

    def _renew(self, _: Any) -> None:
        """Request the wake lock again: the browser releases it when the page is hidden, and does not restore it."""
        if self._is_screen_needed and str(js.document.visibilityState) == "visible":
            self._renewal = self._loop.create_task(self._hold_screen())

    async def _hold_screen(self) -> None:
        self._let_screen_go()
        js_wake_lock = optional(getattr(js.navigator, "wakeLock", None))
        if js_wake_lock is None:
            return
        try:
            js_held = await js_wake_lock.request("screen")
        except JsException:
            return  # refused: battery saver, or the page is hidden
        self._let_screen_go()  # a lock that another request got meanwhile
        self._js_wake_lock = js_held
        if not self._is_screen_needed:
            self._let_screen_go()

    def _let_screen_go(self) -> None:
        if self._js_wake_lock is not None:
            let_run(self._js_wake_lock.release())
            self._js_wake_lock = None

    def on_put_away(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the page is hidden or left: the last moment at which code is certain to run."""

        def hidden(_: Any) -> None:
            if str(js.document.visibilityState) == "hidden":
                listener()

        self._always.add(js.document, "visibilitychange", hidden)
        self._always.add(js.window, "pagehide", lambda _: listener())

    def on_return(self, listener: Callable[[], None]) -> None:
        """Call `listener` when the page is seen again, also from the back-forward cache."""

        def shown(_: Any) -> None:
            if str(js.document.visibilityState) == "visible":
                listener()

        self._always.add(js.document, "visibilitychange", shown)
        self._always.add(js.window, "pageshow", shown)

    def close(self) -> None:
        self.guard(is_unsaved=False)
        self._is_screen_needed = False
        self._let_screen_go()
        self._always.close()
