"""The fakes keep what the ports promise, and fail a test instead of letting it wait."""

import asyncio

import pytest

from app.core.errors import JournalFull, RecordingGone
from app.core.upload.events import ChunkJournalled, RecordingStarted, RecordingStopped
from tests.support.fake_journal import FakeDigester, FakeJournal, FakeMedia, bytes_of
from tests.support.fake_store import FakeStore, audio, video
from tests.support.fakes import FakeClock, FakeTransport, settle

pytestmark = pytest.mark.anyio
Q1 = video("q1")


async def kept(*contents: bytes) -> FakeJournal:
    journal = FakeJournal()
    await journal.note(RecordingStarted(Q1, "video/webm", 1))
    for content in contents:
        await journal.append(ChunkJournalled(Q1, len(content), 1.0), FakeMedia(content))
    return journal


async def test_journal_reads_across_chunks():
    journal = await kept(b"abc", b"defg")
    assert bytes_of(await journal.read(Q1, 2, 3)) == b"cde"


@pytest.mark.parametrize(("offset", "size"), [(0, 8), (7, 1), (100, 1)])
async def test_journal_does_not_have_what_was_not_recorded(offset, size):
    journal = await kept(b"abc", b"defg")
    with pytest.raises(RecordingGone):
        await journal.read(Q1, offset, size)


async def test_journal_tells_again_what_it_keeps():
    journal = await kept(b"abc")
    stopped = RecordingStopped(Q1, "0" * 64, 1.0)
    await journal.note(stopped)
    assert await journal.replay() == [RecordingStarted(Q1, "video/webm", 1), ChunkJournalled(Q1, 3, 1.0), stopped]


async def test_journal_forgets_one_upload_and_no_other():
    journal = await kept(b"abc")
    await journal.note(RecordingStarted(audio("q1"), "audio/webm", 1))
    await journal.forget(Q1)
    await journal.forget(Q1)
    assert await journal.replay() == [RecordingStarted(audio("q1"), "audio/webm", 1)]


async def test_full_journal_keeps_chunks_in_memory_until_they_are_released():
    journal = await kept(b"abc")
    journal.room = 0
    await journal.append(ChunkJournalled(Q1, 2, 1.0), FakeMedia(b"de"))
    assert (journal.recorded(Q1), journal.is_durable) == (b"abcde", False)
    await journal.release(Q1, 0, 4)
    assert not journal.is_durable
    await journal.release(Q1, 4, 1)
    assert journal.is_durable


async def test_full_journal_takes_no_facts():
    journal = await kept(b"abc")
    journal.room = 0
    with pytest.raises(JournalFull):
        await journal.note(RecordingStopped(Q1, "0" * 64, 1.0))


async def test_crash_leaves_what_was_on_disk():
    journal = await kept(b"abc")
    journal.room = 0
    await journal.append(ChunkJournalled(Q1, 1, 1.0), FakeMedia(b"d"))
    journal.room = None
    await journal.append(ChunkJournalled(Q1, 1, 2.0), FakeMedia(b"e"))
    journal.crash()
    assert (journal.recorded(Q1), journal.is_durable) == (b"abc", True)
    assert await journal.replay() == [RecordingStarted(Q1, "video/webm", 1), ChunkJournalled(Q1, 3, 1.0)]


async def test_digester_gives_at_most_a_mebibyte():
    content = bytes(2 * 1024 * 1024 + 1)
    blocks = [block async for block in FakeDigester().blocks(FakeMedia(content))]
    assert [len(block) for block in blocks] == [1024 * 1024, 1024 * 1024, 1]


async def test_clock_wakes_sleepers_in_order_and_tells_each_its_time():
    clock = FakeClock()
    woken = []

    async def sleeper(duration_s: float) -> None:
        begun = clock.now()
        await clock.sleep(duration_s)
        woken.append(clock.now() - begun)

    tasks = [asyncio.create_task(sleeper(duration_s)) for duration_s in (3.0, 1.0, 2.0)]
    await clock.advance(2.5)
    assert woken == [1.0, 2.0]
    await clock.advance(0.5)
    assert woken == [1.0, 2.0, 3.0]
    await asyncio.gather(*tasks)


async def test_waiting_for_what_never_comes_fails():
    with pytest.raises(AssertionError, match="no part sent"):
        await FakeTransport(FakeStore()).next_send()
    with pytest.raises(AssertionError, match="no sleep"):
        await FakeClock().next_sleep()
    await settle(1)
