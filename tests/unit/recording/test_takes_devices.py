"""Takes whose devices or recorders fail: what is kept, what is said, what costs a take."""

import pytest

from app.contract import Track
from app.core.notices import Notice, Topic
from app.core.session.actions import CheckDevices, Record, Retake, Stop
from app.core.session.answers import COUNTS_FROM_S, Phase
from app.recording.take import FIRST_BYTE_S, LOST_S, TRIES
from tests.support.fake_store import audio, key_of, video
from tests.support.held import settle
from tests.support.sitting import BOTH_TRACKS, PREPARED, sitting

pytestmark = pytest.mark.anyio


async def test_device_that_is_lost_keeps_what_there_is():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"abc")
        await desk.speak(recorder, 40)
        await desk.clock.advance(1)
        recorder.give(b"def")
        recorder.lose()
        await settle()
        assert desk.phase("q1") is Phase.TAKEN
        notice = desk.view.notices[Topic.DEVICE_LOST, "q1"]
        assert notice.elapsed_s == pytest.approx(42, abs=0.3)
        assert desk.store.objects == {key_of(video("q1")): b"abc" + b"x" * 40 + b"def"}
        assert desk.journal.answers["q1"].record.tracks[Track.VIDEO].interrupted
        assert not desk.media_devices.is_open


async def test_device_that_is_lost_before_anything_was_recorded_leaves_nothing():
    async with sitting() as desk:
        (await desk.record("q1")).lose()
        await settle()
        assert desk.view.topics == {Topic.DEVICE_LOST}, "one thing is said"
        assert desk.view.notices[Topic.DEVICE_LOST, "q1"].elapsed_s is None, "nothing is kept"
        assert (desk.phase("q1"), desk.store.uploads) == (Phase.READY, {})


@pytest.mark.parametrize("action", [CheckDevices(), Retake("q1")])
async def test_lost_device_is_spoken_of_until_it_is_there_again_or_the_take_is_given_up(action):
    async with sitting() as desk:
        (await desk.record("q1", b"abc")).lose()
        await settle()
        assert (Topic.DEVICE_LOST, "q1") in desk.view.notices
        await desk.action(action)
        assert (Topic.DEVICE_LOST, "q1") not in desk.view.notices


async def test_format_that_gives_nothing_is_followed_by_the_next_and_the_clock_begins_anew():
    async with sitting() as desk:
        barren = await desk.record("q1")
        await desk.clock.advance(FIRST_BYTE_S - COUNTS_FROM_S)
        assert barren.is_closed
        assert desk.media_devices.refused == [Track.VIDEO]
        assert desk.view.topics == {Topic.BEGUN_ANEW}
        assert desk.view.clocks["q1"] == pytest.approx((0, 60), abs=0.3)
        await desk.speak(desk.media_devices.recorders[Track.VIDEO], 5)
        await desk.action(Stop("q1"))
        assert (desk.phase("q1"), desk.view.topics) == (Phase.TAKEN, set())
        assert desk.store.objects == {key_of(video("q1")): b"x" * 5}
        record = desk.journal.answers["q1"].record.tracks[Track.VIDEO]
        assert record.duration_s == pytest.approx(5, abs=0.3)
        assert not record.interrupted


async def test_recording_that_is_stopped_just_after_another_format_was_begun_is_not_called_too_short():
    async with sitting() as desk:
        await desk.record("q1")
        await desk.clock.advance(FIRST_BYTE_S)
        assert desk.view.topics == {Topic.BEGUN_ANEW}
        await desk.action(Stop("q1"))
        assert (desk.phase("q1"), desk.view.topics) == (Phase.READY, {Topic.NOTHING_RECORDED})


async def test_formats_that_all_give_nothing_end_in_one_true_sentence_and_cost_no_take():
    async with sitting() as desk:
        await desk.record("q1")
        await desk.clock.advance(FIRST_BYTE_S * 2**TRIES)
        assert desk.view.notices == {(Topic.NOTHING_COMES, "q1"): Notice(Topic.NOTHING_COMES, "q1")}
        assert len(desk.media_devices.made) == TRIES
        assert (desk.phase("q1"), desk.shown("q1").takes_left) == (Phase.READY, 2)
        assert (desk.store.objects, desk.store.uploads, desk.journal.is_empty) == ({}, {}, True)

        await desk.action(CheckDevices())
        assert desk.view.topics == set(), "it may work now"
        await desk.answer("q1", b"now")
        assert (desk.view.topics, desk.store.objects) == (set(), {key_of(video("q1")): b"now"})


async def test_recorder_that_breaks_is_not_called_a_lost_device_and_what_is_kept_is_said_truly():
    async with sitting() as desk:
        await desk.speak(await desk.record("q1", b"abc"), 7)
        await desk.clock.advance(LOST_S)
        assert desk.view.topics == {Topic.RECORDING_BROKE}
        assert desk.view.notices[Topic.RECORDING_BROKE, "q1"].elapsed_s == pytest.approx(COUNTS_FROM_S + 7, abs=0.3)
        assert desk.phase("q1") is Phase.TAKEN


async def test_row_40_picture_that_may_stop_is_told_until_the_take_is_given_up():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"abc")
        recorder.has_turned = True
        await desk.clock.advance(1)
        assert desk.view.topics == {Topic.PICTURE_TURNED}
        await desk.action(Stop("q1"))
        assert desk.view.topics == {Topic.PICTURE_TURNED}
        await desk.action(Retake("q1"))
        assert desk.view.topics == set()


async def test_two_tracks_end_together_when_one_is_lost():
    async with sitting(BOTH_TRACKS) as desk:
        picture = await desk.record("q3", b"video")
        sound = desk.media_devices.recorders[Track.AUDIO]
        sound.give(b"audio")
        await settle()
        picture.lose()
        await settle()
        assert sound.is_stopped
        assert desk.store.objects == {key_of(video("q3")): b"video", key_of(audio("q3")): b"audio"}


async def test_empty_track_keeps_the_other():
    async with sitting(BOTH_TRACKS) as desk:
        await desk.answer("q3", b"video")
        assert desk.phase("q3") is Phase.TAKEN
        assert desk.store.objects == {key_of(video("q3")): b"video"}
        assert desk.view.figures.is_safe
        assert desk.journal.answers["q3"].record.tracks.keys() == {Track.VIDEO}


@pytest.mark.parametrize("topic", [Topic.PERMISSION_DENIED, Topic.NO_DEVICE, Topic.DEVICE_BUSY])
async def test_devices_that_cannot_be_had_are_named_and_may_be_tried_again(topic):
    async with sitting() as desk:
        desk.media_devices.refusal = topic
        await desk.action(Record("q1"))
        assert (desk.view.topics, desk.phase("q1")) == ({topic}, Phase.READY)
        desk.media_devices.refusal = None
        await desk.action(Record("q1"))
        assert (desk.view.topics, desk.phase("q1")) == (set(), Phase.RECORDING)


async def test_track_that_cannot_be_recorded_starts_nothing():
    async with sitting(BOTH_TRACKS) as desk:
        desk.media_devices.refused_tracks = {Track.AUDIO}
        await desk.action(Record("q3"))
        assert (desk.view.topics, desk.phase("q3")) == ({Topic.CANNOT_RECORD}, Phase.READY)
        assert all(recorder.is_closed for recorder in desk.media_devices.made)


async def test_devices_lost_during_the_preparation_leave_the_take_to_be_begun_again():
    async with sitting(PREPARED) as desk:
        await desk.action(Record("q4"))
        desk.media_devices.close()
        await desk.clock.advance(31)
        assert (desk.phase("q4"), desk.view.topics) == (Phase.READY, {Topic.CANNOT_RECORD})
        await desk.action(Record("q4"))
        await desk.action(Record("q4"))
        assert desk.phase("q4") is Phase.RECORDING
