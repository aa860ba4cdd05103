"""Preparing, recording, stopping, playing back and giving up takes."""

import pytest

from app.contract import Track
from app.core.notices import Topic
from app.core.session.actions import Begin, GoTo, Record, Retake, Stop
from app.core.session.answers import Phase
from app.core.upload.progress import TrackState
from tests.support.fake_store import key_of, video
from tests.support.held import settle
from tests.support.sitting import BOTH_TRACKS, PREPARED, SPOKEN, WRITTEN, sitting

pytestmark = pytest.mark.anyio


async def test_answer_is_stored_while_it_is_given():
    async with sitting() as desk:
        await desk.record("q1", b"x" * 25)
        assert desk.phase("q1") is Phase.RECORDING
        assert desk.view.track().state is TrackState.RECORDING
        assert desk.view.figures.acknowledged == 20
        await desk.action(Stop("q1"))
        assert desk.phase("q1") is Phase.TAKEN
        assert desk.store.objects == {key_of(video("q1")): b"x" * 25}
        assert desk.view.figures.is_safe


async def test_last_chunks_are_kept_before_the_take_is_done():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"abc")
        recorder.ends_itself = False
        await desk.action(Stop("q1"))
        assert (recorder.is_stopped, desk.phase("q1")) == (True, Phase.FINISHING)
        recorder.give(b"def")
        recorder.end()
        await settle()
        assert desk.phase("q1") is Phase.TAKEN
        assert desk.store.objects == {key_of(video("q1")): b"abcdef"}
        assert recorder.is_closed


async def test_empty_chunks_are_passed_over():
    async with sitting() as desk:
        recorder = await desk.record("q1")
        for content in (b"", b"ab", b"", b"c"):
            recorder.give(content)
        await desk.action(Stop("q1"))
        assert desk.store.objects == {key_of(video("q1")): b"abc"}


async def test_chunk_of_many_parts_arrives_whole():
    content = bytes(range(256)) * 8
    async with sitting() as desk:
        desk.store.part_bytes = 100
        await desk.answer("q1", content)
        assert desk.store.objects == {key_of(video("q1")): content}


async def test_nothing_recorded_is_said_and_costs_no_take():
    async with sitting() as desk:
        await desk.record("q1")
        await desk.action(Stop("q1"))
        assert desk.view.notices.keys() == {(Topic.NOTHING_RECORDED, "q1")}
        assert (desk.phase("q1"), desk.shown("q1").takes_left) == (Phase.READY, 2)
        assert (desk.store.objects, desk.store.uploads, desk.journal.is_empty) == ({}, {}, True)

        await desk.answer("q1", b"now")
        assert desk.view.notices == {}
        assert desk.store.objects == {key_of(video("q1")): b"now"}


async def test_bad_input_11_recording_stops_at_the_limit():
    async with sitting() as desk:
        await desk.speak(await desk.record("q1", b"abc"), 58)
        assert desk.phase("q1") is Phase.RECORDING
        assert desk.view.clocks["q1"] == pytest.approx((59, 1), abs=0.3)
        await desk.clock.advance(1.1)
        assert desk.phase("q1") is Phase.TAKEN
        record = next(iter(desk.journal.answers.values())).record
        assert record.tracks[Track.VIDEO].duration_s == pytest.approx(60, abs=0.01)
        assert not record.tracks[Track.VIDEO].interrupted


async def test_only_one_recording_at_a_time():
    async with sitting(SPOKEN, BOTH_TRACKS) as desk:
        await desk.record("q1", b"abc")
        await desk.action(Record("q3"), Record("q1"), GoTo("q3"))
        assert len(desk.media_devices.made) == 1
        assert desk.view.question == "q1"


async def test_second_answer_is_recorded_while_the_first_uploads():
    async with sitting(SPOKEN, BOTH_TRACKS) as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"x" * 30)
        await desk.record("q3", b"y" * 30)
        assert desk.phase("q3") is Phase.RECORDING
        order = []
        for _ in range(6):
            send = await desk.transport.next_send()
            order.append(send.content[:1])
            send.acknowledge()
        assert order == [b"x"] * 3 + [b"y"] * 3


async def test_preparation_runs_before_the_recording():
    async with sitting(PREPARED) as desk:
        await desk.action(Record("q4"))
        assert (desk.phase("q4"), desk.media_devices.made) == (Phase.PREPARING, [])
        await desk.clock.advance(29)
        assert desk.view.clocks["q4"] == pytest.approx((29, 1), abs=0.3)
        await desk.clock.advance(1.1)
        assert (desk.phase("q4"), len(desk.media_devices.made)) == (Phase.RECORDING, 1)


async def test_preparation_may_be_cut_short():
    async with sitting(PREPARED) as desk:
        await desk.action(Record("q4"))
        await desk.action(Record("q4"))
        assert desk.phase("q4") is Phase.RECORDING
        await desk.speak(desk.media_devices.recorders[Track.AUDIO], 31)
        assert len(desk.media_devices.made) == 1


async def test_going_elsewhere_ends_the_preparation():
    async with sitting(PREPARED, WRITTEN) as desk:
        await desk.action(Begin(), Record("q4"), GoTo("q2"))
        await desk.clock.advance(60)
        assert (desk.phase("q4"), desk.shown("q4").takes_left, desk.media_devices.made) == (Phase.READY, 3, [])


async def test_take_may_be_played_back_and_is_let_go_once_another_one_counts():
    async with sitting() as desk:
        await desk.answer("q1", b"abc")
        (url,) = desk.view.playback["q1"].values()
        assert desk.playback.live == {url: b"abc"}
        await desk.action(Retake("q1"))
        assert desk.view.playback["q1"] == {}
        await desk.record("q1", b"def")
        assert desk.playback.live == {}


async def test_next_take_aborts_what_runs_of_the_discarded_one_and_is_another_object():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.answer("q1", b"first")
        send = await desk.transport.next_send()
        await desk.action(Retake("q1"))
        assert (desk.phase("q1"), desk.shown("q1").take, desk.shown("q1").takes_left) == (Phase.READY, 2, 1)
        assert not send.is_cancelled

        desk.transport.holds_parts = False
        await desk.answer("q1", b"second")
        assert send.is_cancelled
        assert (desk.store.uploads, desk.journal.is_empty) == ({}, True)
        assert desk.store.objects == {key_of(video("q1", 2)): b"second"}
        assert desk.shown("q1").takes_left == 0


async def test_last_take_is_kept():
    async with sitting() as desk:
        await desk.answer("q1", b"first")
        await desk.action(Retake("q1"))
        await desk.answer("q1", b"second")
        await desk.action(Retake("q1"), Record("q1"))
        assert (desk.phase("q1"), desk.shown("q1").take, len(desk.media_devices.made)) == (Phase.TAKEN, 2, 2)


async def test_late_click_on_retake_does_not_throw_the_running_recording_away():
    async with sitting() as desk:
        await desk.record("q1", b"abc")
        await desk.action(Retake("q1"))
        assert desk.phase("q1") is Phase.RECORDING
        await desk.action(Stop("q1"))
        assert desk.store.objects == {key_of(video("q1")): b"abc"}


# The page's storage is full.


async def test_full_storage_ends_no_recording_and_is_told():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"x" * 20)
        desk.journal.room = 0
        recorder.give(b"kept in memory")
        await settle()
        assert not recorder.is_stopped
        assert Topic.JOURNAL_FULL in desk.view.topics

        await desk.action(Stop("q1"))
        assert desk.store.objects == {key_of(video("q1")): b"x" * 20 + b"kept in memory"}


async def test_full_storage_from_the_start_ends_no_recording_either():
    async with sitting() as desk:
        desk.journal.room = 0
        await desk.answer("q1", b"all of it")
        assert desk.store.objects == {key_of(video("q1")): b"all of it"}
        assert desk.journal.is_empty, "what the bucket has still fills the disk"


async def test_next_right_behind_stop_is_followed_once_the_take_is_whole():
    async with sitting(SPOKEN, WRITTEN) as desk:
        recorder = await desk.record("q1", b"abc")
        recorder.ends_itself = False
        await desk.action(Stop("q1"), GoTo("q2"))
        assert desk.view.question == "q1"
        recorder.end()
        await settle()
        assert desk.phase("q1") is Phase.TAKEN
        assert desk.view.question == "q2"
