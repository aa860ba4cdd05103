"""The device check: what it hears and sees is judged, and a test recording is played back and forgotten."""

import pytest

from app.contract import Track
from app.core.notices import Topic
from app.core.recording.signal_quality import Advice, Sound
from app.core.session.actions import Begin, CheckDevices, ChooseDevice, RunDeviceTest
from app.recording.device_test import SAMPLE_S
from tests.support.held import settle
from tests.support.sitting import SPOKEN, sitting

pytestmark = pytest.mark.anyio


async def test_test_recording_is_played_back_and_neither_kept_nor_sent():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest())
        assert desk.view.sample.left_s == SAMPLE_S
        recorder = desk.media_devices.recorders[Track.VIDEO]
        for content in (b"one, ", b"", b"two"):
            recorder.give(content)
        await desk.clock.advance(SAMPLE_S)

        assert desk.view.sample.left_s is None
        assert desk.playback.live == {desk.view.sample.url: b"one, two"}
        assert (recorder.is_closed, desk.journal.is_empty, desk.store.uploads) == (True, True, {})

        await desk.action(Begin())
        assert (desk.playback.live, desk.view.sample.url) == ({}, "")


async def test_second_press_ends_the_test_recording():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest())
        desk.media_devices.recorders[Track.VIDEO].give(b"one")
        await desk.action(RunDeviceTest())

        assert list(desk.playback.live.values()) == [b"one"]


async def test_row_30_without_a_level_nobody_is_told_that_they_are_not_heard():
    async with sitting(SPOKEN) as desk:
        desk.media_devices.heard = None
        await desk.action(CheckDevices())
        await desk.clock.advance(20)

        assert desk.view.advice == frozenset()
        assert desk.view.levels[-1] is None


async def test_format_that_gives_nothing_in_a_test_recording_is_not_asked_for_again():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest())
        await desk.clock.advance(SAMPLE_S)

        assert desk.media_devices.refused == [Track.VIDEO]
        assert desk.view.topics == {Topic.NOTHING_RECORDED}


async def test_test_recording_of_nothing_is_told():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest(), RunDeviceTest())

        assert (Topic.NOTHING_RECORDED in desk.view.topics, desk.view.sample.url) == (True, "")
        await desk.action(RunDeviceTest())
        assert Topic.NOTHING_RECORDED not in desk.view.topics


async def test_device_lost_during_the_test_plays_what_there_is():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest())
        desk.media_devices.recorders[Track.VIDEO].give(b"one")
        desk.media_devices.recorders[Track.VIDEO].lose()
        await settle()

        assert list(desk.playback.live.values()) == [b"one"]


async def test_another_camera_ends_the_test_recording_and_its_playback():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest())
        desk.media_devices.recorders[Track.VIDEO].give(b"one")
        await desk.action(RunDeviceTest(), RunDeviceTest(), ChooseDevice("camera", "camera-2"))

        assert all(recorder.is_closed for recorder in desk.media_devices.made)
        assert (desk.playback.live, desk.view.sample.left_s) == ({}, None)


async def test_recorder_that_the_browser_refuses_is_told():
    async with sitting(SPOKEN) as desk:
        desk.media_devices.refused_tracks = {Track.VIDEO}
        await desk.action(CheckDevices(), RunDeviceTest())

        assert Topic.CANNOT_RECORD in desk.view.topics


async def test_leaving_in_the_middle_of_a_test_recording_ends_it():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices(), RunDeviceTest())
        await desk.action(Begin())

        assert desk.media_devices.made[0].is_closed
        assert desk.view.sample.left_s is None


async def test_silence_and_darkness_are_told_and_taken_back():
    async with sitting(SPOKEN) as desk:
        desk.media_devices.heard, desk.media_devices.seen = Sound(), 0.05
        await desk.action(CheckDevices())
        await desk.clock.advance(6)
        assert desk.view.advice == {Advice.SILENT, Advice.DARK}

        desk.media_devices.heard, desk.media_devices.seen = Sound(0.5, 0.5), 0.5
        await desk.clock.advance(2)
        assert desk.view.advice == frozenset()


async def test_device_that_is_busy_leaves_the_way_to_try_again():
    async with sitting(SPOKEN) as desk:
        await desk.action(CheckDevices())
        desk.media_devices.refusal = Topic.DEVICE_BUSY
        await desk.action(ChooseDevice("camera", "camera-2"))

        assert Topic.DEVICE_BUSY in desk.view.topics
        assert desk.view.devices is not None
        assert not desk.view.devices.is_open
