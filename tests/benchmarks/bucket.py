"""How much may pass now: a token bucket, without a clock of its own."""


class TokenBucket:
    """Let `bytes_per_second` through on average, and at most `burst` bytes at once."""

    def __init__(self, bytes_per_second: float, burst: int) -> None:
        """Raises ValueError unless both are positive."""
        if bytes_per_second <= 0 or burst <= 0:
            raise ValueError("a bucket needs a rate and a burst above zero")
        self._bytes_per_second = bytes_per_second
        self._burst = burst
        self._tokens = float(burst)
        self._at: float | None = None  # None: nothing has been taken

    def take(self, size: int, now: float) -> float:
        """Take `size` bytes at clock second `now`; return the seconds to wait before they may pass.

        The bucket goes into debt rather than refuse: whoever comes next waits for it too, so order is kept.
        """
        if self._at is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._at) * self._bytes_per_second)
        self._at = now
        self._tokens -= size
        return max(0.0, -self._tokens / self._bytes_per_second)
