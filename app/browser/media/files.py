"""Inspect a file that the candidate has chosen, then read it piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import Listeners
from app.browser.media.shrinking import BrowserShrinking
from app.core.recording.file_rules import HEAD_BYTES, FileFacts
from app.core.recording.ports import Chunk, FileGone, Shrinking
from app.core.recording.shrink_rules import ShrinkBounds

PIECE_BYTES = 4 * 1024 * 1024  # large enough to be quick, small enough to hold in memory
READ_S = 60  # for one piece: a USB stick or a network drive that takes longer counts as gone
LOOK_S = 20  # for the duration: a player that has not found it by then never does


class BrowserFiles:
    async def facts(self, file: Any) -> FileFacts:
        head = (await _read(file, 0, HEAD_BYTES)).to_bytes()
        return FileFacts(int(file.size), str(file.type), head, await _duration_s(file) if file.size else None)

    async def pieces(self, file: Any) -> AsyncIterator[Chunk]:
        for start in range(0, int(file.size), PIECE_BYTES):
            # A copy: the file itself may be changed or deleted while it uploads.
            js_blob = js.Blob.new([await _read(file, start, PIECE_BYTES)])
            yield Chunk(js_blob, int(js_blob.size), str(file.type))

    def shrink(self, file: Any, bounds: ShrinkBounds) -> Shrinking:
        return BrowserShrinking(file, bounds)


async def _read(file: Any, start: int, size: int) -> Any:
    try:
        return await asyncio.wait_for(file.slice(start, start + size).arrayBuffer(), READ_S)
    except (JsException, TimeoutError):
        raise FileGone from None


async def _duration_s(file: Any) -> float | None:
    """Return the duration in seconds that the browser's player reports; None if it cannot open the file in time."""
    js_player = js.document.createElement("video")
    js_player.preload = "metadata"
    found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    listeners = Listeners()

    def settle(js_event: Any) -> None:
        if not found.done():
            found.set_result(str(js_event.type) == "loadedmetadata")

    listeners.add(js_player, "loadedmetadata", settle)
    listeners.add(js_player, "error", settle)
    url = str(js.URL.createObjectURL(file))
    try:
        js_player.src = url
        is_open = await asyncio.wait_for(found, LOOK_S)
        return await _whole_duration_s(js_player, listeners) if is_open else None
    except TimeoutError:
        return None
    finally:
        listeners.close()
        js_player.removeAttribute("src")
        js_player.load()
        js.URL.revokeObjectURL(url)


async def _whole_duration_s(js_player: Any, listeners: Listeners) -> float:
    """Return the duration in seconds. Raises TimeoutError.

    A WebM file recorded by a browser has an infinite duration until the player seeks to the end.
    """
    if js.Number.isFinite(js_player.duration):
        return float(js_player.duration)
    found: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def look(_: Any) -> None:
        if js.Number.isFinite(js_player.duration) and not found.done():
            found.set_result(float(js_player.duration))

    listeners.add(js_player, "durationchange", look)
    js_player.currentTime = js.Number.MAX_SAFE_INTEGER
    return await asyncio.wait_for(found, LOOK_S)
