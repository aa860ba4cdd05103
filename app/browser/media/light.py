"""Measure how bright the camera's picture is."""

import asyncio
from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object, let_run, optional, release

WIDTH, HEIGHT = 32, 18  # pixels of the canvas: enough for a mean, and quick to read
ROWS = 18  # of a decoder's picture: the same
# Weights of red, green and blue in luminance: ITU-R BT.709.
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
# Pictures that begin with a plane of luminance, and what is black and white there (BT.709's narrow range, full range).
PLANAR = ("I420", "NV12")
NARROW, FULL = (16, 235), (0, 255)
LOOK_S = 1.0  # a browser that has not given its picture by then gives none


class LightMeter:
    """Measure one stream's brightness through a `<video>` that is not shown.

    A decoder's picture is read as it is. A canvas is for browsers that do not give one: where Chromium draws without a
    graphics card, it keeps every picture that was drawn, about 3.5 MB each at 720p, up to some 450 MB.
    """

    def __init__(self) -> None:
        self._js_video = js.document.createElement("video")
        self._js_video.muted = True
        self._js_video.playsInline = True  # otherwise Safari on a phone plays full screen
        js_canvas = js.document.createElement("canvas")  # older Safari has no OffscreenCanvas
        js_canvas.width, js_canvas.height = WIDTH, HEIGHT
        # None if memory is short, or if the browser's protection against fingerprinting denies a canvas context.
        self._js_context = optional(js_canvas.getContext("2d", js_object(willReadFrequently=True)))

    def look_at(self, js_stream: Any) -> None:
        self._js_video.srcObject = js_stream
        with suppress(JsException):  # then the brightness is unknown, and everything else works
            let_run(self._js_video.play())

    async def brightness(self) -> float | None:
        """Return the mean luminance, 0 to 1; None before the first picture, or if the page may not read it."""
        if not self._js_video.videoWidth:
            return None
        found = await self._read_picture() if hasattr(js, "VideoFrame") else None
        return self._read_canvas() if found is None else found

    async def _read_picture(self) -> float | None:
        try:
            js_frame = js.VideoFrame.new(self._js_video, js_object(timestamp=0))
        except JsException:
            return None
        try:
            if str(js_frame.format) not in PLANAR:
                return None
            js_bytes = js.Uint8Array.new(js_frame.allocationSize())
            js_plane = (await asyncio.wait_for(js_frame.copyTo(js_bytes), LOOK_S))[0]
            black, white = FULL if js_frame.colorSpace.fullRange is True else NARROW
            width, height = int(js_frame.visibleRect.width), int(js_frame.visibleRect.height)
            starts = (js_plane.offset + js_plane.stride * (height * row // ROWS) for row in range(ROWS))
            rows = [js_bytes.subarray(start, start + width).to_bytes() for start in starts]
            release(js_bytes.buffer)
        except (JsException, TimeoutError):
            return None
        finally:
            js_frame.close()
        mean = sum(map(sum, rows)) / (width * ROWS)
        return min(1.0, max(0.0, (mean - black) / (white - black)))

    def _read_canvas(self) -> float | None:
        if self._js_context is None:
            return None
        try:
            self._js_context.drawImage(self._js_video, 0, 0, WIDTH, HEIGHT)
            pixels = self._js_context.getImageData(0, 0, WIDTH, HEIGHT).data.to_bytes()
        except JsException:
            return None
        red, green, blue = (sum(pixels[colour::4]) for colour in range(3))
        return float(_RED * red + _GREEN * green + _BLUE * blue) / (255 * WIDTH * HEIGHT)

    def close(self) -> None:
        self._js_video.srcObject = None
