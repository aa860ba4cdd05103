"""Hold back what is told of a recording until it is long enough to count."""

from collections.abc import Callable

from app.core.session.answers import COUNTS_FROM_S
from app.core.upload.events import ChunkJournalled, Fact


class MinimumLength:
    """Stand between one take and the uploads. What never counts has opened nothing, and its number stays free."""

    def __init__(self, tell: Callable[[Fact], None], on_counted: Callable[[], None]) -> None:
        """`on_counted` is called once, before anything is told."""
        self._tell = tell
        self._on_counted = on_counted
        self._held: list[Fact] = []
        self.counts = False

    def tell(self, fact: Fact) -> None:
        if self.counts:
            self._tell(fact)
            return
        self._held.append(fact)
        if isinstance(fact, ChunkJournalled) and fact.elapsed_s >= COUNTS_FROM_S:
            self.count()

    def count(self) -> None:
        """Have the take count, however short it is. Nothing happens before its first chunk."""
        if self.counts or not self._held:
            return
        self.counts = True
        self._on_counted()
        for fact in self._held:
            self._tell(fact)
        self._held.clear()
