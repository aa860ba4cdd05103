"""The port between the journal and the disk: rows in three stores. The real adapter uses IndexedDB."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.core.media import Media

StoreName = Literal["chunks", "facts", "answers"]
Key = str | float | tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Put:
    """Write one row; replace the row that has the same key."""

    store: StoreName
    row: dict[str, object] | str
    key: Key | None = None  # None: the store numbers its rows itself; only `facts` does


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete the rows of a store from key `first` to key `last`, both included."""

    store: StoreName
    first: Key
    last: Key


@dataclass(frozen=True, slots=True)
class DeleteFacts:
    """Delete the rows of `facts` whose field `upload` has this value."""

    upload: str


Change = Put | Delete | DeleteFacts


class RowStore(Protocol):
    """Keep the rows of one session: `chunks` by (question, key, track, place), `facts` in order, `answers` by name."""

    async def write(self, *changes: Change) -> None:
        """Make all of these changes, or none of them. Raises JournalFull.

        If one of them is a `Put`, all of them and everything written before are on the disk when this returns.
        Deletions alone survive a crash of the browser, but a power loss may undo them until the next `Put`.
        """

    async def rows(
        self, store: StoreName, first: Key | None = None, last: Key | None = None
    ) -> list[tuple[Key, object]]:
        """Return keys and rows from key `first` to key `last`, in order; all of them if `first` is None.

        Another page may have written them: a row may be any value, a key any IndexedDB key. Raises JournalUnread.
        """

    async def destroy(self) -> None:
        """Delete everything and close. Raises JournalFull."""

    def close(self) -> None:
        """Close the database; every later call raises. May be called twice."""

    async def space(self) -> float | None:
        """Return how many more bytes the browser grants this page; None if it does not say."""

    async def persist(self) -> None:
        """Ask the browser not to clear this page's storage when the disk gets full. It may refuse."""


CutMedia = Callable[[Sequence[Media], int, int], Media]
"""Return the bytes from `start` to `end` of these media, one behind the other, as one handle. Copies nothing."""
