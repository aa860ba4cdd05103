"""Judge sound and picture: silent, too loud, too dark, black."""

from dataclasses import dataclass
from enum import StrEnum

# The thresholds were chosen by ear and eye, and come from no standard.
HEARD_PEAK = 0.02  # of full scale, about -34 dB: above the noise of a room, below a whisper
CLIPPED_PEAK = 0.985  # of full scale; converters clip there
CLIPS = 3  # measurements with a clipped wave; a single one is a cough, or a knock on the table
DARK = 0.18  # mean luminance; a face near a window has 0.4 or more
DARK_S = 2.0  # a shorter darkness is not reported: a camera's first pictures are black
MEMORY_S = 4.0  # how long a measured sound counts
BLACK = 0.03  # mean luminance; a covered camera's noise has less, a face lit by a screen at night more
EMPTY_S = 5.0  # of a running recording; a warning before that would be too early
WHOLE_S = 2.0  # of an ended recording; a shorter one was stopped by mistake, and is not judged
SETTLING_S = 1.0  # devices that were just opened cannot always be measured yet


class Advice(StrEnum):
    SILENT = "silent"  # nothing was heard for MEMORY_S
    CLIPPED = "clipped"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Sound:
    """One short measurement of the microphone."""

    level: float = 0.0  # 0 to 1, linear in decibels, as hearing is
    peak: float = 0.0  # the highest sample, 0 to 1 of full scale
    recent_peak: float = 0.0  # the highest one since about the last measurement: a word may fall between two


class SignalMonitor:
    """Judge the signal of camera and microphone in the last seconds."""

    def __init__(self, now: float) -> None:
        self._heard_at = now  # as if heard now: the candidate has had no time to speak
        self._clips: list[float] = []
        self._dark_since: float | None = None  # None: bright enough, or nothing seen yet

    def hear(self, sound: Sound | None, now: float) -> None:
        """Note one measurement. None: the sound cannot be measured, which does not count as silence."""
        if sound is None:
            self._heard_at = now
            return
        if _is_heard(sound):
            self._heard_at = now
        if sound.peak >= CLIPPED_PEAK:
            self._clips.append(now)

    def see(self, brightness: float | None, now: float) -> None:
        """Note the picture's mean luminance, 0 to 1; None if there is no picture."""
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


class TakeMonitor:
    """Judge whether anything was heard, and seen, since a recording began.

    What cannot be measured counts as heard and seen: the page must not warn about what it does not know.
    """

    def __init__(self, now: float) -> None:
        self._began_at = now
        self._has_sound = self._has_picture = False
        self._has_looked = False  # True: a picture was looked at; an audio answer has none

    def hear(self, sound: Sound | None, now: float) -> None:
        self._has_sound |= self._is_settled(now) if sound is None else _is_heard(sound)

    def see(self, brightness: float | None, now: float) -> None:
        self._has_looked = True
        self._has_picture |= self._is_settled(now) if brightness is None else brightness >= BLACK

    @property
    def has_picture(self) -> bool:
        """Whether a picture was seen: more of them can change nothing, and each costs memory (app/browser/media)."""
        return self._has_picture

    def is_silent(self, now: float, *, is_over: bool = False) -> bool:
        return not self._has_sound and self._is_long_enough(now, is_over=is_over)

    def is_black(self, now: float, *, is_over: bool = False) -> bool:
        return self._has_looked and not self._has_picture and self._is_long_enough(now, is_over=is_over)

    def _is_long_enough(self, now: float, *, is_over: bool) -> bool:
        return now - self._began_at >= (WHOLE_S if is_over else EMPTY_S)

    def _is_settled(self, now: float) -> bool:
        return now - self._began_at >= SETTLING_S


def _is_heard(sound: Sound) -> bool:
    return max(sound.peak, sound.recent_peak) >= HEARD_PEAK
