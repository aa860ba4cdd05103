"""What the browser believes of the network."""

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
        """`listener` must only enqueue: it is called by the browser."""

        def online(_: Any) -> None:
            listener(True)

        def offline(_: Any) -> None:
            listener(False)

        self._listeners.add(js.window, "online", online)
        self._listeners.add(js.window, "offline", offline)

    def close(self) -> None:
        self._listeners.close()
