"""How loud the microphone hears, for the candidate's eye."""

import math
from typing import Any

import js

from app.browser.interop import js_object, let_run
from app.core.advice import Sound

WINDOW = 512  # samples; about 11 ms at 48 kHz
FLOOR_DB = -60.0  # what counts as silence on the meter


class LevelMeter:
    """Listen to one stream at a time by Web Audio. Nothing is played."""

    def __init__(self) -> None:
        self._js_context: Any = None  # one for the page's life: Safari gives out only a few
        self._js_source: Any = None
        self._js_analyser: Any = None
        self._js_samples = js.Float32Array.new(WINDOW)

    def listen(self, js_stream: Any) -> None:
        """Hear `js_stream`, and no longer the one before."""
        if self._js_context is None:
            self._js_context = js.AudioContext.new(js_object(latencyHint="playback"))
            self._js_analyser = self._js_context.createAnalyser()
            self._js_analyser.fftSize = WINDOW
        self.deafen()
        let_run(self._js_context.resume())  # Safari begins suspended, and again after a call or a lock screen
        self._js_source = self._js_context.createMediaStreamSource(js_stream)
        self._js_source.connect(self._js_analyser)

    def sound(self) -> Sound:
        if self._js_source is None:
            return Sound()
        self._js_analyser.getFloatTimeDomainData(self._js_samples)
        samples = self._js_samples.to_py()
        power = sum(sample * sample for sample in samples) / WINDOW
        loudness_db = 10 * math.log10(power) if power > 0 else FLOOR_DB
        peak = max(abs(sample) for sample in samples)
        return Sound(level=min(1.0, max(0.0, 1 - loudness_db / FLOOR_DB)), peak=min(1.0, peak))

    def deafen(self) -> None:
        """Let go of the stream; the microphone's light would stay on."""
        if self._js_source is not None:
            self._js_source.disconnect()
            self._js_source = None
