"""How bright the camera's picture is."""

from typing import Any

import js

from app.browser.interop import js_object, let_run

WIDTH, HEIGHT = 32, 18  # pixels: enough for a mean, and quick to read
# Weights of red, green and blue in luminance: ITU-R BT.709.
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722


class LightMeter:
    """Look at one stream through a `<video>` that nobody sees."""

    def __init__(self) -> None:
        self._js_video = js.document.createElement("video")
        self._js_video.muted = True
        self._js_video.playsInline = True  # Safari on a phone would fill the screen
        self._js_context = js.OffscreenCanvas.new(WIDTH, HEIGHT).getContext("2d", js_object(willReadFrequently=True))

    def look_at(self, js_stream: Any) -> None:
        self._js_video.srcObject = js_stream
        let_run(self._js_video.play())

    def brightness(self) -> float | None:
        """Return the mean luminance, 0 to 1; None while no picture has come."""
        if not self._js_video.videoWidth:
            return None
        self._js_context.drawImage(self._js_video, 0, 0, WIDTH, HEIGHT)
        pixels = self._js_context.getImageData(0, 0, WIDTH, HEIGHT).data.to_bytes()
        red, green, blue = (sum(pixels[colour::4]) for colour in range(3))
        return float(_RED * red + _GREEN * green + _BLUE * blue) / (255 * WIDTH * HEIGHT)

    def close(self) -> None:
        self._js_video.srcObject = None
