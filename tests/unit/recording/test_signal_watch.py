"""A silent or black answer: said while it is recorded and at its end, and never refused."""

import pytest

from app.core.notices import Topic
from app.core.recording.signal_quality import EMPTY_S, Sound
from app.core.session.actions import Begin, Record, Retake, Stop
from app.core.session.answers import Phase
from tests.support.fake_store import key_of, video
from tests.support.sitting import sitting

pytestmark = pytest.mark.anyio
LONG_S = int(EMPTY_S) + 1


async def test_row_31_silent_and_black_answer_is_told_and_told_again_at_its_end_and_stored():
    async with sitting() as desk:
        desk.media_devices.heard, desk.media_devices.seen = Sound(), 0.0
        recorder = await desk.record("q1", b"abc")
        await desk.speak(recorder, LONG_S - 3)
        assert desk.view.topics == set()
        await desk.speak(recorder, 2)
        assert desk.view.topics == {Topic.SILENT, Topic.BLACK}

        await desk.action(Stop("q1"))
        assert (desk.phase("q1"), desk.view.topics) == (Phase.TAKEN, {Topic.SILENT_TAKE, Topic.BLACK_TAKE})
        assert key_of(video("q1")) in desk.store.objects

        await desk.action(Retake("q1"))
        assert desk.view.topics == set()


async def test_row_31_sound_and_picture_take_back_what_was_said():
    async with sitting() as desk:
        desk.media_devices.heard, desk.media_devices.seen = Sound(), 0.0
        recorder = await desk.record("q1", b"abc")
        await desk.speak(recorder, LONG_S)
        desk.media_devices.heard, desk.media_devices.seen = Sound(peak=0.3), 0.4
        await desk.speak(recorder, 2)
        assert desk.view.topics == set()
        desk.media_devices.heard = Sound()
        await desk.speak(recorder, LONG_S)
        await desk.action(Stop("q1"))
        assert desk.view.topics == set()


async def test_row_30_nobody_is_told_of_silence_where_nobody_can_tell():
    async with sitting() as desk:
        desk.media_devices.heard = None
        await desk.speak(await desk.record("q1", b"abc"), LONG_S)
        await desk.action(Stop("q1"))
        assert desk.view.topics == set()


async def test_muted_device_is_told_of_as_such_alone():
    async with sitting() as desk:
        desk.media_devices.heard = Sound()
        recorder = await desk.record("q1", b"abc")
        recorder.has_no_signal = True
        await desk.speak(recorder, LONG_S)
        assert desk.view.topics == {Topic.DEVICE_MUTED}


async def test_silent_recording_of_nothing_is_told_once():
    async with sitting() as desk:
        desk.media_devices.heard = Sound()
        recorder = await desk.record("q1")
        recorder.has_no_signal = True
        await desk.clock.advance(LONG_S)
        await desk.action(Stop("q1"))
        assert desk.view.topics == {Topic.NOTHING_RECORDED}
        await desk.action(Record("q1"))
        assert desk.view.topics == set()


async def test_a_picture_that_was_seen_is_not_looked_at_again():
    async with sitting() as desk:
        await desk.action(Begin())  # else the device test looks, too
        desk.media_devices.seen = 0.0
        recorder = await desk.record("q1", b"abc")
        await desk.speak(recorder, 2)
        assert desk.media_devices.looks >= 2
        desk.media_devices.seen = 0.4
        await desk.speak(recorder, 2)
        looks = desk.media_devices.looks
        await desk.speak(recorder, 10)
        assert desk.media_devices.looks == looks
