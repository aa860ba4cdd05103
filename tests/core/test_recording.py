"""One take: what the recorders give is kept before anybody hears of it."""

import hashlib
from typing import Any

import pytest

from app.contract import Track
from app.core.events import ChunkJournalled, Fact, RecordingStarted, UploadRef
from app.recording import Ending, Take
from tests.fake_journal import FakeDigester, FakeJournal
from tests.fake_page import FakeRecorder
from tests.fake_store import audio, video
from tests.fakes import FakeClock

pytestmark = pytest.mark.anyio
VIDEO, AUDIO = video(), audio()


class Desk:
    def __init__(self, *refs: UploadRef) -> None:
        self.history: list[tuple[str, Any]] = []
        self.journal = FakeJournal(self.history)
        self.clock = FakeClock()
        self.recorders = {ref: FakeRecorder(f"{ref.track}/webm") for ref in refs}
        self.take = Take(
            self.recorders, journal=self.journal, digester=FakeDigester(), clock=self.clock, tell=self._hear
        )

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
        RecordingStarted(VIDEO, "video/webm"),
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


async def test_nothing_is_kept_of_a_recorder_that_gave_nothing():
    desk = Desk(VIDEO)
    desk.recorders[VIDEO].give(b"")
    desk.take.stop()
    recorded = (await desk.take.run())[Track.VIDEO]
    assert (recorded.size, desk.history) == (0, [])


async def test_elapsed_time_stops_with_the_take():
    desk = Desk(VIDEO)
    desk.clock.time += 5
    assert desk.take.elapsed_s == 5
    desk.take.stop()
    desk.clock.time += 5
    desk.take.stop()
    assert desk.take.elapsed_s == 5
    await desk.take.run()


async def test_every_recorder_is_closed():
    desk = Desk(VIDEO, AUDIO)
    desk.recorders[VIDEO].give(b"abc")
    desk.recorders[AUDIO].lose()
    recorded = await desk.take.run()
    assert {track: one.ending for track, one in recorded.items()} == {
        Track.VIDEO: Ending.STOPPED,
        Track.AUDIO: Ending.DEVICE_LOST,
    }
    assert all(recorder.is_closed for recorder in desk.recorders.values())
