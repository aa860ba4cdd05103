"""Have an open camera give a smaller picture or fewer frames."""

import asyncio
from typing import Any

from pyodide.ffi import JsException

from app.browser.interop import js_object
from app.contract import Rung
from app.core.recording.frame_size import fitted

FIT_S = 3.0  # the candidate waits for the recording to begin; a change that comes later may spoil an avc1 file


class Camera:
    """Change the constraints of one video track. What it gave when it was opened is the most that it is asked for.

    Sizes are those of the camera as it is built: constraints always mean these, while the settings of a telephone that
    is held upright are those of the turned picture (Media Capture and Streams, 4.3.5, "getSettings").
    """

    def __init__(self, js_track: Any) -> None:
        self._js_track = js_track
        self._full = self._size()  # None: not known before its first picture
        self._wanted: tuple[tuple[int, int] | None, int] | None = None  # size and frames per second; None: as opened
        self._changes: set[asyncio.Future[Any]] = set()  # those that run: asyncio keeps no reference to them

    async def fit(self, rung: Rung) -> None:
        self._full = self._full or self._size()
        size = fitted(self._full, rung.short_side) if self._full is not None else None
        self._change(size, rung.frames_per_second)
        if self._changes:
            await asyncio.wait(set(self._changes), timeout=FIT_S)

    def thin(self, frames_per_second: int) -> None:
        # Without a size the browser may choose another one, and avc1 files cannot follow.
        self._change(self._size(), frames_per_second)

    def frame_rate(self) -> float | None:
        js_settings = self._js_track.getSettings()
        return float(js_settings.frameRate) if hasattr(js_settings, "frameRate") else None

    def _change(self, size: tuple[int, int] | None, frames_per_second: int) -> None:
        if (size, frames_per_second) == self._wanted:
            return
        self._wanted = size, frames_per_second
        changing = asyncio.ensure_future(self._apply(size, frames_per_second))
        self._changes.add(changing)
        changing.add_done_callback(self._changes.discard)

    async def _apply(self, size: tuple[int, int] | None, frames_per_second: int) -> None:
        wanted = {} if size is None else {"width": {"ideal": size[0]}, "height": {"ideal": size[1]}}
        # A camera that can give no fewer frames than it does can at least give the size.
        for limit in ("max", "ideal"):
            try:
                constraints = js_object(**wanted, frameRate={limit: frames_per_second})
                await self._js_track.applyConstraints(constraints)
            except JsException:  # OverconstrainedError, or the track has ended
                continue
            return
        self._wanted = None  # it stays as it is

    def _size(self) -> tuple[int, int] | None:
        js_settings = self._js_track.getSettings()
        if not (hasattr(js_settings, "width") and hasattr(js_settings, "height")):
            return None
        width, height = int(js_settings.width), int(js_settings.height)
        return (height, width) if width < height and not self._is_built_upright() else (width, height)

    def _is_built_upright(self) -> bool:
        """Return whether the camera's own pictures are higher than wide; what it can do is never told turned."""
        if not hasattr(self._js_track, "getCapabilities"):
            return False
        js_capabilities = self._js_track.getCapabilities()
        width, height = (getattr(getattr(js_capabilities, side, None), "max", None) for side in ("width", "height"))
        return width is not None and height is not None and bool(width < height)
