"""Where a recording's bytes lie among its chunks. Moves sizes, never bytes."""

from bisect import bisect_right


class Extents:
    """The chunks of one recording, in order, and which of their bytes are still wanted."""

    def __init__(self) -> None:
        self._ends: list[int] = []  # of each chunk: the offset behind its last byte
        self._wanted: list[int] = []  # of each chunk: bytes that are not released

    @property
    def size(self) -> int:
        """Return the bytes of all chunks, released or not."""
        return self._ends[-1] if self._ends else 0

    @property
    def count(self) -> int:
        """Return the number of chunks; the next one gets this place."""
        return len(self._ends)

    def add(self, size: int) -> None:
        """Append a chunk. Raises ValueError if it has no bytes: places would no longer be found by offset."""
        if size < 1:
            raise ValueError(f"a chunk of {size} bytes is no chunk")
        self._ends.append(self.size + size)
        self._wanted.append(size)

    def covering(self, offset: int, size: int) -> range | None:
        """Return the places of the chunks that hold these bytes; None if there are not so many."""
        if size < 1 or offset < 0 or offset + size > self.size:
            return None
        return range(bisect_right(self._ends, offset), bisect_right(self._ends, offset + size - 1) + 1)

    def start(self, place: int) -> int:
        """Return the offset of a chunk's first byte."""
        return self._ends[place - 1] if place else 0

    def release(self, offset: int, size: int) -> list[int]:
        """Note that these bytes are no longer wanted; return the places of chunks that have none left.

        Each byte is released once: the caller's acknowledged parts do not overlap.
        """
        done = []
        for place in self.covering(offset, size) or ():
            start, end = self.start(place), self._ends[place]
            self._wanted[place] -= min(end, offset + size) - max(start, offset)
            if self._wanted[place] == 0:
                done.append(place)
        return done

    def released(self) -> list[int]:
        """Return the places of all chunks of which nothing is wanted any more."""
        return [place for place, wanted in enumerate(self._wanted) if wanted == 0]
