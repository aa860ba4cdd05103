"""The page's own journal on a disk that refuses: what was forgotten never mixes with what is recorded next."""

from types import SimpleNamespace

import pytest

from app.core.errors import JournalFull, JournalUnread, RecordingGone
from app.core.upload.events import ChunkJournalled, RecordingStarted, TakeMoved
from tests.support.fake_javascript import Blob, Browser, JsArray
from tests.support.fake_store import video

pytestmark = pytest.mark.anyio
Q1 = video("q1")
STARTED = RecordingStarted(Q1, "video/webm", 1)


@pytest.fixture
def browser(monkeypatch):
    return Browser(monkeypatch)


async def keep(journal, *contents):
    for content in contents:
        await journal.append(ChunkJournalled(Q1, len(content), 1.0), Blob(content))


async def recorded(journal, size):
    return (await journal.read(Q1, 0, size)).content


async def test_disk_that_deletes_nothing_does_not_keep_a_page_from_coming_back(browser):
    await keep(await browser.open(), b"old")  # its beginning found no room
    browser.disk.failing = {"delete"}
    assert await (await browser.open()).replay() == []


async def test_recording_begins_at_its_beginning_although_the_old_rows_could_not_be_deleted(browser):
    await keep(await browser.open(), b"old", b"rows", b"behind")
    browser.disk.failing = {"delete"}
    journal = await browser.open()
    await journal.replay()
    with pytest.raises(JournalFull):
        await journal.forget(Q1)
    await keep(journal, b"new")
    assert (await recorded(journal, 3), journal.is_durable) == (b"new", False)
    with pytest.raises(JournalFull):
        await journal.note(STARTED)  # with it the old rows would be taken for this recording's
    browser.disk.failing = set()
    assert await (await browser.open()).replay() == []


async def test_old_rows_go_as_soon_as_the_disk_deletes_again(browser):
    await keep(await browser.open(), b"old", b"rows", b"behind")
    browser.disk.failing = {"delete"}
    journal = await browser.open()
    await journal.replay()
    browser.disk.failing = set()
    await journal.note(STARTED)
    await keep(journal, b"new")
    assert journal.is_durable
    assert await (await browser.open()).replay() == [STARTED, ChunkJournalled(Q1, 3, 1.0)]


async def test_bytes_that_memory_has_let_go_are_not_looked_for_among_the_old_rows(browser):
    await keep(await browser.open(), b"old")
    browser.disk.failing = {"delete"}
    journal = await browser.open()
    await journal.replay()
    await keep(journal, b"new")
    await journal.release(Q1, 0, 3)
    with pytest.raises(RecordingGone):
        await journal.read(Q1, 0, 3)


# A disk that does not show what it holds.


async def test_failed_read_passes(browser):
    journal = await browser.open()
    await keep(journal, b"abc")
    browser.disk.failing = {"read"}
    with pytest.raises(JournalUnread):
        await recorded(journal, 3)
    browser.disk.failing = set()
    assert await recorded(journal, 3) == b"abc"


async def test_connection_that_the_browser_has_closed_is_opened_again(browser):
    journal = await browser.open()
    await keep(journal, b"abc")
    browser.connections[-1].close()
    assert await recorded(journal, 3) == b"abc"
    await keep(journal, b"de")
    assert (await recorded(journal, 5), journal.is_durable) == (b"abcde", True)


async def test_closed_journal_is_not_opened_again(browser):
    journal = await browser.open()
    await keep(journal, b"abc")
    journal.close()
    with pytest.raises(JournalUnread):
        await recorded(journal, 3)
    assert len(browser.connections) == 1


async def test_disk_that_is_full_and_unreadable_ends_no_recording(browser):
    journal = await browser.open()
    await keep(journal, b"abc")
    await journal.release(Q1, 0, 3)
    browser.disk.failing = {"read", "put"}
    await keep(journal, b"de")
    assert ((await journal.read(Q1, 3, 2)).content, journal.is_durable) == (b"de", False)


async def test_media_that_cannot_be_read_are_a_failure_that_passes(browser):
    digester, blob = browser.adapter("media.blobs", "BlobDigester")(), Blob(b"abc")
    blob.is_unreadable = True
    with pytest.raises(JournalUnread):
        [block async for block in digester.blocks(blob)]


async def test_database_that_cannot_be_deleted_says_so(browser):
    journal = await browser.open()
    browser.disk.failing = {"deleteDB"}
    with pytest.raises(JournalFull):
        await journal.clear()


async def test_rows_of_a_version_that_named_recordings_by_take_are_read(browser):
    """Its keys held the number of the recording's first take, and its facts named it instead of a key."""
    upload = '{"question":"q1","take":2,"track":"video"}'
    told = {
        "RecordingStarted": f'{{"upload":{upload},"content_type":"video/webm"}}',
        "TakeMoved": f'{{"upload":{upload},"take":3}}',
    }
    database = browser.adapter("storage.database", "Database")("session", await browser._open("session", 1))
    for kind, json in told.items():
        await database.write("facts", SimpleNamespace(upload="q1/2/video", kind=kind, json=json))
    row = SimpleNamespace(size=3, elapsed_s=1.0, media=Blob(b"old"))
    await database.write("chunks", row, JsArray(["q1", 2, "video", 0]))
    old = video("q1", 2)
    journal = await browser.open()
    expected = [RecordingStarted(old, "video/webm", 2), ChunkJournalled(old, 3, 1.0), TakeMoved(old, 3)]
    assert await journal.replay() == expected
    assert (await journal.read(old, 0, 3)).content == b"old"
    await journal.forget(old)
    assert await (await browser.open()).replay() == []
