"""How slow the machine is just now, for the few spans of time that a test must choose before it knows.

`python -m tests.support.pace` prints how many workers `make test` starts.
"""

import time
from statistics import median

_ROUNDS, _COUNT = 5, 200_000
# What one round takes on the machine that the tests' spans were chosen on. Reckoned, not measured there: 0.0135 s on a
# machine that takes 2.2 to 2.5 times as long for the same Python.
_USUAL_S = 0.006
_SLOW = 1.7
_SLOWEST = 5.0  # no test waits longer than so many of its spans


def slowness() -> float:
    """Return how many times slower than usual this machine is, from 1 to 5: it may be another one, or be busy."""
    return min(max(median(_count() for _ in range(_ROUNDS)) / _USUAL_S, 1.0), _SLOWEST)


def _count() -> float:
    began_at = time.perf_counter()
    total = 0
    for number in range(_COUNT):
        total += number
    return time.perf_counter() - began_at


def workers() -> int:
    """Return 3, since most tests wait in real time; 2 on a slow machine, where one more makes the others late."""
    return 2 if slowness() > _SLOW else 3


if __name__ == "__main__":
    print(workers())
