"""Measure how loud the microphone's signal is, for the meter on the page."""

import math
from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object, let_run
from app.core.recording.signal_quality import Sound

WINDOW = 512  # samples; about 11 ms at 48 kHz
RECENT = 16_384  # samples; a third of a second: longer than the time between two looks while recording
FLOOR_DB = -60.0  # shown as silence on the meter


class LevelMeter:
    """Measure one stream at a time with Web Audio. Nothing is played.

    A browser's audio graph can fail where its recorder works: because sample rates differ, or because of protection
    against fingerprinting. Then the level is unknown, and everything else works.
    """

    def __init__(self) -> None:
        self._js_context: Any = None  # one for the page's lifetime: Safari allows only a few
        self._js_source: Any = None  # None: no stream is connected
        self._js_analyser: Any = None
        self._js_samples = js.Float32Array.new(RECENT)

    def listen(self, js_stream: Any) -> None:
        """Measure `js_stream` instead of the stream before."""
        self.deafen()
        if hasattr(js, "AudioContext"):
            with suppress(JsException):
                self._connect(js_stream)

    def _connect(self, js_stream: Any) -> None:
        if self._js_context is None:
            self._js_context = js.AudioContext.new(js_object(latencyHint="playback"))
        if self._js_analyser is None:
            self._js_analyser = self._js_context.createAnalyser()
            self._js_analyser.fftSize = RECENT
        let_run(self._js_context.resume())  # Safari starts suspended, and suspends again after a call or a lock screen
        js_source = self._js_context.createMediaStreamSource(js_stream)
        js_source.connect(self._js_analyser)
        self._js_source = js_source

    def sound(self) -> Sound | None:
        """Return the current sound; None if it is unknown: an audio graph that is not running gives only zeros."""
        if self._js_source is None or str(self._js_context.state) != "running":
            return None
        try:
            self._js_analyser.getFloatTimeDomainData(self._js_samples)
        except JsException:
            return None
        recent = self._js_samples.to_py()
        samples = recent[-WINDOW:]
        power = sum(sample * sample for sample in samples) / WINDOW
        loudness_db = 10 * math.log10(power) if power > 0 else FLOOR_DB
        peak = max(abs(sample) for sample in samples)
        highest, lowest = max(recent), min(recent)
        return Sound(
            level=min(1.0, max(0.0, 1 - loudness_db / FLOOR_DB)),
            peak=min(1.0, peak),
            recent_peak=min(1.0, max(highest, -lowest)),
        )

    def deafen(self) -> None:
        """Disconnect the stream: otherwise the microphone's light stays on."""
        if self._js_source is not None:
            with suppress(JsException):
                self._js_source.disconnect()
            self._js_source = None
