"""The page's own journal, on disks that are full, delete nothing or cannot be read."""

import pytest

from app.core.errors import JournalFull, JournalUnread, RecordingGone
from app.core.upload.events import ChunkJournalled
from app.journal.journal import try_forget, try_note
from tests.support.fake_journal import JournalDisk, bytes_of
from tests.support.journals import Q1, STARTED, STOPPED, begun, keep, page, recorded

pytestmark = pytest.mark.anyio


@pytest.fixture
def disk():
    return JournalDisk()


# A disk that is full.


async def test_chunks_that_find_no_room_stay_in_memory_until_they_are_released(disk):
    journal = await begun(disk, b"abc")
    disk.room = 0
    await keep(journal, b"de")
    assert (await recorded(journal, 5), journal.is_durable) == (b"abcde", False)
    await journal.release(Q1, 0, 4)
    assert not journal.is_durable
    await journal.release(Q1, 4, 1)
    assert journal.is_durable


async def test_full_disk_takes_no_facts(disk):
    journal = await begun(disk, b"abc")
    disk.room = 0
    with pytest.raises(JournalFull):
        await journal.note(STOPPED)
    assert not await try_note(journal, STOPPED)


async def test_media_that_the_store_has_make_room_for_others(disk):
    journal = await begun(disk, b"abc", b"def")
    await journal.release(Q1, 0, 3)
    disk.failing = [True]
    await keep(journal, b"gh")
    assert journal.is_durable
    assert bytes_of(await journal.read(Q1, 3, 5)) == b"defgh"
    with pytest.raises(RecordingGone):
        await journal.read(Q1, 0, 3)
    sizes = [fact.size for fact in await page(disk).replay() if isinstance(fact, ChunkJournalled)]
    assert sizes == [3, 3, 2], "what is behind the gap has lost its place"


async def test_media_that_are_held_again_make_no_room(disk):
    journal = await begun(disk, b"abc")
    await journal.release(Q1, 0, 3)
    journal.hold(Q1, 0, 3)
    disk.failing = [True]
    await keep(journal, b"de")
    assert (await recorded(journal, 5), journal.is_durable) == (b"abcde", False)


async def test_next_page_knows_the_size_of_a_chunk_that_found_no_room(disk):
    journal = await begun(disk, b"abc")
    disk.failing = [True]
    await keep(journal, b"de", b"f")
    journal = page(disk)
    assert [fact.size for fact in (await journal.replay())[1:]] == [3, 2, 1]
    with pytest.raises(RecordingGone) as gone:
        await journal.read(Q1, 0, 6)
    assert gone.value.kept == 3


async def test_crash_leaves_what_is_in_front_of_the_first_gap(disk):
    journal = await begun(disk, b"abc")
    disk.room = 0
    await keep(journal, b"d")
    disk.room = None
    await keep(journal, b"e")
    disk.crash()
    journal = page(disk)
    assert await journal.replay() == [STARTED, ChunkJournalled(Q1, 3, 1.0)]
    assert (await recorded(journal, 3), journal.is_durable) == (b"abc", True)


async def test_power_loss_costs_nothing_that_was_appended(disk):
    await begun(disk, b"abc")
    disk.crash(loses_power=True)
    assert await recorded_by_next_page(disk) == b"abc"


async def recorded_by_next_page(disk):
    journal = page(disk)
    await journal.replay()
    return await recorded(journal, 3)


# A disk that deletes nothing: what was forgotten never mixes with what is recorded next.


async def test_disk_that_deletes_nothing_does_not_keep_a_page_from_coming_back(disk):
    await keep(page(disk), b"old")  # its beginning found no room
    disk.is_broken = True
    assert await page(disk).replay() == []


async def test_recording_begins_at_its_beginning_although_the_old_rows_could_not_be_deleted(disk):
    await keep(page(disk), b"old", b"rows", b"behind")
    disk.is_broken = True
    journal = page(disk)
    await journal.replay()
    with pytest.raises(JournalFull):
        await journal.forget(Q1)
    await try_forget(journal, Q1)
    await keep(journal, b"new")
    assert (await recorded(journal, 3), journal.is_durable) == (b"new", False)
    with pytest.raises(JournalFull):
        await journal.note(STARTED)  # with it the old rows would be taken for this recording's
    disk.is_broken = False
    assert await page(disk).replay() == []


async def test_old_rows_go_as_soon_as_the_disk_deletes_again(disk):
    await keep(page(disk), b"old", b"rows", b"behind")
    disk.is_broken = True
    journal = page(disk)
    await journal.replay()
    disk.is_broken = False
    await journal.note(STARTED)
    await keep(journal, b"new")
    assert journal.is_durable
    assert await page(disk).replay() == [STARTED, ChunkJournalled(Q1, 3, 1.0)]


async def test_bytes_that_memory_has_let_go_are_not_looked_for_among_the_old_rows(disk):
    await keep(page(disk), b"old")
    disk.is_broken = True
    journal = page(disk)
    await journal.replay()
    await keep(journal, b"new")
    await journal.release(Q1, 0, 3)
    with pytest.raises(RecordingGone):
        await journal.read(Q1, 0, 3)


async def test_database_that_cannot_be_deleted_says_so(disk):
    journal = page(disk)
    disk.is_broken = True
    with pytest.raises(JournalFull):
        await journal.clear()


# A disk that does not show what it holds.


async def test_failed_read_passes(disk):
    journal = page(disk)
    await keep(journal, b"abc")
    disk.unread = 1
    with pytest.raises(JournalUnread):
        await recorded(journal, 3)
    assert await recorded(journal, 3) == b"abc"


async def test_connection_that_the_browser_has_closed_is_opened_again(disk):
    journal = page(disk)
    await keep(journal, b"abc")
    disk.lose_connection()
    assert await recorded(journal, 3) == b"abc"
    await keep(journal, b"de")
    assert (await recorded(journal, 5), journal.is_durable) == (b"abcde", True)


async def test_closed_journal_is_not_opened_again(disk):
    journal = page(disk)
    await keep(journal, b"abc")
    journal.close()
    with pytest.raises(JournalUnread):
        await recorded(journal, 3)


async def test_disk_that_is_full_and_unreadable_ends_no_recording(disk):
    journal = page(disk)
    await keep(journal, b"abc")
    await journal.release(Q1, 0, 3)
    disk.is_unreadable, disk.room = True, 0
    await keep(journal, b"de")
    assert (bytes_of(await journal.read(Q1, 3, 2)), journal.is_durable) == (b"de", False)
