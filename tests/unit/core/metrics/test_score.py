"""The score of a session, and what follows from its figures for the next answer."""

import pytest

from app.contract import Layout
from app.contract.efficiency import Advice, Efficiency, UploadEfficiency
from app.contract.reasons import Reason
from app.core.metrics.score import advice, judged_take, score


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


def take(*, size: int = 900_000, **changes: object) -> UploadEfficiency:
    """Return ten seconds of video, of which half was stored at Stop, and the rest five seconds later."""
    figures = {"stored_at_stop": 0.5, "wait_s": 5.0}
    return upload("video", size).model_copy(update=figures | changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sent": 890_000}, (Advice.SMALLER_VIDEO,)),  # sent more slowly than recorded, and five seconds were left
        ({"sent": 890_000, "stored_at_stop": 0.7}, ()),  # three were: parts wait for round trips, too
        ({"sent": 1_000_000}, ()),
        ({"thinned_s": 2.6}, (Advice.SMALLER_VIDEO,)),
        ({"thinned_s": 2.4, "wait_s": 0.5}, ()),  # a passing lack, but no reason for more
        ({"wait_s": 1.9}, (Advice.LARGER_VIDEO,)),
        ({"sending_s": 6.0}, (Advice.LARGER_VIDEO,)),  # one and a half times as fast as recorded
        ({"stored_at_stop": None, "wait_s": None, "sent": 890_000}, ()),  # nothing is known of its end
    ],
)
def test_the_next_picture_follows_from_the_last_take(changes, expected):
    assert advice(of(uploads=(take(**changes),))) == expected


def test_a_stream_is_as_fast_as_its_recording_so_only_its_wait_counts():
    fast, waited = take(sending_s=5.0), take(sending_s=5.0, wait_s=0.5)
    assert advice(of(layout=Layout.STREAM, uploads=(fast,))) == ()
    assert advice(of(layout=Layout.STREAM, uploads=(waited,))) == (Advice.LARGER_VIDEO,)


def test_earlier_takes_and_chosen_files_say_nothing_about_the_next_picture():
    slow, quick = take(sent=890_000), take(wait_s=0.5).model_copy(update={"question": "q2"})
    chosen = take(sent=890_000, question="q3", is_prepared=True)
    assert advice(of(uploads=(slow, quick, chosen))) == (Advice.LARGER_VIDEO,)


def test_sound_alone_says_nothing_about_the_next_picture():
    slow, sound = take(sent=890_000), upload("audio", 100_000).model_copy(update={"question": "q2", "wait_s": 0.0})
    assert advice(of(uploads=(slow, sound))) == (Advice.SMALLER_VIDEO,)
    assert judged_take(of(uploads=(slow, sound))) == ("q", 1)
    assert judged_take(of(uploads=(sound,))) is None


def test_the_tracks_of_a_take_count_together():
    sound = upload("audio", 100_000).model_copy(update={"stored_at_stop": 1.0, "wait_s": 0.0})
    assert advice(of(uploads=(take(wait_s=1.0), sound))) == (Advice.LARGER_VIDEO,)
    assert advice(of(uploads=(take(), sound.model_copy(update={"wait_s": None})))) == ()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"retried": 3, "retries": {Reason.BUSY: 10}}, (Advice.PATIENT_RETRIES,)),
        ({"retried": 3, "retries": {Reason.BUSY: 9}}, ()),
        ({"retried": 2, "retries": {Reason.BUSY: 90}}, ()),
    ],
)
def test_retries_that_fail_one_after_the_other_ask_for_patience(changes, expected):
    assert advice(of(**changes)) == expected
