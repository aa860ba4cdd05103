"""Estimate how fast bytes leave the page, as a moving average."""

HALF_LIFE_S = 6.0  # a mobile uplink changes within seconds; with a shorter half-life the figure jumps
SILENCE_S = 2.0  # shorter pauses between two progress reports of a browser are normal
MIN_SAMPLE_S = 0.2  # browsers report every 50 ms, in bursts: shorter samples measure the burst


class Throughput:
    """Average by time, not by sample: many small reports weigh no more than one large one.

    An exponentially weighted moving average whose weights halve every HALF_LIFE_S of sending time; divided by
    the weight seen so far, so that the first seconds are not biased towards zero (as in Adam, Kingma & Ba 2014).
    Time in which nothing was in flight does not count.
    """

    def __init__(self) -> None:
        self._rate = 0.0
        self._weight = 0.0
        self._since: float | None = None  # None: nothing is in flight
        self._bytes = 0

    def resume(self, now: float) -> None:
        """Note that sending has begun. Do nothing if it is in progress."""
        if self._since is None:
            self._since, self._bytes = now, 0

    def suspend(self, now: float) -> None:
        """Note that nothing is in flight any more."""
        self._sample(now)
        self._since = None

    def add(self, size: int, now: float) -> None:
        """Note `size` bytes that were just sent."""
        if self._since is None:
            return  # a late report of a request that is over
        self._bytes += size
        if now - self._since >= MIN_SAMPLE_S:
            self._sample(now)

    def _sample(self, now: float) -> None:
        if self._since is None or now <= self._since:
            return
        duration_s = now - self._since
        keep = 0.5 ** (duration_s / HALF_LIFE_S)
        self._rate = keep * self._rate + (1 - keep) * self._bytes / duration_s
        self._weight = keep * self._weight + (1 - keep)
        self._since, self._bytes = now, 0

    def bytes_per_second(self, now: float) -> float | None:
        """Return the estimate; None before the first sample. A lasting silence lowers it."""
        rate, weight = self._rate, self._weight
        if self._since is not None and now - self._since > SILENCE_S:
            keep = 0.5 ** ((now - self._since) / HALF_LIFE_S)
            rate, weight = keep * rate + (1 - keep) * self._bytes / (now - self._since), keep * weight + (1 - keep)
        return rate / weight if weight > 0 else None
