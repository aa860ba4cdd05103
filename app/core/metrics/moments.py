"""The moments of a visit from which its waits are computed, in clock seconds."""

from dataclasses import dataclass


@dataclass
class Moments:
    opened_at: float
    recorded_from: float | None = None  # the first Record; None: not yet
    first_byte_at: float | None = None  # the store has acknowledged a part
    stopped_at: float | None = None  # the last Stop
    safe_at: float | None = None  # everything was stored, after the last Stop; None: not yet

    def record(self, now: float) -> None:
        if self.recorded_from is None:
            self.recorded_from = now

    def acknowledge(self, now: float) -> None:
        if self.first_byte_at is None:
            self.first_byte_at = now

    def stop(self, now: float) -> None:
        self.stopped_at, self.safe_at = now, None

    def be_safe(self, now: float) -> None:
        if self.stopped_at is not None and self.safe_at is None:
            self.safe_at = now

    @property
    def wait_s(self) -> float | None:
        """Return the time from the last Stop until everything was stored."""
        return _between(self.stopped_at, self.safe_at)

    @property
    def first_byte_s(self) -> float | None:
        return _between(self.recorded_from, self.first_byte_at)

    def total_s(self, now: float, *, goes_on: bool) -> float | None:
        """Return the time from the first Record until everything was stored, or until now.

        `goes_on`: the first Record was in an earlier visit, so that this one counts from its beginning.
        """
        return _between(
            self.opened_at if goes_on else self.recorded_from, now if self.safe_at is None else self.safe_at
        )


def _between(began_at: float | None, ended_at: float | None) -> float | None:
    return None if began_at is None or ended_at is None else round(max(0.0, ended_at - began_at), 3)
