"""One take: what the recorders give is kept before anybody hears of it."""

import asyncio
import hashlib

import pytest

from app.contract import Track
from app.core.upload.events import ChunkJournalled, RecordingEnded, RecordingStarted
from app.recording.recorded import Ending
from tests.support.fake_store import audio, video
from tests.support.held import settle
from tests.support.take_desk import TakeDesk

pytestmark = pytest.mark.anyio
VIDEO, AUDIO = video(), audio()


async def test_every_fact_is_kept_before_it_is_told():
    desk = TakeDesk(VIDEO)
    recorder = desk.recorders[VIDEO]
    recorder.give(b"abc")
    recorder.give(b"de")
    desk.take.stop()
    await desk.take.run()
    facts = [
        RecordingStarted(VIDEO, "video/webm", 1),
        ChunkJournalled(VIDEO, 3, 0.0),
        ChunkJournalled(VIDEO, 2, 0.0),
    ]
    kept_and_told = [(how, fact) for fact in facts for how in ("kept", "told")]
    assert desk.history == [*kept_and_told, ("told", RecordingEnded(VIDEO))]


async def test_digest_is_of_what_the_recorder_gave():
    desk = TakeDesk(VIDEO)
    for content in (b"abc", b"", b"de"):
        desk.recorders[VIDEO].give(content)
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, recorded.ending) == (5, Ending.STOPPED)
    assert recorded.stopped.sha256 == hashlib.sha256(b"abcde").hexdigest()
    assert not recorded.stopped.interrupted


async def test_neither_the_next_chunk_nor_the_end_waits_for_the_digest():
    desk = TakeDesk(VIDEO)
    desk.digester.has_time.clear()
    running = asyncio.create_task(desk.take.run())
    for content in (b"abc", b"de"):
        desk.recorders[VIDEO].give(content)
    desk.take.stop()
    await settle()
    assert desk.journal.recorded(VIDEO) == b"abcde"
    assert desk.history[-1] == ("told", RecordingEnded(VIDEO))
    assert not running.done()
    desk.digester.has_time.set()
    recorded = (await running)[Track.VIDEO]
    assert recorded.stopped.sha256 == hashlib.sha256(b"abcde").hexdigest()


async def test_both_tracks_stop_together_although_the_digest_of_one_takes_longer():
    desk = TakeDesk(VIDEO, AUDIO)
    desk.digester.has_time.clear()
    running = asyncio.create_task(desk.take.run())
    desk.recorders[VIDEO].give(b"abc")
    desk.recorders[VIDEO].lose()
    await settle()
    assert desk.recorders[AUDIO].is_stopped
    desk.digester.has_time.set()
    assert set(await running) == {Track.VIDEO, Track.AUDIO}


async def test_a_full_disk_ends_no_recording():
    desk = TakeDesk(VIDEO)
    desk.journal.room = 0
    for content in (b"abc", b"de"):
        desk.recorders[VIDEO].give(content)
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, recorded.ending, recorded.stopped.interrupted) == (5, Ending.STOPPED, False)
    assert recorded.stopped.sha256 == hashlib.sha256(b"abcde").hexdigest()


async def test_chunk_that_cannot_be_read_back_costs_the_digest_and_not_the_recording():
    desk = TakeDesk(VIDEO)
    desk.digester.failures = 1
    for content in (b"abc", b"de"):
        desk.recorders[VIDEO].give(content)
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, recorded.ending, recorded.stopped.sha256) == (5, Ending.STOPPED, None)
    assert desk.journal.recorded(VIDEO) == b"abcde"


async def test_nothing_is_kept_of_a_recorder_that_gave_nothing():
    desk = TakeDesk(VIDEO)
    desk.recorders[VIDEO].give(b"")
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, desk.history) == (0, [])


async def test_elapsed_time_stops_with_the_take():
    desk = TakeDesk(VIDEO)
    desk.clock.time += 4
    assert desk.take.elapsed_s == 4
    desk.take.stop()
    desk.clock.time += 4
    desk.take.stop()
    assert desk.take.elapsed_s == 4
    await desk.take.run()


async def test_every_recorder_is_closed_and_every_track_says_that_a_device_ended_it():
    desk = TakeDesk(VIDEO, AUDIO)
    desk.recorders[VIDEO].give(b"abc")
    desk.recorders[AUDIO].lose()
    recorded = await desk.take.run()
    assert {track: one.ending for track, one in recorded.items()} == {
        Track.VIDEO: Ending.DEVICE_LOST,
        Track.AUDIO: Ending.DEVICE_LOST,
    }
    assert all(one.stopped.interrupted for one in recorded.values())
    assert all(recorder.is_closed for recorder in desk.recorders.values())
