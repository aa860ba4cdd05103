"""The computer sleeps while a candidate speaks: recording goes on afterwards, and the answer names the gap."""

import pytest

from app.contract import MAX_GAPS, AnswerRecord, Gap, Track
from app.core.notices import Topic
from app.core.recording.duration import GAP_S, Stopwatch
from app.core.session.actions import Stop
from app.core.session.answers import Phase
from tests.support.fake_store import document_of
from tests.support.sitting import Sitting, sitting

pytestmark = pytest.mark.anyio


def _gaps(desk: Sitting) -> tuple[Gap, ...]:
    return AnswerRecord.model_validate_json(desk.store.documents[document_of("q1")]).tracks[Track.VIDEO].gaps


def _sleep(desk: Sitting, duration_s: float, *, clock_stands_still: bool) -> None:
    """Let the whole computer sleep: no timer runs, and some browsers' clocks do not either."""
    if clock_stands_still:
        desk.clock.slept_s += duration_s
    else:
        desk.clock.time += duration_s


@pytest.mark.parametrize("clock_stands_still", [True, False])
async def test_recording_goes_on_after_a_sleep_and_the_answer_names_the_gap(clock_stands_still):
    async with sitting() as desk:
        recorder = await desk.record("q1", b"x")
        await desk.speak(recorder, 10)
        _sleep(desk, 3600, clock_stands_still=clock_stands_still)  # longer than the answer may be
        await desk.speak(recorder, 10)
        assert desk.phase("q1") is Phase.RECORDING
        elapsed_s, left_s = desk.view.clocks["q1"]
        assert 19 < elapsed_s <= 21
        assert 39 <= left_s < 41, "what the computer slept is not taken from the candidate's time"
        await desk.action(Stop("q1"))
        (gap,) = _gaps(desk)
        assert 10 < gap.at_s <= 11.5
        assert 3599 < gap.duration_s < 3602
        record = AnswerRecord.model_validate_json(desk.store.documents[document_of("q1")]).tracks[Track.VIDEO]
        assert 19 < record.duration_s <= 21.5
        assert not record.interrupted


async def test_recording_without_a_sleep_has_no_gap():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"x")
        await desk.speak(recorder, 20)
        await desk.action(Stop("q1"))
        assert _gaps(desk) == ()


async def test_gap_survives_a_reload():
    async with sitting() as desk:
        desk.signer.holding = {"complete"}
        recorder = await desk.record("q1", b"x")
        await desk.speak(recorder, 2)
        _sleep(desk, 60, clock_stands_still=True)
        await desk.speak(recorder, 2)
        await desk.action(Stop("q1"))
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert len(_gaps(again)) == 1


def test_page_that_is_only_slow_has_no_gap():
    watch = Stopwatch(0.0, 1000.0)
    for beat in range(1, 10):
        watch.beat(beat * (GAP_S - 0.1), 1000 + beat * (GAP_S - 0.1))
    assert watch.gaps == ()
    assert watch.elapsed_s == pytest.approx(9 * (GAP_S - 0.1))


def test_computers_clock_that_is_set_back_is_no_gap():
    watch = Stopwatch(0.0, 1000.0)
    watch.beat(1.0, 400.0)
    assert watch.gaps == ()
    assert watch.elapsed_s == 1.0


async def test_device_that_gives_nothing_is_told_within_a_second_and_taken_back():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"x")
        assert Topic.DEVICE_MUTED not in desk.view.topics
        recorder.has_no_signal = True
        await desk.clock.advance(1)
        assert (Topic.DEVICE_MUTED, "q1") in desk.view.notices
        recorder.has_no_signal = False
        await desk.clock.advance(1)
        assert Topic.DEVICE_MUTED not in desk.view.topics
        recorder.has_no_signal = True
        await desk.clock.advance(1)
        await desk.action(Stop("q1"))
        assert Topic.DEVICE_MUTED not in desk.view.topics, "nobody listens any more"


def test_gaps_without_a_second_between_them_are_one():
    stopwatch = Stopwatch(0, 0)
    for beat in range(1, 4):
        stopwatch.beat(60 * beat, 60 * beat)

    assert stopwatch.gaps == (Gap(at_s=0, duration_s=180),)


def test_a_record_holds_all_the_gaps_that_a_page_makes():
    stopwatch, now = Stopwatch(0, 0), 0.0
    for _ in range(MAX_GAPS + 1):
        for step in (GAP_S, 1.0):
            now += step
            stopwatch.beat(now, now)

    assert len(stopwatch.gaps) == MAX_GAPS
    assert sum(gap.duration_s for gap in stopwatch.gaps) == (MAX_GAPS + 1) * GAP_S
