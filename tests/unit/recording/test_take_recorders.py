"""Recorders that give nothing, fail, or belong to a page that is put away."""

import asyncio
import hashlib

import pytest

from app.contract import Track
from app.recording.recorded import Ending
from app.recording.take import FIRST_BYTE_S, LOST_S, SILENT_S
from tests.support.fake_store import audio, video
from tests.support.held import settle
from tests.support.take_desk import TakeDesk

pytestmark = pytest.mark.anyio
VIDEO, AUDIO = video(), audio()


async def test_silent_recorder_is_asked_for_what_it_holds_and_then_given_up():
    desk = TakeDesk(VIDEO, AUDIO)
    desk.recorders[VIDEO].give(b"v")
    running = asyncio.create_task(desk.take.run())
    await settle()
    for _ in range(SILENT_S):
        assert desk.recorders[VIDEO].flushes == 0
        desk.recorders[AUDIO].give(b"a")
        await desk.clock.advance(1)
    assert (desk.recorders[VIDEO].flushes, desk.recorders[AUDIO].flushes) == (1, 0)
    desk.recorders[VIDEO].give(b"v")
    await desk.clock.advance(1)
    assert desk.recorders[VIDEO].flushes == 1, "it has answered"

    for _ in range(LOST_S - 1):
        assert not desk.recorders[VIDEO].is_stopped
        desk.recorders[AUDIO].give(b"a")
        await desk.clock.advance(1)
    recorded = await running
    assert {one.ending for one in recorded.values()} == {Ending.BROKEN}
    assert all(one.stopped.interrupted for one in recorded.values())
    assert (recorded[Track.VIDEO].size, recorded[Track.AUDIO].size) == (2, SILENT_S + LOST_S - 1)


@pytest.mark.parametrize("gives", [[], [b"", b""]], ids=["no chunk", "empty chunks"])
async def test_recorder_without_a_byte_is_given_up_within_three_seconds(gives):
    desk = TakeDesk(VIDEO)
    barren = desk.recorders[VIDEO]
    running = asyncio.create_task(desk.take.run())
    for content in gives:
        barren.give(content)
    await desk.clock.advance(FIRST_BYTE_S - 1)
    assert (barren.flushes, barren.is_stopped) == (1, False)
    await desk.clock.advance(1)
    assert (barren.is_closed, desk.refused, desk.take.is_begun_anew) == (True, [Track.VIDEO], True)
    assert desk.take.elapsed_s == 0

    desk.recorders[VIDEO].give(b"abc")
    await settle()
    desk.take.stop()
    recorded = (await running)[Track.VIDEO]
    assert (recorded.size, recorded.ending) == (3, Ending.STOPPED)
    assert recorded.stopped.sha256 == hashlib.sha256(b"abc").hexdigest()


async def test_next_recorder_gets_twice_the_time_as_the_machine_may_be_slow():
    desk = TakeDesk(VIDEO)
    running = asyncio.create_task(desk.take.run())
    await desk.clock.advance(FIRST_BYTE_S)
    second = desk.recorders[VIDEO]
    await desk.clock.advance(2 * FIRST_BYTE_S - 1)
    assert not second.is_stopped
    second.give(b"abc")
    await settle()
    desk.take.stop()
    assert (await running)[Track.VIDEO].size == 3


async def test_recorder_that_fails_before_the_first_byte_is_followed_at_once():
    desk = TakeDesk(VIDEO)
    running = asyncio.create_task(desk.take.run())
    await settle()
    desk.recorders[VIDEO].fail()
    await settle()
    assert desk.refused == [Track.VIDEO]
    desk.recorders[VIDEO].give(b"abc")
    await settle()
    desk.recorders[VIDEO].fail()
    recorded = (await running)[Track.VIDEO]
    assert (recorded.size, recorded.ending, recorded.stopped.interrupted) == (3, Ending.BROKEN, True)
    assert desk.refused == [Track.VIDEO], "this one has given something"


async def test_track_that_gives_nothing_in_any_format_leaves_the_other_alone():
    desk = TakeDesk(VIDEO, AUDIO)
    desk.formats_left = 1
    running = asyncio.create_task(desk.take.run())
    for _ in range(4 * FIRST_BYTE_S):
        desk.recorders[AUDIO].give(b"a")
        await desk.clock.advance(1)
    assert not desk.recorders[AUDIO].is_stopped
    desk.take.stop()
    recorded = await running
    assert (recorded[Track.VIDEO].size, recorded[Track.VIDEO].ending) == (0, Ending.NOTHING_CAME)
    assert (recorded[Track.AUDIO].size, recorded[Track.AUDIO].ending) == (4 * FIRST_BYTE_S, Ending.STOPPED)
    assert recorded[Track.AUDIO].stopped.duration_s == pytest.approx(4 * FIRST_BYTE_S)


async def test_stop_before_the_first_byte_ends_the_take_and_the_format_is_not_asked_for_again():
    desk = TakeDesk(VIDEO)
    running = asyncio.create_task(desk.take.run())
    await desk.clock.advance(1)
    desk.take.stop()
    recorded = (await running)[Track.VIDEO]
    assert (recorded.size, recorded.ending, desk.refused) == (0, Ending.STOPPED, [Track.VIDEO])


async def test_sleep_of_the_computer_is_no_silence():
    desk = TakeDesk(VIDEO)
    running = asyncio.create_task(desk.take.run())
    await desk.clock.advance(1)
    desk.clock.time += 3600  # no tick comes meanwhile
    await desk.clock.advance(1)
    assert not desk.recorders[VIDEO].is_stopped
    desk.take.stop()
    await running


async def test_page_that_is_put_away_asks_for_what_recorders_hold_until_they_are_stopped():
    desk = TakeDesk(VIDEO, AUDIO)
    running = asyncio.create_task(desk.take.run())
    desk.take.flush()
    assert [recorder.flushes for recorder in desk.recorders.values()] == [1, 1]
    desk.take.stop()
    desk.take.flush()
    assert [recorder.flushes for recorder in desk.recorders.values()] == [1, 1]
    await running


async def test_recorder_that_gives_nothing_while_its_device_is_muted_is_not_lost():
    desk = TakeDesk(VIDEO)
    recorder = desk.recorders[VIDEO]
    recorder.has_no_signal = True
    running = asyncio.create_task(desk.take.run())
    await desk.clock.advance(LOST_S * 3)
    assert desk.take.is_muted
    assert recorder.flushes == 0
    recorder.has_no_signal = False
    recorder.give(b"abc")
    desk.take.stop()
    recorded = await running
    assert not desk.take.is_muted
    assert recorded[Track.VIDEO].ending is Ending.STOPPED
    assert recorded[Track.VIDEO].size == 3
