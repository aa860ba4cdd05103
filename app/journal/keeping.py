"""Write into the journal what uploads can do without: a full disk holds nothing up."""

from contextlib import suppress

from app.core.errors import JournalFull
from app.core.ports import Journal
from app.core.upload.events import Noted, RecordingId


async def keep(journal: Journal, fact: Noted) -> bool:
    """Keep a fact for a reload. Return False if there is no room: what is recorded goes on its way all the same."""
    try:
        await journal.note(fact)
    except JournalFull:
        return False
    return True


async def forget(journal: Journal, ref: RecordingId) -> None:
    """Drop a recording's rows; where that does not work they are swept with the session."""
    with suppress(JournalFull):
        await journal.forget(ref)
