"""A disk for the journal, in memory: it can refuse, be closed from below, and lose what it had not yet synced."""

import asyncio
from collections.abc import Sequence

from app.core.errors import JournalFull, JournalUnread
from app.core.media import Media
from app.journal.row_store import Change, Delete, DeleteFacts, Key, Put, StoreName

Rows = dict[StoreName, dict[Key, object]]


class FakeMedia:
    def __init__(self, content: bytes) -> None:
        self.content = content

    @property
    def size(self) -> int:
        return len(self.content)


def bytes_of(media: Media) -> bytes:
    assert isinstance(media, FakeMedia)
    return media.content


def cut_media(media: Sequence[Media], start: int, end: int) -> FakeMedia:
    return FakeMedia(b"".join(bytes_of(one) for one in media)[start:end])


class FakeRowStore:
    """Keep rows as IndexedDB does: transactions in the order in which they began, each whole or not at all.

    A transaction that puts a row is on the disk once `write` returns; one that only deletes reaches it with the next
    that puts. Transactions end without whoever waits for them: only `crash` cuts them off.
    """

    def __init__(self, write_s: float = 0) -> None:
        self.stores: Rows = _no_rows()
        self.write_s = write_s  # how long a transaction takes
        self.failing: list[bool] = []  # the next transactions that put: whether the quota is reached for each
        self.room: int | None = None  # how many more of them succeed; None: all
        self.is_broken = False  # no transaction deletes, nor can the database be deleted
        self.unread = 0  # how many of the next reads of a range fail; the look at everything when a page begins works
        self.is_unreadable = False  # nothing can be read
        self.space_left: float | None = None  # None: the browser does not say
        self.is_persistent = False
        self.cut_writes_count = False  # transactions that a crash cuts off have reached the disk all the same
        self._unsynced: list[tuple[StoreName, Key, object]] = []  # rows whose deletion has not reached the disk
        self._next_key = 1
        self._under_way: list[tuple[asyncio.Future[None], tuple[Change, ...]]] = []
        self._crashes = 0
        self._is_connected = True
        self._is_closed = False

    # What the port promises.

    async def write(self, *changes: Change) -> None:
        if self._is_closed or not self._is_connected:
            raise JournalFull("The browser's storage took no more: InvalidStateError")
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._under_way.append((done, changes))
        if self.write_s:
            loop.call_later(self.write_s, self._end_oldest, self._crashes)
        else:
            loop.call_soon(self._end_oldest, self._crashes)
        await done

    async def rows(
        self, store: StoreName, first: Key | None = None, last: Key | None = None
    ) -> list[tuple[Key, object]]:
        await asyncio.sleep(0)
        if self._is_closed:
            raise JournalUnread("The browser's storage does not answer: InvalidStateError")
        self._is_connected = True
        if self._under_way:  # a read waits for the transactions that began before it
            await asyncio.wait({self._under_way[-1][0]})
        if self.is_unreadable:
            raise JournalUnread("The browser's storage does not answer: UnknownError")
        if first is not None and self.unread:
            self.unread -= 1
            raise JournalUnread("The browser's storage does not answer: UnknownError")
        return sorted(
            ((key, row) for key, row in self.stores[store].items() if _is_between(key, first, last)),
            key=lambda pair: _rank(pair[0]),
        )

    async def destroy(self) -> None:
        self.close()
        await asyncio.sleep(0)
        if self.is_broken:
            raise JournalFull("The browser's storage does not answer: UnknownError")
        self.stores, self._unsynced = _no_rows(), []

    def close(self) -> None:
        self._is_closed = True

    async def space(self) -> float | None:
        return self.space_left

    async def persist(self) -> None:
        self.is_persistent = True

    # What happens to a disk.

    def open(self) -> "FakeRowStore":
        """Be what the next page opens."""
        self._is_closed, self._is_connected = False, True
        return self

    def lose_connection(self) -> None:
        """Have the browser close the database, as it does to a disk that has failed once."""
        self._is_connected = False

    def crash(self, *, loses_power: bool = False) -> None:
        """Cut off what is being written; without power, lose what was not synced as well."""
        self._crashes += 1
        under_way, self._under_way = self._under_way, []
        for done, changes in under_way:
            done.cancel()
            if self.cut_writes_count and self._refusal(changes) is None:
                self._change(changes)
        for store, key, row in self._unsynced if loses_power else ():
            self.stores[store].setdefault(key, row)
        self._unsynced.clear()

    # Transactions.

    def _end_oldest(self, crashes: int) -> None:
        """End a transaction, unless a crash was first. Timers of one moment may come in any order, transactions not."""
        if crashes != self._crashes:
            return
        done, changes = self._under_way.pop(0)
        refusal = self._refusal(changes)
        if refusal is None:
            self._change(changes)
        if not done.done():  # else nobody waits any more
            done.set_result(None) if refusal is None else done.set_exception(refusal)

    def _refusal(self, changes: tuple[Change, ...]) -> JournalFull | None:
        puts = [change for change in changes if isinstance(change, Put)]
        if any(change.key is None and change.store != "facts" for change in puts):
            return JournalFull("The browser's storage took no more: DataError")
        if self.is_broken and len(puts) < len(changes):
            return JournalFull("The browser's storage does not answer: UnknownError")
        if puts and (self.failing.pop(0) if self.failing else self.room == 0):
            return JournalFull("The browser's storage took no more: QuotaExceededError")
        if puts and self.room is not None:
            self.room -= 1
        return None

    def _change(self, changes: tuple[Change, ...]) -> None:
        for change in changes:
            match change:
                case Put(store, row, key):
                    self.stores[store][self._new_key() if key is None else key] = row
                case Delete(store, first, last):
                    self._delete(store, [key for key in self.stores[store] if _is_between(key, first, last)])
                case DeleteFacts(upload):
                    rows = self.stores["facts"].items()
                    self._delete(
                        "facts", [key for key, row in rows if isinstance(row, dict) and row["upload"] == upload]
                    )
        if any(isinstance(change, Put) for change in changes):
            self._unsynced.clear()

    def _delete(self, store: StoreName, keys: list[Key]) -> None:
        self._unsynced += [(store, key, self.stores[store].pop(key)) for key in keys]

    def _new_key(self) -> int:
        self._next_key += 1
        return self._next_key - 1


def _no_rows() -> Rows:
    return {"chunks": {}, "facts": {}, "answers": {}}


def _is_between(key: Key, first: Key | None, last: Key | None) -> bool:
    return first is None or last is None or _rank(first) <= _rank(key) <= _rank(last)


def _rank(key: object) -> tuple[int, object]:
    """Order keys as IndexedDB does: numbers, then strings, then arrays."""
    if isinstance(key, tuple):
        return 3, tuple(_rank(part) for part in key)
    return (2, key) if isinstance(key, str) else (1, key)
