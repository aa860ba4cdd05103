"""Score a session's uploads, and say what follows for the next answer. docs/EFFICIENCY.md explains both to users."""

from collections.abc import Iterator

from app.contract import Layout
from app.contract.efficiency import Advice, Efficiency

# How much each share weighs in the score; together 100.
OVERLAP_POINTS = 40  # share of the recording that was stored before Stop
PROMPT_POINTS = 30  # 1 / (1 + wait after the last Stop / HALF_S)
THRIFT_POINTS = 20  # share of the sent bytes that was sent once
RECOVERY_POINTS = 10  # share of the failed commands that succeeded later
HALF_S = 10.0  # after this wait, half of PROMPT_POINTS is left

BACKLOG_S = 4.0  # of recording; a smaller backlog is not the uplink's fault, as parts wait for round trips, too
SPARE = 1.5  # an uplink that is this many times faster than the recording carries a larger picture
FEW = 3  # failed commands; fewer tell nothing about the network
TRIES_A_COMMAND = 3  # more failed tries for each failed command: they follow each other too quickly


def score(report: Efficiency) -> int | None:
    """Return 0 to 100; None if nothing was recorded."""
    if not report.recorded:
        return None
    prompt = 0.0 if report.wait_s is None else 1 / (1 + report.wait_s / HALF_S)
    thrift = 1 - report.sent_twice / report.sent if report.sent else 1.0
    recovery = report.recovered / report.retried if report.retried else 1.0
    points = (
        OVERLAP_POINTS * (report.overlap or 0.0)
        + PROMPT_POINTS * prompt
        + THRIFT_POINTS * max(0.0, thrift)
        + RECOVERY_POINTS * recovery
    )
    return round(points)


def advice(report: Efficiency) -> tuple[Advice, ...]:
    return tuple(_advice(report))


def _advice(report: Efficiency) -> Iterator[Advice]:
    if report.bytes_per_second and (needed := _needed(report)) and report.layout is not Layout.STREAM:
        if report.bytes_per_second < needed and report.peak_backlog > BACKLOG_S * needed:
            yield Advice.SMALLER_VIDEO
        elif report.bytes_per_second > SPARE * needed:
            yield Advice.LARGER_VIDEO
    tries = sum(report.retries.values())
    if report.retried >= FEW and tries > TRIES_A_COMMAND * report.retried:
        yield Advice.PATIENT_RETRIES


def _needed(report: Efficiency) -> float:
    """Return the bytes per second that the takes took, their tracks together; 0 if there was none."""
    takes: dict[tuple[str, int], tuple[int, float]] = {}
    for one in report.uploads:
        if not one.is_prepared:
            size, duration_s = takes.get((one.question, one.take), (0, 0.0))
            takes[one.question, one.take] = size + one.size, max(duration_s, one.duration_s)
    recorded_s = sum(duration_s for _, duration_s in takes.values())
    return sum(size for size, _ in takes.values()) / recorded_s if recorded_s else 0.0
