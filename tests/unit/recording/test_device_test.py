"""The device check: what it hears and sees is judged, and a test recording is played back and forgotten."""

import pytest

from app.contract import Track
from app.core.notices import Topic
from app.core.recording.signal_quality import Advice, Sound
from app.core.session.actions import Begin, CheckDevices, ChooseDevice, Rehearse
from app.recording.device_test import REHEARSAL_S
from tests.support.fakes import settle
from tests.support.sitting import SPOKEN, sitting

pytestmark = pytest.mark.anyio


async def test_test_recording_is_played_back_and_neither_kept_nor_sent():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices(), Rehearse())
        assert desk.view.rehearsal.left_s == REHEARSAL_S
        recorder = desk.studio.recorders[Track.VIDEO]
        for content in (b"one, ", b"", b"two"):
            recorder.give(content)
        await desk.clock.advance(REHEARSAL_S)

        assert desk.view.rehearsal.left_s is None
        assert desk.playback.live == {desk.view.rehearsal.url: b"one, two"}
        assert (recorder.is_closed, desk.journal.is_empty, desk.store.uploads) == (True, True, {})

        await desk.wish(Begin())
        assert (desk.playback.live, desk.view.rehearsal.url) == ({}, "")


async def test_second_press_ends_the_test_recording():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices(), Rehearse())
        desk.studio.recorders[Track.VIDEO].give(b"one")
        await desk.wish(Rehearse())

        assert list(desk.playback.live.values()) == [b"one"]


async def test_row_30_without_a_level_nobody_is_told_that_they_are_not_heard():
    async with sitting(SPOKEN) as desk:
        desk.studio.heard = None
        await desk.wish(CheckDevices())
        await desk.clock.advance(20)

        assert desk.view.advice == frozenset()
        assert desk.view.levels[-1] is None


async def test_format_that_gives_nothing_in_a_test_recording_is_not_asked_for_again():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices(), Rehearse())
        await desk.clock.advance(REHEARSAL_S)

        assert desk.studio.refused == [Track.VIDEO]
        assert desk.view.topics == {Topic.NOTHING_RECORDED}


async def test_test_recording_of_nothing_is_told():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices(), Rehearse(), Rehearse())

        assert (Topic.NOTHING_RECORDED in desk.view.topics, desk.view.rehearsal.url) == (True, "")
        await desk.wish(Rehearse())
        assert Topic.NOTHING_RECORDED not in desk.view.topics


async def test_device_lost_during_the_test_plays_what_there_is():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices(), Rehearse())
        desk.studio.recorders[Track.VIDEO].give(b"one")
        desk.studio.recorders[Track.VIDEO].lose()
        await settle()

        assert list(desk.playback.live.values()) == [b"one"]


async def test_another_camera_ends_the_test_recording_and_its_playback():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices(), Rehearse())
        desk.studio.recorders[Track.VIDEO].give(b"one")
        await desk.wish(Rehearse(), Rehearse(), ChooseDevice("camera", "camera-2"))

        assert all(recorder.is_closed for recorder in desk.studio.made)
        assert (desk.playback.live, desk.view.rehearsal.left_s) == ({}, None)


async def test_recorder_that_the_browser_refuses_is_told():
    async with sitting(SPOKEN) as desk:
        desk.studio.refused_tracks = {Track.VIDEO}
        await desk.wish(CheckDevices(), Rehearse())

        assert Topic.CANNOT_RECORD in desk.view.topics


async def test_leaving_in_the_middle_of_a_test_recording_ends_it():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices(), Rehearse())
        await desk.wish(Begin())

        assert desk.studio.made[0].is_closed
        assert desk.view.rehearsal.left_s is None


async def test_silence_and_darkness_are_told_and_taken_back():
    async with sitting(SPOKEN) as desk:
        desk.studio.heard, desk.studio.seen = Sound(), 0.05
        await desk.wish(CheckDevices())
        await desk.clock.advance(6)
        assert desk.view.advice == {Advice.SILENT, Advice.DARK}

        desk.studio.heard, desk.studio.seen = Sound(0.5, 0.5), 0.5
        await desk.clock.advance(2)
        assert desk.view.advice == frozenset()


async def test_device_that_is_busy_leaves_the_way_to_try_again():
    async with sitting(SPOKEN) as desk:
        await desk.wish(CheckDevices())
        desk.studio.refusal = Topic.DEVICE_BUSY
        await desk.wish(ChooseDevice("camera", "camera-2"))

        assert Topic.DEVICE_BUSY in desk.view.topics
        assert desk.view.devices is not None
        assert not desk.view.devices.is_open
