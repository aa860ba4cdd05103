"""The page's own journal on a disk that refuses: what was forgotten never mixes with what is recorded next."""

import pytest

from app.core.errors import JournalFull
from app.core.events import ChunkJournalled, RecordingStarted
from tests.fake_javascript import Blob, Browser
from tests.fake_store import video

pytestmark = pytest.mark.anyio
Q1 = video("q1")
STARTED = RecordingStarted(Q1, "video/webm")


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
    with pytest.raises(Exception, match="no longer on this device"):
        await journal.read(Q1, 0, 3)
