"""Allow one tab per session, with Web Locks: two tabs must never write the same upload."""

from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException, create_once_callable

from app.browser.interop import js_object, optional


class WebLock:
    """Hold a session's lock until `close()`, or until another tab takes it over.

    The browser releases the lock of a tab that crashes.
    """

    def __init__(self, interview: str, session: str) -> None:
        self._name = f"slipstream-{interview}/{session}"
        self._let_go: Callable[[], None] | None = None  # None: not held

    async def acquire(self, on_lost: Callable[[], None], *, take_over: bool = False) -> bool:
        """Request the lock; return whether this tab has it. `on_lost` must only enqueue.

        Browsers without Web Locks, and windows without storage, have no locks: return True in every tab.
        """
        js_locks = optional(getattr(js.navigator, "locks", None))
        if js_locks is None:
            return True
        js_answer = js.Promise.withResolvers()
        js_held = js.Promise.withResolvers()

        def granted(js_lock: Any) -> Any:
            has_lock = optional(js_lock) is not None
            js_answer.resolve(has_lock)
            return js_held.promise if has_lock else None

        options = js_object(steal=True) if take_over else js_object(ifAvailable=True)
        # The request's promise is pending while the lock is held. It fails when another tab takes the lock over, or at
        # once if the browser denies the page all storage.
        js_request = js_locks.request(self._name, options, create_once_callable(granted))
        self._watch(js_request, js_answer, on_lost)
        self._let_go = lambda: js_held.resolve(None)
        return bool(await js_answer.promise)

    def _watch(self, request: Any, js_answer: Any, on_lost: Callable[[], None]) -> None:
        def ended(future: Any) -> None:
            if future.cancelled() or not isinstance(error := future.exception(), JsException):
                return
            if str(error.name) == "SecurityError":
                js_answer.resolve(True)
            else:
                on_lost()

        request.add_done_callback(ended)

    def close(self) -> None:
        if self._let_go is not None:
            self._let_go()
            self._let_go = None
