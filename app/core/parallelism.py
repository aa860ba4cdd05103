"""How many parts may be on their way at once: fewer when the store asks for patience, more again with success."""


class Parallelism:
    """Additive increase, multiplicative decrease (Chiu and Jain 1989): what TCP does about the same question."""

    def __init__(self, limit: int) -> None:
        """`limit` is the policy's; it is never exceeded. Raises ValueError below 1."""
        if limit < 1:
            raise ValueError(f"the limit must be at least 1, not {limit}")
        self._limit = limit
        self._allowed = float(limit)

    @property
    def parts(self) -> int:
        """Return how many may be in flight; never less than 1."""
        return max(1, int(self._allowed))

    def ease(self) -> None:
        """The store said that it is busy: half as many."""
        self._allowed = max(1.0, self._allowed / 2)

    def succeed(self) -> None:
        """A part was acknowledged: one more after a round of them."""
        self._allowed = min(float(self._limit), self._allowed + 1 / self._allowed)
