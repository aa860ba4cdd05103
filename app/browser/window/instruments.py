"""What the browser measures of its own work: memory, long tasks, the time until the page was ready."""

from typing import Any

import js
import pyodide_js
from pyodide.ffi import JsException, create_proxy

from app.browser.interop import js_object, optional
from app.core.metrics.instruments import Instruments


class BrowserInstruments:
    def __init__(self) -> None:
        self._ready_s: float | None = None  # None: the interview is not shown yet
        self._longest_ms: float | None = None  # None: the browser does not report long tasks
        self._take_proxy = create_proxy(self._take)
        self._js_observer = self._observe()

    def note_ready(self) -> None:
        if self._ready_s is None:
            self._ready_s = round(js.performance.now() / 1000, 3)  # counted from the navigation

    def read(self) -> Instruments:
        longest_s = None if self._longest_ms is None else round(self._longest_ms / 1000, 3)
        return Instruments(ready_s=self._ready_s, memory=_memory(), longest_task_s=longest_s)

    def close(self) -> None:
        """Detach, then destroy. May be called twice."""
        if self._js_observer is not None:
            self._js_observer.disconnect()
            self._js_observer = None
            self._take_proxy.destroy()

    def _observe(self) -> Any:
        """Watch for tasks of 50 ms and more, those of the boot included; None where the browser reports none."""
        if "longtask" not in list(js.PerformanceObserver.supportedEntryTypes):
            return None
        js_observer = js.PerformanceObserver.new(self._take_proxy)
        try:
            js_observer.observe(js_object(type="longtask", buffered=True))
        except JsException:
            return None
        self._longest_ms = 0.0
        return js_observer

    def _take(self, js_list: Any, *_: Any) -> None:
        durations = [float(js_entry.duration) for js_entry in js_list.getEntries()]
        self._longest_ms = max([self._longest_ms or 0.0, *durations])


def _memory() -> int | None:
    """Return the bytes of JavaScript's heap and of Python's, which lies outside of it. None: only Chromium tells."""
    js_memory = optional(getattr(js.performance, "memory", None))
    if js_memory is None:
        return None
    try:
        return int(js_memory.usedJSHeapSize) + int(pyodide_js._module.HEAP8.length)  # noqa: SLF001  no public name
    except AttributeError:  # another version of Pyodide
        return None
