"""Encode a chosen video again, to be smaller (static/media/reencode.mjs, which loads mediabunny only then)."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object, optional
from app.core.recording.ports import Chunk, ShrinkFailed
from app.core.recording.shrink_rules import ShrinkBounds

TICK_S = 1.0
# For one second of film: an encoder that needs longer has died without an error. Counted in ticks, for a telephone that
# has slept meanwhile has not encoded either.
TICKS_A_PIECE = 60


class BrowserShrinking:
    """Own one encoding: its decoder, its encoder, its open file."""

    def __init__(self, file: Any, bounds: ShrinkBounds) -> None:
        self._file = file
        self._bounds = bounds
        self._js_reencoding: Any = None  # None: its module is still being loaded
        self._closed = asyncio.Event()

    @property
    def progress(self) -> float:
        return float(self._js_reencoding.progress) if self._js_reencoding is not None else 0.0

    async def pieces(self) -> AsyncIterator[Chunk]:
        while (js_blob := await self._unless_closed()) is not None:
            yield Chunk(js_blob, int(js_blob.size), str(js_blob.type))

    def close(self) -> None:
        self._closed.set()
        if self._js_reencoding is not None:
            self._js_reencoding.close()

    async def _unless_closed(self) -> Any:
        """Return the next piece; None behind the last one, or as soon as `close` is called. Raises ShrinkFailed."""
        coming, closed = asyncio.ensure_future(self._next()), asyncio.ensure_future(self._closed.wait())
        try:
            for _ in range(TICKS_A_PIECE):
                await asyncio.wait({coming, closed}, timeout=TICK_S, return_when=asyncio.FIRST_COMPLETED)
                if self._closed.is_set():
                    return None
                if coming.done():
                    return coming.result()
            raise ShrinkFailed("the encoder has gone quiet")
        finally:
            for task in (coming, closed):
                task.cancel()
            await asyncio.gather(coming, closed, return_exceptions=True)

    async def _next(self) -> Any:
        try:
            if self._js_reencoding is None:
                js_module = await js.slipstreamBoot.reencoder()
                self._js_reencoding = js_module.Reencoding.new(self._file, _js_bounds(self._bounds))
            return optional(await self._js_reencoding.next())
        except JsException as error:
            raise ShrinkFailed(f"{error.name}: {error.message}") from None


def _js_bounds(bounds: ShrinkBounds) -> Any:
    return js_object(
        side_px=bounds.side_px,
        frames_per_second=bounds.frames_per_second,
        video_bits_per_second=bounds.video_bits_per_second,
        audio_bits_per_second=bounds.audio_bits_per_second,
    )
