"""Whether the browser reports the network as online."""

from collections.abc import Callable
from typing import Any

import js

from app.browser.interop import Listeners


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

    def close(self) -> None:
        self._listeners.close()
