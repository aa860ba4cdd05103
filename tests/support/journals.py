"""A page's journal on a fake disk, and what tests do with it."""

from app.core.upload.events import ChunkJournalled, RecordingStarted, RecordingStopped
from app.journal.journal import PageJournal
from tests.support.fake_journal import FakeMedia, bytes_of, cut_media
from tests.support.fake_store import video

Q1 = video("q1")
STARTED = RecordingStarted(Q1, "video/webm", 1)
STOPPED = RecordingStopped(Q1, "0" * 64, 1.0)


def page(disk):
    """Return a journal as the next page opens it."""
    return PageJournal(disk.open(), cut_media)


async def keep(journal, *contents, ref=Q1):
    for content in contents:
        await journal.append(ChunkJournalled(ref, len(content), 1.0), FakeMedia(content))


async def recorded(journal, size):
    return bytes_of(await journal.read(Q1, 0, size))


async def begun(disk, *contents):
    journal = page(disk)
    await journal.note(STARTED)
    await keep(journal, *contents)
    return journal
