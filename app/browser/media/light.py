"""Measure how bright the camera's picture is."""

from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object, let_run, optional

WIDTH, HEIGHT = 32, 18  # pixels: enough for a mean, and quick to read
# Weights of red, green and blue in luminance: ITU-R BT.709.
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722


class LightMeter:
    """Measure one stream's brightness through a `<video>` that is not shown.

    Look seldom: where Chromium draws without a graphics card, it keeps every picture that a page has read, about 3.5 MB
    each at 720p, up to some 450 MB. A smaller copy of the track, `createImageBitmap` and `VideoFrame` change nothing.
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

    def brightness(self) -> float | None:
        """Return the mean luminance, 0 to 1; None before the first picture, or if the page may not read it."""
        if self._js_context is None or not self._js_video.videoWidth:
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
