"""How loud the microphone hears, for the candidate's eye."""

import math
from contextlib import suppress
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import js_object, let_run
from app.core.recording.signal_quality import Sound

WINDOW = 512  # samples; about 11 ms at 48 kHz
RECENT = 16_384  # samples; a third of a second: more than lies between two looks while recording
FLOOR_DB = -60.0  # what counts as silence on the meter


class LevelMeter:
    """Listen to one stream at a time by Web Audio. Nothing is played.

    A browser's audio graph can fail where its recorder does not: over sample rates that differ, or where it protects
    against fingerprints. Then nobody can tell what is heard, and everything else goes on.
    """

    def __init__(self) -> None:
        self._js_context: Any = None  # one for the page's life: Safari gives out only a few
        self._js_source: Any = None  # None: nothing is listened to
        self._js_analyser: Any = None
        self._js_samples = js.Float32Array.new(RECENT)

    def listen(self, js_stream: Any) -> None:
        """Hear `js_stream`, and no longer the one before."""
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
        let_run(self._js_context.resume())  # Safari begins suspended, and again after a call or a lock screen
        js_source = self._js_context.createMediaStreamSource(js_stream)
        js_source.connect(self._js_analyser)
        self._js_source = js_source

    def sound(self) -> Sound | None:
        """Return what is heard just now; None where nobody can tell: a graph that does not run hears only zeros."""
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
        """Let go of the stream; the microphone's light would stay on."""
        if self._js_source is not None:
            with suppress(JsException):
                self._js_source.disconnect()
            self._js_source = None
