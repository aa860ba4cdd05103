"""A journal that goes down with its page: writes that were under way, deletions that had not reached the disk."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from app.core.errors import JournalFull
from app.core.ports import Media
from app.core.upload.events import (
    AnswerWritten,
    ChunkJournalled,
    Noted,
    RecordingId,
    RecordingStarted,
    TakeDiscarded,
)
from tests.support.fake_journal import FakeJournal, FakeMedia

WRITE_S = 0.01


class CrashingJournal(FakeJournal):
    """Writes are on the disk when they return, as IndexedDB's strict ones; deletions only with the next write."""

    def __init__(self) -> None:
        super().__init__()
        self.cut_writes_count = False  # what was being written at the crash is there afterwards
        self.failing: list[bool] = []  # the next writes: whether each fails
        self.safe: dict[RecordingId, int] = {}  # bytes that no crash may cost any more
        self._deleted: list[tuple[RecordingId, list[tuple[ChunkJournalled, FakeMedia]], list[Any]]] = []

    async def append(self, fact: ChunkJournalled, chunk: Media) -> None:
        await self._take_time(super().append(fact, chunk))
        self.safe[fact.upload] = len(self.kept(fact.upload))

    async def note(self, fact: Noted) -> None:
        await self._take_time(super().note(fact))

    async def forget(self, upload: RecordingId) -> None:
        rows = self.chunks.get(upload, [])[: self._gap(upload)]
        answers = AnswerWritten | TakeDiscarded
        facts = [fact for fact in self.facts if not isinstance(fact, answers) and fact.upload == upload]
        await super().forget(upload)
        self._deleted.append((upload, rows, facts))

    def crash(self, *, loses_power: bool = False) -> None:
        """Be what the next page finds. A pulled plug brings back what was deleted last."""
        for upload, rows, facts in self._deleted if loses_power else ():
            self.chunks.setdefault(upload, rows)
            self.facts += facts
        self._deleted.clear()
        super().crash()

    def kept(self, upload: RecordingId) -> bytes:
        """Return what a next page would know of: up to the first gap, and nothing without a beginning."""
        begun = any(isinstance(fact, RecordingStarted) and fact.upload == upload for fact in self.facts)
        rows = self.chunks.get(upload, [])[: self._gap(upload)] if begun else []
        return b"".join(media.content for _, media in rows)

    def _gap(self, upload: RecordingId) -> int | None:
        """Return the place of the first chunk that the disk has not taken."""
        return min((place for ref, place in self._no_row if ref == upload), default=None)

    async def _take_time(self, write: Coroutine[Any, Any, None]) -> None:
        """Write, some time from now. A page that goes down meanwhile may leave its row behind."""
        try:
            await asyncio.sleep(WRITE_S)
        except asyncio.CancelledError:
            if self.cut_writes_count:
                with suppress(JournalFull):
                    await write
            write.close()
            raise
        await write

    async def _write(self, fact: Noted | ChunkJournalled) -> None:
        if self.failing and self.failing.pop(0):
            raise JournalFull("The browser's storage took no more.")
        await super()._write(fact)
        self._deleted.clear()
