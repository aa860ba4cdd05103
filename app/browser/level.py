"""How loud the microphone hears, for the candidate's eye."""

import math
from typing import Any

import js

from app.browser.interop import js_object

WINDOW = 512  # samples; about 11 ms at 48 kHz
FLOOR_DB = -60.0  # what counts as silence on the meter


class LevelMeter:
    """Listen to one stream by Web Audio. Nothing is played."""

    def __init__(self, js_stream: Any) -> None:
        self._js_context = js.AudioContext.new(js_object(latencyHint="playback"))
        self._js_source = self._js_context.createMediaStreamSource(js_stream)
        self._js_analyser = self._js_context.createAnalyser()
        self._js_analyser.fftSize = WINDOW
        self._js_source.connect(self._js_analyser)
        self._js_samples = js.Float32Array.new(WINDOW)

    def level(self) -> float:
        """Return 0 (silence) to 1 (as loud as it gets), even in decibels as ears are."""
        self._js_analyser.getFloatTimeDomainData(self._js_samples)
        samples = self._js_samples.to_py()
        power = sum(sample * sample for sample in samples) / WINDOW
        loudness_db = 10 * math.log10(power) if power > 0 else FLOOR_DB
        return min(1.0, max(0.0, 1 - loudness_db / FLOOR_DB))

    def close(self) -> None:
        self._js_source.disconnect()
        self._js_context.close()
