"""One take: what the recorders give is kept before anybody hears of it."""

import asyncio
import hashlib
from typing import Any

import pytest

from app.contract import Track
from app.core.notices import Topic
from app.core.recording.devices import DeviceError
from app.core.upload.events import ChunkJournalled, Fact, RecordingId, RecordingStarted
from app.recording.take import FIRST_BYTE_S, LOST_S, SILENT_S, Ending, Take
from tests.support.fake_journal import FakeDigester, FakeJournal
from tests.support.fake_page import FakeRecorder
from tests.support.fake_store import audio, video
from tests.support.fakes import FakeClock, settle

pytestmark = pytest.mark.anyio
VIDEO, AUDIO = video(), audio()


class Desk:
    def __init__(self, *refs: RecordingId) -> None:
        self.history: list[tuple[str, Any]] = []
        self.journal = FakeJournal(self.history)
        self.clock = FakeClock()
        self.digester = FakeDigester()
        self.recorders = {ref: FakeRecorder(f"{ref.track}/webm") for ref in refs}
        self.refused: list[Track] = []
        self.formats_left = 100
        self.take = Take(
            self.recorders,
            1,
            journal=self.journal,
            digester=self.digester,
            clock=self.clock,
            tell=self._hear,
            refuse=self.refused.append,
            record=self._record,
        )

    def _record(self, track: Track) -> FakeRecorder:
        if not self.formats_left:
            raise DeviceError(Topic.NOTHING_COMES)
        self.formats_left -= 1
        self.recorders[video() if track is Track.VIDEO else audio()] = recorder = FakeRecorder(f"{track}/other")
        return recorder

    def _hear(self, fact: Fact) -> None:
        self.history.append(("told", fact))


async def test_every_fact_is_kept_before_it_is_told():
    desk = Desk(VIDEO)
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
    assert desk.history == [(how, fact) for fact in facts for how in ("kept", "told")]


async def test_digest_is_of_what_the_recorder_gave():
    desk = Desk(VIDEO)
    for content in (b"abc", b"", b"de"):
        desk.recorders[VIDEO].give(content)
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, recorded.ending) == (5, Ending.STOPPED)
    assert recorded.stopped.sha256 == hashlib.sha256(b"abcde").hexdigest()
    assert not recorded.stopped.interrupted


async def test_a_full_disk_ends_no_recording():
    desk = Desk(VIDEO)
    desk.journal.room = 0
    for content in (b"abc", b"de"):
        desk.recorders[VIDEO].give(content)
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, recorded.ending, recorded.stopped.interrupted) == (5, Ending.STOPPED, False)
    assert recorded.stopped.sha256 == hashlib.sha256(b"abcde").hexdigest()


async def test_chunk_that_cannot_be_read_back_costs_the_digest_and_not_the_recording():
    desk = Desk(VIDEO)
    desk.digester.failures = 1
    for content in (b"abc", b"de"):
        desk.recorders[VIDEO].give(content)
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, recorded.ending, recorded.stopped.sha256) == (5, Ending.STOPPED, None)
    assert desk.journal.recorded(VIDEO) == b"abcde"


async def test_nothing_is_kept_of_a_recorder_that_gave_nothing():
    desk = Desk(VIDEO)
    desk.recorders[VIDEO].give(b"")
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, desk.history) == (0, [])


async def test_elapsed_time_stops_with_the_take():
    desk = Desk(VIDEO)
    desk.clock.time += 4
    assert desk.take.elapsed_s == 4
    desk.take.stop()
    desk.clock.time += 4
    desk.take.stop()
    assert desk.take.elapsed_s == 4
    await desk.take.run()


async def test_every_recorder_is_closed_and_every_track_says_that_a_device_ended_it():
    desk = Desk(VIDEO, AUDIO)
    desk.recorders[VIDEO].give(b"abc")
    desk.recorders[AUDIO].lose()
    recorded = await desk.take.run()
    assert {track: one.ending for track, one in recorded.items()} == {
        Track.VIDEO: Ending.DEVICE_LOST,
        Track.AUDIO: Ending.DEVICE_LOST,
    }
    assert all(one.stopped.interrupted for one in recorded.values())
    assert all(recorder.is_closed for recorder in desk.recorders.values())


# A recorder that gives nothing.


async def test_silent_recorder_is_asked_for_what_it_holds_and_then_given_up():
    desk = Desk(VIDEO, AUDIO)
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
    desk = Desk(VIDEO)
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
    desk = Desk(VIDEO)
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
    desk = Desk(VIDEO)
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
    desk = Desk(VIDEO, AUDIO)
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
    desk = Desk(VIDEO)
    running = asyncio.create_task(desk.take.run())
    await desk.clock.advance(1)
    desk.take.stop()
    recorded = (await running)[Track.VIDEO]
    assert (recorded.size, recorded.ending, desk.refused) == (0, Ending.STOPPED, [Track.VIDEO])


async def test_sleep_of_the_computer_is_no_silence():
    desk = Desk(VIDEO)
    running = asyncio.create_task(desk.take.run())
    await desk.clock.advance(1)
    desk.clock.time += 3600  # no tick comes meanwhile
    await desk.clock.advance(1)
    assert not desk.recorders[VIDEO].is_stopped
    desk.take.stop()
    await running


async def test_page_that_is_put_away_asks_for_what_recorders_hold_until_they_are_stopped():
    desk = Desk(VIDEO, AUDIO)
    running = asyncio.create_task(desk.take.run())
    desk.take.flush()
    assert [recorder.flushes for recorder in desk.recorders.values()] == [1, 1]
    desk.take.stop()
    desk.take.flush()
    assert [recorder.flushes for recorder in desk.recorders.values()] == [1, 1]
    await running


async def test_recorder_that_gives_nothing_while_its_device_is_muted_is_not_lost():
    desk = Desk(VIDEO)
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
