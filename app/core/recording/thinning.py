"""Decide how many frames per second a running recording gets, by the bytes that wait for the line.

Of what can change while a MediaRecorder runs, only the frame rate makes every browser's recording smaller: the picture
keeps the size with which the recording began (tests/benchmarks/constraints.py). The sound is never touched.
"""

from app.core.recording.rung_choice import SHARE

BEHIND_S = 4.0  # of recording that waits: more is not due to round trips and parts, but to the line
CAUGHT_UP_S = 1.0  # less than this waits: the line carries more than is recorded
SETTLE_S = 3.0  # an encoder and the line need this time to show what a change does
PATIENCE_S, MOST_PATIENCE_S = 6.0, 48.0  # of a line that carries the recording, before it gets more frames
LEAST_SHARE = 0.05  # of what is asked of the encoders: a picture that stands still needs hardly anything
TRIAL_S = 15.0  # more frames that have to be taken back within this time were too many


class Thinning:
    """Halve the frame rate while the backlog grows, double it again once the line has caught up.

    If the line's measured speed carries all frames, they come back at once. After a step up that had to be undone soon,
    the next one waits twice as long, so that the picture does not swing.
    """

    def __init__(self, frames_per_second: int, bytes_per_second: float, now: float) -> None:
        """`bytes_per_second`: what is asked of the encoders. They give less of a quiet picture, so it is measured."""
        self._full = frames_per_second
        self._asked = self._need = bytes_per_second  # at the full frame rate
        self._began_at = now
        self._recorded_then: int | None = None  # bytes of the session at the first look; None: none yet
        self.level = 0  # how often the frame rate is halved
        self._has_all_frames = True  # since the recording began
        self._lowest = (frames_per_second - 1).bit_length()  # one frame per second is left there
        self._looked_at, self._unsent_then = now, 0
        self._calm_since = now
        self._patience_s = PATIENCE_S
        self._raised_at: float | None = None  # None: not raised, or proven

    @property
    def frames_per_second(self) -> int:
        return max(1, round(self._full / (1 << self.level)))

    def hold(self, now: float, unsent: int) -> None:
        """Judge anew from now on: where nothing may be sent, or is wanted, a backlog tells nothing about the line."""
        self._looked_at = self._calm_since = now
        self._unsent_then = unsent

    def look(self, now: float, unsent: int, recorded: int, speed: float | None) -> bool:
        """Note the bytes that wait for the line, and all recorded so far; return whether the frame rate has changed.

        `speed`: measured bytes per second of the line; None: not known. What is sent in small pieces measures less than
        the line would carry, so that it proves much, and disproves nothing.
        """
        self._measure(now, recorded)
        waits_s = unsent / self._need
        if waits_s >= CAUGHT_UP_S:
            self._calm_since = now
        if self._raised_at is not None and now - self._raised_at >= TRIAL_S:
            self._raised_at, self._patience_s = None, PATIENCE_S
        if now - self._looked_at < SETTLE_S:
            return False
        is_growing = unsent > self._unsent_then
        self._looked_at, self._unsent_then = now, unsent
        carries_all = speed is not None and self._need <= SHARE * speed
        if waits_s > BEHIND_S and is_growing and self.level < self._lowest and not carries_all:
            self._lower(now)
            return True
        if self.level and now - self._calm_since >= self._patience_s:
            self._raise(now, carries_all=carries_all)
            return True
        return False

    def _measure(self, now: float, recorded: int) -> None:
        """Learn, before the first change, how much this picture really needs."""
        if self._recorded_then is None:
            self._began_at, self._recorded_then = now, recorded
        elif self._has_all_frames and now - self._began_at >= SETTLE_S:
            need = (recorded - self._recorded_then) / (now - self._began_at)
            self._need = min(self._asked, max(need, self._asked * LEAST_SHARE))

    def _lower(self, now: float) -> None:
        self.level += 1
        self._has_all_frames = False
        if self._raised_at is not None:
            self._patience_s = min(MOST_PATIENCE_S, 2 * self._patience_s)
            self._raised_at = None
        self._calm_since = now

    def _raise(self, now: float, *, carries_all: bool) -> None:
        self.level = 0 if carries_all else self.level - 1
        self._raised_at = self._calm_since = now
