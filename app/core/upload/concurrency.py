"""Limit the parts in flight: fewer while the store is busy, more again with success."""


class Concurrency:
    """Limit the parts by additive increase, multiplicative decrease (Chiu and Jain 1989), as TCP does."""

    def __init__(self, limit: int) -> None:
        """`limit` comes from the policy, and is never exceeded. Raises ValueError if it is below 1."""
        if limit < 1:
            raise ValueError(f"the limit must be at least 1, not {limit}")
        self._limit = limit
        self._allowed = float(limit)
        self._is_strained = False
        self.not_before = float("-inf")  # clock seconds: the store asked the page to wait until then

    @property
    def is_strained(self) -> bool:
        """Whether nothing has been acknowledged since the store last said that it is busy."""
        return self._is_strained

    def parts(self, now: float) -> int:
        """Return how many parts may be in flight: at least 1, but 0 before the time that the store asked for."""
        return 0 if now < self.not_before else max(1, int(self._allowed))

    def ease(self, not_before: float) -> None:
        """Halve the parts in flight, as the store is busy; allow none before `not_before` (clock seconds)."""
        self._is_strained = True
        self._allowed = max(1.0, self._allowed / 2)
        self.not_before = max(self.not_before, not_before)

    def succeed(self) -> None:
        """Note an acknowledged part; a full round of them allows one more in flight."""
        self._is_strained = False
        self._allowed = min(float(self._limit), self._allowed + 1 / self._allowed)
