"""What sound and picture ask for before a recording: too quiet, too loud, too dark."""

from dataclasses import dataclass
from enum import StrEnum

# The thresholds are choices, made by ear and eye, not taken from a standard.
HEARD_PEAK = 0.02  # of full scale, about -34 dB: above the noise of a room, below a whisper
CLIPPED_PEAK = 0.985  # where converters flatten the wave
CLIPS = 3  # looks with a clipped wave: a single one is a cough, or the table
DARK = 0.18  # mean luminance; a face by a window has 0.4 and more
DARK_S = 2.0  # a camera's first pictures are black, and nobody needs to know
MEMORY_S = 4.0  # how far back sound counts


class Advice(StrEnum):
    SILENT = "silent"  # the microphone has given nothing for MEMORY_S
    CLIPPED = "clipped"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Sound:
    """One short look at the microphone."""

    level: float = 0.0  # 0 to 1, even in decibels as ears are
    peak: float = 0.0  # the highest sample, 0 to 1 of full scale


class Adviser:
    """Judge what camera and microphone have given of late."""

    def __init__(self, now: float) -> None:
        self._heard_at = now  # so that nobody is told off before they could speak
        self._clips: list[float] = []
        self._dark_since: float | None = None  # None: bright enough, or nothing seen yet

    def hear(self, sound: Sound | None, now: float) -> None:
        """`sound` is None where nobody can tell: that is no silence."""
        if sound is None:
            self._heard_at = now
            return
        if sound.peak >= HEARD_PEAK:
            self._heard_at = now
        if sound.peak >= CLIPPED_PEAK:
            self._clips.append(now)

    def see(self, brightness: float | None, now: float) -> None:
        """`brightness` is the picture's mean luminance, 0 to 1; None where there is no picture."""
        if brightness is None or brightness >= DARK:
            self._dark_since = None
        elif self._dark_since is None:
            self._dark_since = now

    def advice(self, now: float) -> frozenset[Advice]:
        self._clips = [at for at in self._clips if now - at <= MEMORY_S]
        found = set()
        if now - self._heard_at > MEMORY_S:
            found.add(Advice.SILENT)
        if len(self._clips) >= CLIPS:
            found.add(Advice.CLIPPED)
        if self._dark_since is not None and now - self._dark_since >= DARK_S:
            found.add(Advice.DARK)
        return frozenset(found)
