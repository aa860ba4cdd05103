"""The fake disk keeps the contract of RowStore; what only a fake can show is that a crash costs what was not synced."""

import asyncio

import pytest

from app.core.errors import JournalFull
from app.journal.row_store import Delete, DeleteFacts, RowStore
from tests.support.fake_row_store import FakeMedia, FakeRowStore, bytes_of
from tests.support.row_store_contract import CONTRACT, answer, chunk, fact, refused

pytestmark = pytest.mark.anyio


class FakeDisk:
    def __init__(self) -> None:
        self.store = FakeRowStore()

    async def open(self) -> RowStore:
        return self.store.open()

    def media(self, content: bytes) -> FakeMedia:
        return FakeMedia(content)

    async def content(self, media: object) -> bytes:
        assert isinstance(media, FakeMedia)
        return bytes_of(media)

    def lose_connection(self, _store: RowStore) -> None:
        self.store.lose_connection()

    def abort_next_write(self) -> None:
        self.store.failing = [True]


@pytest.mark.parametrize("promise", CONTRACT.values(), ids=CONTRACT)
async def test_fake_keeps_the_contract(promise):
    await promise(FakeDisk())


@pytest.fixture
def disk():
    return FakeRowStore()


async def test_power_loss_brings_back_what_was_deleted_and_takes_nothing_that_was_put(disk):
    await disk.write(chunk(0), fact("u", "1"))
    await disk.write(Delete("chunks", ("q", 1, "video", 0), ("q", 1, "video", 0)), DeleteFacts("u"))
    disk.crash(loses_power=True)
    assert [len(await disk.rows(name)) for name in ("chunks", "facts")] == [1, 1]


async def test_crash_without_power_loss_brings_nothing_back(disk):
    await disk.write(chunk(0), fact("u", "1"))
    await disk.write(DeleteFacts("u"))
    disk.crash()
    disk.crash(loses_power=True)
    assert await disk.rows("facts") == []


async def test_deletion_is_on_the_disk_with_the_next_row_that_is_put(disk):
    await disk.write(fact("u", "1"))
    await disk.write(DeleteFacts("u"))
    await disk.write(answer("text"))
    disk.crash(loses_power=True)
    assert await disk.rows("facts") == []


@pytest.mark.parametrize("counts", [False, True])
async def test_write_that_a_crash_cuts_off_is_there_or_not_and_nobody_hears_of_it(disk, counts):
    disk.cut_writes_count = counts
    writing = asyncio.create_task(disk.write(answer("text")))
    await asyncio.sleep(0)
    disk.crash()
    await asyncio.gather(writing, return_exceptions=True)
    assert writing.cancelled()
    assert len(await disk.rows("answers")) == counts


async def test_write_whose_task_is_cancelled_ends_all_the_same(disk):
    writing = asyncio.create_task(disk.write(answer("text")))
    await asyncio.sleep(0)
    writing.cancel()
    assert await disk.rows("answers") == [("q", "text")]


async def test_full_disk_takes_so_many_writes_and_still_deletes(disk):
    disk.room = 1
    await disk.write(fact("u", "1"))
    await refused(disk.write(answer("text")), JournalFull)
    await disk.write(DeleteFacts("u"))
    assert await disk.rows("facts") == []
