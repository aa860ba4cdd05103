"""Score a session's uploads, and say what follows for the next answer. docs/EFFICIENCY.md explains both to users."""

from collections.abc import Iterator

from app.contract import Layout, Track
from app.contract.efficiency import Advice, Efficiency, UploadEfficiency

# How much each share weighs in the score; together 100.
OVERLAP_POINTS = 40  # share of the recording that was stored before Stop
PROMPT_POINTS = 30  # 1 / (1 + wait after the last Stop / HALF_S)
THRIFT_POINTS = 20  # share of the sent bytes that was sent once
RECOVERY_POINTS = 10  # share of the failed commands that succeeded later
HALF_S = 10.0  # after this wait, half of PROMPT_POINTS is left

BACKLOG_S = 4.0  # of recording; less that is left at Stop is not the uplink's fault: parts wait for round trips, too
THINNED_SHARE = 0.25  # of a recording; a shorter lack of frames was a passing one
PROMPT_S = 2.0  # after Stop; who waits less than this has an uplink that carries the recording
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
    """Return what follows for the next answer: its picture from the last take, the retries from the whole session."""
    return tuple(_advice(report))


def _advice(report: Efficiency) -> Iterator[Advice]:
    take = _last_take(report)
    if take:
        picture = _picture(take, is_streamed=report.layout is Layout.STREAM)
        if picture is not None:
            yield picture
    tries = sum(report.retries.values())
    if report.retried >= FEW and tries > TRIES_A_COMMAND * report.retried:
        yield Advice.PATIENT_RETRIES


def judged_take(report: Efficiency) -> tuple[str, int] | None:
    """Return question and take by which the next picture is judged: the last one that has a recorded picture."""
    filmed = [one for one in _recorded(report) if one.track is Track.VIDEO]
    return (filmed[-1].question, filmed[-1].take) if filmed else None


def _last_take(report: Efficiency) -> list[UploadEfficiency]:
    judged = judged_take(report)
    return [one for one in _recorded(report) if (one.question, one.take) == judged]


def _recorded(report: Efficiency) -> list[UploadEfficiency]:
    """Return what was recorded here: of a chosen file, nothing follows for a recording."""
    return [one for one in report.uploads if not one.is_prepared and one.size and one.duration_s]


def _picture(take: list[UploadEfficiency], *, is_streamed: bool) -> Advice | None:
    """Return what the tracks of one take say about the next picture. A stream is as fast as its recording."""
    duration_s = max(one.duration_s for one in take)
    size, sending_s = sum(one.size for one in take), max(one.sending_s for one in take)
    needed, thinned_s = size / duration_s, max(one.thinned_s for one in take)
    speed = sum(one.sent for one in take) / sending_s if sending_s and not is_streamed else None
    stored = [one.stored_at_stop * one.size for one in take if one.stored_at_stop is not None]
    left_s = (size - sum(stored)) / needed if len(stored) == len(take) else 0.0
    if thinned_s > THINNED_SHARE * duration_s or (speed is not None and speed < needed and left_s > BACKLOG_S):
        return Advice.SMALLER_VIDEO
    waits = [one.wait_s for one in take if one.wait_s is not None]
    is_prompt = len(waits) == len(take) and max(waits) < PROMPT_S
    if not thinned_s and (is_prompt or (speed is not None and speed > SPARE * needed)):
        return Advice.LARGER_VIDEO
    return None
