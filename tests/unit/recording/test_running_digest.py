"""The digest of a recording: made while it runs, at the expense of nothing else."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.core.upload.events import ChunkJournalled
from app.recording.running_digest import WAITING_AT_MOST, RunningDigest
from tests.support.fake_journal import FakeDigester, FakeJournal, FakeMedia
from tests.support.fake_store import video
from tests.support.held import settle

pytestmark = pytest.mark.anyio
REF = video()
BLOCK = 1024 * 1024


class Desk:
    def __init__(self) -> None:
        self.journal, self.digester = FakeJournal(), FakeDigester()
        self.digest = RunningDigest(REF, self.journal, self.digester)
        self.content = b""

    async def record(self, *chunks: bytes) -> None:
        for chunk in chunks:
            self.content += chunk
            media = FakeMedia(chunk)
            await self.journal.append(ChunkJournalled(REF, len(chunk), 0.0), media)
            self.digest.add(media)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@asynccontextmanager
async def digesting() -> AsyncIterator[tuple[Desk, asyncio.Task[str | None]]]:
    desk = Desk()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.digest.run())
        yield desk, running
        desk.digest.end()


async def test_chunks_of_any_size_are_digested_in_order():
    async with digesting() as (desk, running):
        await desk.record(b"abc", b"x" * (2 * BLOCK + 1), b"de")
    assert running.result() == desk.sha256


async def test_at_the_end_only_the_last_chunk_is_left():
    async with digesting() as (desk, running):
        await desk.record(*[b"abc"] * 10)
        await settle()
        assert desk.digester.read_bytes == 30
        await desk.record(b"de")
    assert desk.digester.read_bytes == 32
    assert running.result() == desk.sha256


async def test_recording_is_digested_from_the_journal_if_too_many_chunks_wait():
    async with digesting() as (desk, running):
        desk.digester.has_time.clear()
        await settle()
        await desk.record(*[bytes([number]) for number in range(2 * WAITING_AT_MOST)])
        desk.digester.has_time.set()
        await desk.record(b"de")
    assert running.result() == desk.sha256


async def test_chunks_that_wait_are_let_go_when_they_are_too_many():
    async with digesting() as (desk, _):
        desk.digester.has_time.clear()
        await desk.record(*[b"a"] * (2 * WAITING_AT_MOST))
        desk.digester.has_time.set()
        await settle()
        assert desk.digester.read_bytes <= 1


async def test_there_is_no_digest_if_one_chunk_cannot_be_read():
    async with digesting() as (desk, running):
        desk.digester.failures = 1
        await desk.record(b"abc", b"de")
        await settle()
        await desk.record(*[b"a"] * (2 * WAITING_AT_MOST))
    assert running.result() is None


async def test_there_is_no_digest_if_the_journal_cannot_be_read_either():
    async with digesting() as (desk, running):
        desk.digester.has_time.clear()
        await desk.record(*[b"a"] * (2 * WAITING_AT_MOST))
        desk.journal.unread = 1
        desk.digester.has_time.set()
    assert running.result() is None


async def test_nothing_recorded_has_the_digest_of_nothing():
    async with digesting() as (desk, running):
        pass
    assert running.result() == desk.sha256
