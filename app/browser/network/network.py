"""Whether the browser reports the network as online."""

from collections.abc import Callable
from typing import Any

import js

from app.browser.interop import Listeners, optional
from app.core.recording.rung_choice import LinkHints


class BrowserNetwork:
    """Follow `navigator.onLine` and its events."""

    def __init__(self) -> None:
        self._listeners = Listeners()

    def is_online(self) -> bool:
        return bool(js.navigator.onLine)

    def on_change(self, listener: Callable[[bool], None]) -> None:
        """Call `listener(is_online)` on each change. `listener` must only enqueue: the browser calls it."""

        def online(_: Any) -> None:
            listener(True)

        def offline(_: Any) -> None:
            listener(False)

        self._listeners.add(js.window, "online", online)
        self._listeners.add(js.window, "offline", offline)

    def hints(self) -> LinkHints:
        js_connection = optional(getattr(js.navigator, "connection", None))
        if js_connection is None:
            return LinkHints()
        effective_type = optional(getattr(js_connection, "effectiveType", None))
        return LinkHints(bool(optional(getattr(js_connection, "saveData", None))), str(effective_type or ""))

    def close(self) -> None:
        self._listeners.close()
