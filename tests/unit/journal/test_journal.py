"""The page's own journal, on a disk that works."""

import pytest

from app.contract import AnswerRecord
from app.core.errors import RecordingGone
from app.core.upload.events import AnswerWritten, ChunkJournalled, RecordingStarted, TakeDiscarded
from app.journal.journal import PageJournal
from tests.support.fake_journal import JournalDisk, bytes_of, cut_media
from tests.support.fake_store import audio
from tests.support.journals import Q1, STARTED, STOPPED, begun, keep, page, recorded

pytestmark = pytest.mark.anyio


@pytest.fixture
def disk():
    return JournalDisk()


async def test_bytes_are_read_across_chunks(disk):
    journal = await begun(disk, b"abc", b"defg")
    assert bytes_of(await journal.read(Q1, 2, 3)) == b"cde"


@pytest.mark.parametrize(("offset", "size", "kept"), [(0, 8, 7), (7, 1, 0), (100, 1, 0)])
async def test_what_was_not_recorded_is_not_there(disk, offset, size, kept):
    journal = await begun(disk, b"abc", b"defg")
    with pytest.raises(RecordingGone) as gone:
        await journal.read(Q1, offset, size)
    assert gone.value.kept == kept


async def test_next_page_hears_what_was_kept(disk):
    journal = await begun(disk, b"abc")
    await journal.note(STOPPED)
    assert await page(disk).replay() == [STARTED, ChunkJournalled(Q1, 3, 1.0), STOPPED]


async def test_each_question_keeps_its_last_text_and_what_was_discarded(disk):
    journal = page(disk)
    for text in ("a", "ab"):
        await journal.note(AnswerWritten(AnswerRecord(question="q2", take=1, text=text)))
    await journal.note(TakeDiscarded("q2", 1))
    last = AnswerWritten(AnswerRecord(question="q2", take=1, text="ab"))
    assert await page(disk).replay() == [last, TakeDiscarded("q2", 1)]


async def test_one_upload_is_forgotten_and_no_other(disk):
    journal = await begun(disk, b"abc")
    other = RecordingStarted(audio("q1"), "audio/webm", 1)
    await journal.note(other)
    await journal.forget(Q1)
    await journal.forget(Q1)
    assert await page(disk).replay() == [other]


async def test_cleared_journal_leaves_nothing(disk):
    await (await begun(disk, b"abc")).clear()
    assert await page(disk).replay() == []


async def test_journal_without_storage_keeps_bytes_and_tells_the_next_page_nothing():
    journal = PageJournal(None, cut_media)
    await journal.note(STARTED)
    await keep(journal, b"abc", b"de")
    assert (await recorded(journal, 5), journal.is_durable, await journal.replay()) == (b"abcde", False, [])
    assert await journal.space() is None
    await journal.persist()
    await journal.clear()


async def test_journal_asks_the_browser_for_room(disk):
    disk.space_left = 5.0
    journal = page(disk)
    await journal.persist()
    assert (await journal.space(), disk.is_persistent) == (5.0, True)
