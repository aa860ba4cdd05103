"""What befalls the network, and when: the same for every page, since it depends on the clock and a seed alone. Pure.

Kind to a page that sends large pieces: nothing stalls for ever and no bit is flipped, which it would not notice.
"""

import random
from dataclasses import dataclass
from enum import StrEnum

OUTAGE_S = (5.0, 60.0)  # least and most
BUSY_S = (2.0, 20.0)
EVERY_S = 90.0  # one mishap, on average


class What(StrEnum):
    RESET = "reset"  # every connection that is open breaks
    OUTAGE = "outage"  # the same, and nothing answers for a while
    BUSY = "busy"  # signer and store answer 503


WEIGHTS = {What.RESET: 2, What.OUTAGE: 1, What.BUSY: 1}


@dataclass(frozen=True)
class Mishap:
    """Times in seconds of life, from the first Record on."""

    what: What
    at_s: float
    lasts_s: float = 0.0

    @property
    def end_s(self) -> float:
        return self.at_s + self.lasts_s


def draw(seed: int, until_s: float, every_s: float = EVERY_S) -> tuple[Mishap, ...]:
    """Return a seed's mishaps, in order and one after the other; the pauses between them are those of chance."""
    randomness = random.Random(seed)
    drawn: list[Mishap] = []
    at_s = randomness.expovariate(1 / every_s)
    while at_s < until_s:
        [what] = randomness.choices([*WEIGHTS], [*WEIGHTS.values()])
        lasts_s = randomness.uniform(*{What.OUTAGE: OUTAGE_S, What.BUSY: BUSY_S}.get(what, (0.0, 0.0)))
        drawn.append(Mishap(what, at_s, lasts_s))
        at_s = drawn[-1].end_s + randomness.expovariate(1 / every_s)
    return tuple(drawn)
