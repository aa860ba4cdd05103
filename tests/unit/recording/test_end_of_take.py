"""What happens between Stop and the take that is whole."""

import asyncio

import pytest

from app.core.session.actions import Stop
from app.core.session.answers import Phase
from app.core.upload.events import Noted, RecordingStopped
from tests.support.fake_journal import FakeJournal
from tests.support.fake_store import document_of, key_of, video
from tests.support.held import settle
from tests.support.sitting import SPOKEN, sitting

pytestmark = pytest.mark.anyio


class SlowJournal(FakeJournal):
    """Take its time to note an end, as a busy disk does."""

    def __init__(self) -> None:
        super().__init__()
        self.has_time = asyncio.Event()

    async def note(self, fact: Noted) -> None:
        if isinstance(fact, RecordingStopped):
            await self.has_time.wait()
        await super().note(fact)


async def test_last_part_goes_before_the_disk_has_noted_the_end_and_the_player_still_has_its_bytes():
    journal = SlowJournal()
    async with sitting(journal=journal) as desk:
        await desk.answer("q1", b"x" * 25)
        assert desk.store.objects == {key_of(video("q1")): b"x" * 25}
        assert desk.phase("q1") is Phase.FINISHING
        assert journal.recorded(video("q1")) == b"x" * 25
        assert not desk.view.figures.is_safe
        journal.has_time.set()
        await settle()
        assert desk.phase("q1") is Phase.TAKEN
        assert list(desk.playback.live.values()) == [b"x" * 25]
        assert document_of("q1") in desk.store.documents
        assert desk.view.figures.is_safe
        assert journal.is_empty


async def test_last_part_goes_before_the_recording_is_digested():
    async with sitting() as desk:
        desk.digester.has_time.clear()
        desk.digester.slow_bytes = 11  # a part has at most 10
        await desk.answer("q1", b"x" * 25)
        (upload,) = desk.store.uploads.values()
        assert {number: len(part) for number, part in upload.parts.items()} == {1: 10, 2: 10, 3: 5}
        assert not desk.store.objects
        assert desk.phase("q1") is Phase.FINISHING
        desk.digester.has_time.set()
        await settle()
        assert desk.phase("q1") is Phase.TAKEN
        assert desk.view.figures.is_safe


async def test_recording_that_cannot_be_read_for_playing_is_handed_in_all_the_same():
    async with sitting(SPOKEN) as desk:
        await desk.record("q1", b"abc")
        desk.journal.unread = 2
        await desk.action(Stop("q1"))
        assert not desk.view.playback.get("q1")
        await desk.clock.advance(30)
        assert desk.view.figures.is_safe
