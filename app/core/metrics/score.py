"""Score a session's uploads, and say what follows for the next answer. docs/EFFICIENCY.md explains both to users."""

from collections.abc import Iterator

from app.contract.efficiency import Advice, Efficiency

# How much each share weighs in the score; together 100.
OVERLAP_POINTS = 40  # share of the recording that was stored before Stop
PROMPT_POINTS = 30  # 1 / (1 + wait after the last Stop / HALF_S)
THRIFT_POINTS = 20  # share of the sent bytes that was sent once
RECOVERY_POINTS = 10  # share of the failed commands that succeeded later
HALF_S = 10.0  # after this wait, half of PROMPT_POINTS is left

BACKLOG_S = 4.0  # of recording; a smaller backlog is not the uplink's fault, as parts wait for round trips, too
SPARE = 1.5  # an uplink that is this many times faster than the recording carries a higher rung
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
    if report.bytes_per_second and report.recorded_s:
        needed = report.recorded / report.recorded_s  # bytes per second that the recordings took
        if report.bytes_per_second < needed and report.peak_backlog > BACKLOG_S * needed:
            yield Advice.SMALLER_VIDEO
        elif report.bytes_per_second > SPARE * needed:
            yield Advice.LARGER_VIDEO
    tries = sum(report.retries.values())
    if report.retried >= FEW and tries > TRIES_A_COMMAND * report.retried:
        yield Advice.PATIENT_RETRIES
