"""Intervals that stay true however often one looks: asymptotic confidence sequences.

Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences",
arXiv 2103.06476, Theorem 2.2; the mixture is that of Robbins (1970) and of Howard, Ramdas, McAuliffe, Sekhon (2021),
arXiv 1810.08240. Used in this form for differences between arms by Maharaj et al. (2023), arXiv 2302.10108.
A fixed interval that is looked at 50 times finds a difference between equal arms in about a third of all experiments.
"""

import math
from statistics import NormalDist

ERROR = 0.05  # the chance that an interval is ever wrong, over all looks
TIGHTEST_AT = (
    1_000  # sessions; must be chosen before the data. 100 times more or fewer cost a quarter to a half of width
)
MOST_SESSIONS = 10**9


def _rho_squared() -> float:
    """Return the mixture's variance that makes the interval tightest at TIGHTEST_AT (the paper's appendix on rho)."""
    log = -2 * math.log(ERROR)
    return (log + math.log(log) + 1) / TIGHTEST_AT


def half_width(standard_error: float, sessions: int) -> float:
    """Return half the width of the interval, in the unit of `standard_error`, at this number of sessions of both arms.

    The paper's σ²/t is the squared standard error of the estimate.
    """
    scaled = sessions * _rho_squared()
    return standard_error * math.sqrt(2 * (scaled + 1) / scaled * math.log(math.sqrt(scaled + 1) / ERROR))


def detectable(standard_error: float, sessions: int, power: float) -> float:
    """Return the difference whose interval leaves out zero with this chance, at this number of sessions."""
    return half_width(standard_error, sessions) + NormalDist().inv_cdf(power) * standard_error


def needed(standard_error: float, sessions: int, width: float) -> int:
    """Return at how many sessions, split as now, half the interval's width shrinks to `width`."""
    low, high = 2, MOST_SESSIONS
    while low < high:
        middle = (low + high) // 2
        if half_width(standard_error * math.sqrt(sessions / middle), middle) <= width:
            high = middle
        else:
            low = middle + 1
    return low
