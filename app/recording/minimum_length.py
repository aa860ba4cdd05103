"""Hold back the facts of a recording until it is long enough to count."""

from collections.abc import Callable

from app.core.session.answers import COUNTS_FROM_S
from app.core.upload.events import ChunkJournalled, Fact


class MinimumLength:
    """Hold one take's facts until the take counts. One that never counts opens no upload and uses no take number."""

    def __init__(self, tell: Callable[[Fact], None], on_counted: Callable[[], None]) -> None:
        """`on_counted` is called once, before `tell` gets the first fact."""
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
        """Make the take count, however short it is. Do nothing before its first chunk."""
        if self.counts or not self._held:
            return
        self.counts = True
        self._on_counted()
        for fact in self._held:
            self._tell(fact)
        self._held.clear()
