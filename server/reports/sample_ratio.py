"""Sample ratio: did the arms get the sessions that the flag had planned for them?

Fabijan et al., "Diagnosing Sample Ratio Mismatch in Online Controlled Experiments" (KDD 2019): a skewed split means
that an arm loses sessions, and then what is left of it must not be compared. Such checks commonly use p < 0.001.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from scipy.special import chdtrc

SKEWED_BELOW = 0.001  # of p
_LEAST_EXPECTED = 5  # sessions in every arm; below, chi-square's distribution is not the test's


@dataclass(frozen=True, slots=True)
class SampleRatio:
    observed: Mapping[str, int]
    expected: Mapping[str, float]  # sum over sessions of the shares that were planned when each began
    p: float | None  # None: too few sessions, or no split was planned

    @property
    def is_as_planned(self) -> bool:
        return self.p is None or self.p >= SKEWED_BELOW


def check_ratio(observed: Mapping[str, int], shares: Mapping[str, float]) -> SampleRatio:
    """Compare sessions by arm with the sums of planned shares.

    Sessions of different plans (a ramp) are pooled: their counts vary less than chi-square takes them to, so that a
    good split is suspected rather less often than 1 in 1,000. A session in an arm of planned share 0 is a skew.
    """
    counted, planned = sum(observed.values()), sum(shares.values())
    if not planned or not counted:
        return SampleRatio(observed, {}, None)
    expected = {arm: share * counted / planned for arm, share in sorted(shares.items())}
    p = _p_value({arm: observed.get(arm, 0) for arm in expected | dict(observed)}, expected)
    return SampleRatio(observed, expected, p)


def _p_value(observed: Mapping[str, int], expected: Mapping[str, float]) -> float | None:
    if any(count and not expected.get(arm) for arm, count in observed.items()):
        return 0.0
    possible = {arm: count for arm, count in expected.items() if count}
    if len(possible) < 2 or min(possible.values()) < _LEAST_EXPECTED:
        return None
    chi_square = sum((observed[arm] - count) ** 2 / count for arm, count in possible.items())
    return float(chdtrc(len(possible) - 1, chi_square))
