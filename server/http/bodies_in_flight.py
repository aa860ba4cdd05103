"""How much memory bodies that are still arriving may take: in all, and of one ticket."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from app.contract import MIB
from server.errors import StoreUnavailable, TooManyRequests

_ALL_BYTES = 64 * MIB
_EACH_BYTES = 10 * MIB  # the longest submission, and some small calls beside it


class BodiesInFlight:
    """Reserve room for a body before it is read. Used on the event loop alone."""

    def __init__(self) -> None:
        self._reserved: Counter[str] = Counter()

    @contextmanager
    def room(self, who: str, size: int) -> Iterator[None]:
        """Reserve `size` bytes. Raises TooManyRequests for one ticket with too much, StoreUnavailable for all."""
        if self._reserved[who] + size > _EACH_BYTES:
            raise TooManyRequests(retry_after_s=2)
        if self._reserved.total() + size > _ALL_BYTES:
            raise StoreUnavailable("Too much is being sent at the moment. Try again a little later.")
        self._reserved[who] += size
        try:
            yield
        finally:
            self._reserved[who] -= size
            self._reserved += Counter()  # forgets those that have nothing under way
