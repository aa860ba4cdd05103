"""What an ideal sender would have needed, and how well the line was used. Pure.

The ideal sender sends each recorded chunk the moment that the recorder gives it, over one connection that is already
open, at the rate that a plain socket reached on this line (`goodput`, measured.py), and waits for one last
acknowledgement. It has no HTTP, no parts, no signatures and no journal.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

Steps = Sequence[tuple[float, int]]  # ascending: a time in seconds, and the bytes that come then, or by then


def ideal_tail_s(chunks: Steps, last_stop: float, goodput: float, round_trip_s: float = 0.0) -> float:
    """Return the seconds from the last Stop until the ideal sender is done; `goodput` is in bytes a second."""
    free_at = 0.0
    for at, size in chunks:
        free_at = max(free_at, at) + size / goodput
    return max(0.0, free_at + round_trip_s - last_stop)


def link_use(chunks: Steps, sent: Steps, goodput: float, backlog: float) -> float | None:
    """Return which share of the line was used while more than `backlog` bytes waited; None if that never was.

    `sent` are bytes by then, with HTTP headers.
    """
    passed, possible = 0.0, 0.0
    for (before, sent_before), (after, sent_after) in pairwise(sent):
        if min(_recorded(chunks, before) - sent_before, _recorded(chunks, after) - sent_after) > backlog:
            passed += sent_after - sent_before
            possible += (after - before) * goodput
    return passed / possible if possible else None


def _recorded(chunks: Steps, at: float) -> int:
    return sum(size for given_at, size in chunks if given_at <= at)


def spread(values: Sequence[float]) -> Iterator[float]:
    """Yield median, least and greatest."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    yield ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    yield ordered[0]
    yield ordered[-1]
