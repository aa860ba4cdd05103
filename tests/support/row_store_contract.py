"""What every store of rows promises: run on the fake by CPython, and on IndexedDB by the page's own Python.

Plain Python and nothing of the tests' packages: the page is given this file's text.
"""

import asyncio
import math
from collections.abc import Awaitable, Callable
from typing import Protocol

from app.core.errors import JournalFull, JournalUnread, UploadError
from app.core.media import Media
from app.journal.row_store import Delete, DeleteFacts, Key, Put, RowStore


class Disk(Protocol):
    """One disk, and what a test may do to it."""

    async def open(self) -> RowStore:
        """Return the store of the first page on this disk, or of the next one."""

    def media(self, content: bytes) -> Media: ...

    async def content(self, media: object) -> bytes: ...

    def lose_connection(self, store: RowStore) -> None:
        """Have the browser close the store's database."""

    def abort_next_write(self) -> None:
        """Have the next transaction end in an abort, once its requests are made."""


Promise = Callable[[Disk], Awaitable[None]]
CONTRACT: dict[str, Promise] = {}


def promised(promise: Promise) -> Promise:
    CONTRACT[promise.__name__] = promise
    return promise


async def refused(action: Awaitable[object], kind: type[UploadError]) -> None:
    try:
        await action
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


def answer(text: str, key: Key = "q") -> Put:
    return Put("answers", text, key)


def chunk(place: int, media: Media | None = None, question: str = "q", track: str = "video") -> Put:
    return Put("chunks", {"size": 3, "elapsed_s": 0.25, "media": media}, (question, 1, track, place))


def fact(upload: str, text: str) -> Put:
    return Put("facts", {"upload": upload, "kind": "K", "json": text})


async def texts(store: RowStore) -> list[object]:
    return [row["json"] for _, row in await store.rows("facts") if isinstance(row, dict)]


@promised
async def new_disk_is_empty(disk: Disk) -> None:
    store = await disk.open()
    assert [await store.rows(name) for name in ("chunks", "facts", "answers")] == [[], [], []]


@promised
async def chunk_comes_back_as_it_was_written_and_its_media_with_all_bytes(disk: Disk) -> None:
    store = await disk.open()
    await store.write(chunk(0, disk.media(b"a\x00\xff")))
    ((key, row),) = await store.rows("chunks")
    assert isinstance(row, dict)
    assert key == ("q", 1, "video", 0)
    assert await disk.content(row.pop("media")) == b"a\x00\xff"
    assert row == {"size": 3, "elapsed_s": 0.25}


@promised
async def chunk_without_media_comes_back_without_media(disk: Disk) -> None:
    store = await disk.open()
    await store.write(chunk(0))
    assert await store.rows("chunks") == [(("q", 1, "video", 0), {"size": 3, "elapsed_s": 0.25, "media": None})]


@promised
async def next_page_finds_what_was_written(disk: Disk) -> None:
    await (await disk.open()).write(chunk(0, disk.media(b"abc")), fact("u", "1"), answer("text"))
    store = await disk.open()
    ((_, row),) = await store.rows("chunks")
    assert isinstance(row, dict)
    assert await disk.content(row["media"]) == b"abc"
    assert (await texts(store), await store.rows("answers")) == (["1"], [("q", "text")])


@promised
async def row_replaces_what_its_key_had(disk: Disk) -> None:
    store = await disk.open()
    await store.write(answer("old"))
    await store.write(answer("new"), answer("other", "q/discarded"))
    assert await store.rows("answers") == [("q", "new"), ("q/discarded", "other")]


@promised
async def facts_keep_the_order_in_which_they_were_written(disk: Disk) -> None:
    store = await disk.open()
    for number in range(12):
        await store.write(fact(f"u{number % 2}", str(number)))
    assert await texts(store) == [str(number) for number in range(12)]
    assert await texts(await disk.open()) == [str(number) for number in range(12)]


@promised
async def rows_of_a_range_come_in_the_order_of_their_keys_both_ends_included(disk: Disk) -> None:
    store = await disk.open()
    await store.write(*(chunk(place) for place in (10, 9, 2, 0)), chunk(1, track="audio"), chunk(5, question="p"))
    found = [key for key, _ in await store.rows("chunks", ("q", 1, "video", 2), ("q", 1, "video", 10))]
    assert found == [("q", 1, "video", place) for place in (2, 9, 10)]
    assert len(await store.rows("chunks", ("q", 1, "video", 0), ("q", 1, "video", math.inf))) == 4
    assert await store.rows("chunks", ("q", 1, "video", 3), ("q", 1, "video", 3)) == []
    video = [("q", 1, "video", place) for place in (0, 2, 9, 10)]
    assert [key for key, _ in await store.rows("chunks")] == [("p", 1, "video", 5), ("q", 1, "audio", 1), *video]


@promised
async def upload_is_deleted_from_all_its_stores_and_no_other_is(disk: Disk) -> None:
    store = await disk.open()
    await store.write(chunk(0), chunk(1), chunk(0, track="audio"), fact("u", "1"), fact("v", "2"), fact("u", "3"))
    gone = (Delete("chunks", ("q", 1, "video", 0), ("q", 1, "video", math.inf)), DeleteFacts("u"))
    await store.write(*gone)
    await store.write(*gone)  # there is nothing left to delete
    for page in (store, await disk.open()):
        assert [key for key, _ in await page.rows("chunks")] == [("q", 1, "audio", 0)]
        assert await texts(page) == ["2"]


@promised
async def write_that_is_not_even_taken_changes_nothing(disk: Disk) -> None:
    store = await disk.open()
    await store.write(answer("old"), fact("u", "1"))
    no_key = Put("chunks", {"size": 3})
    await refused(store.write(answer("new"), DeleteFacts("u"), no_key), JournalFull)
    assert (await store.rows("answers"), await texts(store)) == ([("q", "old")], ["1"])


@promised
async def write_that_is_aborted_changes_nothing_and_the_next_one_works(disk: Disk) -> None:
    store = await disk.open()
    await store.write(answer("old"))
    disk.abort_next_write()
    await refused(store.write(answer("new"), fact("u", "1")), JournalFull)
    assert (await store.rows("answers"), await texts(store)) == ([("q", "old")], [])
    await store.write(answer("new"))
    assert await store.rows("answers") == [("q", "new")]


@promised
async def writes_at_the_same_time_end_in_their_order_and_a_read_waits_for_them(disk: Disk) -> None:
    store = await disk.open()
    writes = [store.write(answer(str(number)), fact("u", str(number))) for number in range(3)]
    *_, rows = await asyncio.gather(*writes, store.rows("answers"))
    assert rows == [("q", "2")]
    assert await texts(store) == ["0", "1", "2"]


@promised
async def database_that_the_browser_has_closed_is_opened_again_by_the_next_read(disk: Disk) -> None:
    store = await disk.open()
    await store.write(answer("old"))
    disk.lose_connection(store)
    await refused(store.write(answer("new")), JournalFull)
    first, second = await asyncio.gather(store.rows("answers"), store.rows("answers"))
    assert first == second == [("q", "old")]
    await store.write(answer("new"))
    assert await store.rows("answers") == [("q", "new")]


@promised
async def closed_store_refuses_and_is_not_opened_again(disk: Disk) -> None:
    store = await disk.open()
    await store.write(answer("text"))
    store.close()
    store.close()
    await refused(store.rows("answers"), JournalUnread)
    await refused(store.write(answer("new")), JournalFull)
    await refused(store.write(DeleteFacts("u")), JournalFull)
    assert await (await disk.open()).rows("answers") == [("q", "text")]


@promised
async def destroyed_store_leaves_nothing(disk: Disk) -> None:
    store = await disk.open()
    await store.write(chunk(0, disk.media(b"abc")), fact("u", "1"), answer("text"))
    await store.destroy()
    await refused(store.write(answer("new")), JournalFull)
    await new_disk_is_empty(disk)


@promised
async def room_is_a_number_where_it_is_told(disk: Disk) -> None:
    space = await (await disk.open()).space()  # `persist` is not asked: Firefox asks a person, who may never answer
    assert space is None or space > 0
