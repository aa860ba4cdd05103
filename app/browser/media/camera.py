"""Have an open camera give a smaller picture or fewer frames."""

import asyncio
from typing import Any

from pyodide.ffi import JsException

from app.browser.interop import js_object
from app.contract import Rung
from app.core.recording.frame_size import fitted

FIT_S = 1.0  # a camera that needs longer to change is left alone: the candidate waits for the recording to begin


class Camera:
    """Change the constraints of one video track. What it gave when it was opened is the most that it is asked for."""

    def __init__(self, js_track: Any) -> None:
        self._js_track = js_track
        self._full = self._size()  # None: not known before its first picture
        self._wanted: tuple[tuple[int, int] | None, int] | None = None  # size and frames per second; None: as opened
        self._changes: set[asyncio.Future[Any]] = set()  # those that run: asyncio keeps no reference to them

    async def fit(self, rung: Rung) -> None:
        self._full = self._full or self._size()
        size = fitted(self._full, rung.short_side) if self._full is not None else None
        await asyncio.wait({self._change(size, rung.frames_per_second)}, timeout=FIT_S)

    def thin(self, frames_per_second: int) -> None:
        # Without a size the browser may choose another one, and avc1 files cannot follow.
        self._change(self._size(), frames_per_second)

    def frame_rate(self) -> float | None:
        js_settings = self._js_track.getSettings()
        return float(js_settings.frameRate) if hasattr(js_settings, "frameRate") else None

    def _change(self, size: tuple[int, int] | None, frames_per_second: int) -> "asyncio.Future[Any]":
        changing = asyncio.ensure_future(self._apply(size, frames_per_second))
        self._changes.add(changing)
        changing.add_done_callback(self._changes.discard)
        return changing

    async def _apply(self, size: tuple[int, int] | None, frames_per_second: int) -> None:
        if (size, frames_per_second) == self._wanted:
            return
        self._wanted = size, frames_per_second
        constraints: dict[str, Any] = {"frameRate": {"max": frames_per_second}}
        if size is not None:
            constraints |= {"width": {"ideal": size[0]}, "height": {"ideal": size[1]}}
        try:
            await self._js_track.applyConstraints(js_object(**constraints))
        except JsException:  # OverconstrainedError, or the track has ended: it stays as it is
            self._wanted = None

    def _size(self) -> tuple[int, int] | None:
        js_settings = self._js_track.getSettings()
        if hasattr(js_settings, "width") and hasattr(js_settings, "height"):
            return int(js_settings.width), int(js_settings.height)
        return None
