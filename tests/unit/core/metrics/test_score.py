"""The score of a session, and what follows from its figures for the next answer."""

import pytest

from app.contract import Layout
from app.contract.efficiency import Advice, Efficiency, UploadEfficiency
from app.contract.reasons import Reason
from app.core.metrics.score import advice, score


def upload(track: str, size: int) -> UploadEfficiency:
    """Return one of two tracks of the same ten seconds."""
    figures = {"size": size, "duration_s": 10.0, "sent": size, "sent_twice": 0, "sending_s": 10.0, "queued_s": 0.0}
    return UploadEfficiency.model_validate(figures | {"question": "q", "take": 1, "track": track, "stage": "completed"})


PICTURE, SOUND = upload("video", 900_000), upload("audio", 100_000)
GOOD = Efficiency(
    mode="progressive",
    step="submitted",
    questions=1,
    answered=1,
    open_s=100.0,
    recorded=1_000_000,
    recorded_s=10.0,
    sent=1_000_000,
    overlap=1.0,
    wait_s=0.0,
    uploads=(PICTURE, SOUND),
)


def of(**changes: object) -> Efficiency:
    return GOOD.model_copy(update=changes)


@pytest.mark.parametrize(
    ("changes", "points"),
    [
        ({}, 100),
        ({"overlap": 0.0}, 60),
        ({"wait_s": 10.0}, 85),
        ({"wait_s": None}, 70),  # something is not stored yet
        ({"sent_twice": 500_000}, 90),
        ({"retried": 4, "recovered": 1}, 92),
        ({"overlap": None, "wait_s": None, "sent": 0}, 30),
        ({"recorded": 0}, None),
    ],
)
def test_score_loses_points_for_what_a_candidate_notices(changes, points):
    assert score(of(**changes)) == points


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"bytes_per_second": 99_000, "peak_backlog": 500_000}, (Advice.SMALLER_VIDEO,)),
        ({"bytes_per_second": 99_000, "peak_backlog": 300_000}, ()),  # waits for round trips, not for the uplink
        ({"bytes_per_second": 120_000}, ()),
        ({"bytes_per_second": 151_000}, (Advice.LARGER_VIDEO,)),
        ({"bytes_per_second": 151_000, "layout": Layout.STREAM}, ()),  # as fast as it was recorded
        ({"bytes_per_second": None}, ()),
        ({"retried": 3, "retries": {Reason.BUSY: 10}}, (Advice.PATIENT_RETRIES,)),
        ({"retried": 3, "retries": {Reason.BUSY: 9}}, ()),
        ({"retried": 2, "retries": {Reason.BUSY: 90}}, ()),
    ],
)
def test_advice_follows_from_the_figures(changes, expected):
    assert advice(of(**changes)) == expected
