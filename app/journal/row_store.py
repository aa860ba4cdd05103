"""The port between the journal and the disk: rows in three stores. IndexedDB is its real end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from app.core.media import Media

StoreName = Literal["chunks", "facts", "answers"]
Key = str | float | tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class Put:
    """Write one row, over what was there."""

    store: StoreName
    row: dict[str, object] | str
    key: Key | None = None  # None: the store numbers its rows itself, as only `facts` does


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
    """The rows of one session: `chunks` by (question, take, track, place), `facts` in order, `answers` by name."""

    async def write(self, *changes: Change) -> None:
        """Make all of these changes, or none of them. Raises JournalFull.

        If one of them is a `Put`, all are on the disk when this returns, with everything written before them. Deletions
        alone survive a crash of the browser, but a power loss may undo them until the next `Put`.
        """

    async def rows(
        self, store: StoreName, first: Key | None = None, last: Key | None = None
    ) -> list[tuple[Key, object]]:
        """Return keys and rows from key `first` to key `last`, in order; all of them if `first` is None.

        Another page may have written them: a row may be anything, a key any of IndexedDB's. Raises JournalUnread.
        """

    async def destroy(self) -> None:
        """Delete everything and close. Raises JournalFull."""

    def close(self) -> None:
        """Let the database go; every later call raises. May be called twice."""

    async def space(self) -> float | None:
        """Return how many more bytes the browser grants this page; None if it does not say."""

    async def persist(self) -> None:
        """Ask the browser not to clear this page's storage when the disk gets full. It may refuse."""


CutMedia = Callable[[Sequence[Media], int, int], Media]
"""Return the bytes from `start` to `end` of these media, one behind the other, as one handle. Copies nothing."""
