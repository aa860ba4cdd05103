"""What is compared between arms: a table of metrics, each in SQL over one session's row."""

from dataclasses import dataclass
from enum import StrEnum

from app.contract.efficiency import Step

SHORTEST_WAIT_S = 0.05  # nobody notices a shorter one, and a logarithm needs more than 0
SEEN_POWER = 0.8  # the chance with which a minimum detectable effect is found


class Scale(StrEnum):
    RELATIVE = "relative"  # mean of logarithms: differences are ratios, in percent
    SHARE = "share"  # a share between 0 and 1: differences are in percentage points


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    title: str
    scale: Scale
    numerator: str  # SQL; summed over sessions
    condition: str  # SQL; which sessions count
    margin: float  # a smaller difference does not matter: 0.05 is 5 %, or 5 points of a share
    denominator: str = "1"  # SQL; summed over sessions. The metric is sum/sum
    more: str = "higher"
    less: str = "lower"


# Waits and sizes are heavy-tailed: one candidate behind a dead link waits a thousand times as long as the others, and
# a plain mean is about that one. A mean of logarithms (the geometric mean) is about everybody, its differences are
# ratios, and nothing has to be cut off. What it hides, the tail, stands beside it as the 95th percentile.
METRICS = (
    Metric(
        "wait",
        "Wait after Stop",
        Scale.RELATIVE,
        numerator=f"ln(greatest(wait_s, {SHORTEST_WAIT_S}))",
        condition="wait_s IS NOT NULL",
        margin=0.05,
        more="longer",
        less="shorter",
    ),
    Metric(
        "total",
        "Total time",
        Scale.RELATIVE,
        numerator="ln(total_s / recorded_s)",
        condition="total_s > 0 AND recorded_s > 0",
        margin=0.05,
        more="longer",
        less="shorter",
    ),
    Metric(
        "failures",
        "Failures",
        Scale.SHARE,
        numerator="(failed > 0 OR NOT is_submitted)::INTEGER",
        condition="recorded > 0",
        margin=0.01,
    ),
    Metric(
        "recovered",
        "Retries that succeeded",
        Scale.SHARE,
        numerator="least(recovered, retried)",
        denominator="retried",
        condition="retried > 0",
        margin=0.05,
    ),
    Metric(
        "sent_twice",
        "Bytes sent twice",
        Scale.SHARE,
        numerator="least(sent_twice, sent)::DOUBLE",
        denominator="sent::DOUBLE",
        condition="sent > 0",
        margin=0.01,
    ),
    Metric(
        "memory",
        "Peak memory",
        Scale.RELATIVE,
        numerator="ln(peak_memory)",
        condition="peak_memory > 0",
        margin=0.05,
        more="larger",
        less="smaller",
    ),
    Metric(
        "abandoned",
        "Abandoned",
        Scale.SHARE,
        numerator="(NOT is_submitted)::INTEGER",
        condition="true",
        margin=0.02,
    ),
)
STEPS = tuple(Step)
