"""Find the chunks that hold a range of a recording's bytes. Moves sizes, never bytes."""

from bisect import bisect_right


class ChunkIndex:
    """Index the chunks of one recording in order, and track which of their bytes are still wanted."""

    def __init__(self) -> None:
        self._endpoints: list[int] = []  # of each chunk: the offset after its last byte
        self._wanted: list[int] = []  # of each chunk: bytes that are not released
        self._released: list[tuple[int, int]] = []  # ranges (start, end), ascending; no two of them touch

    @property
    def size(self) -> int:
        """Return the total size of all chunks, released or not."""
        return self._endpoints[-1] if self._endpoints else 0

    @property
    def count(self) -> int:
        """Return the number of chunks, which is the place of the next one."""
        return len(self._endpoints)

    def add(self, size: int) -> None:
        """Append a chunk. Raises ValueError if it is empty: the search by offset cannot find such a place."""
        if size < 1:
            raise ValueError(f"a chunk of {size} bytes is no chunk")
        self._endpoints.append(self.size + size)
        self._wanted.append(size)

    def covering(self, offset: int, size: int) -> range | None:
        """Return the places of the chunks that hold these bytes; None if the chunks do not hold all of them."""
        if size < 1 or offset < 0 or offset + size > self.size:
            return None
        return range(bisect_right(self._endpoints, offset), bisect_right(self._endpoints, offset + size - 1) + 1)

    def start(self, place: int) -> int:
        """Return the offset of a chunk's first byte."""
        return self._endpoints[place - 1] if place else 0

    def release(self, offset: int, size: int) -> list[int]:
        """Note that these bytes are no longer wanted; return the places of chunks that have no wanted bytes left.

        Releasing a byte twice changes nothing: a part may be acknowledged again.
        """
        done = []
        for first, end in self._not_yet_released(offset, offset + size):
            for place in self.covering(first, end - first) or ():
                self._wanted[place] -= self._overlap(place, first, end)
                if self._wanted[place] == 0:
                    done.append(place)
        return done

    def hold(self, offset: int, size: int) -> None:
        """Note that these bytes are wanted again: the store has lost them."""
        end = offset + size
        again = [(max(start, offset), min(stop, end)) for start, stop in self._released]
        for start, stop in again:
            for place in self.covering(start, stop - start) or ():
                self._wanted[place] += self._overlap(place, start, stop)
        before = [(start, min(stop, offset)) for start, stop in self._released]
        behind = [(max(start, end), stop) for start, stop in self._released]
        self._released = sorted((start, stop) for start, stop in (*before, *behind) if start < stop)

    def _not_yet_released(self, start: int, end: int) -> list[tuple[int, int]]:
        """Note this range as released; return the ranges in it that were not released before."""
        if self.covering(start, end - start) is None:
            return []
        touched = [(first, last) for first, last in self._released if first <= end and last >= start]
        fresh, at = [], start
        for first, last in touched:
            fresh.append((at, first))
            at = max(at, last)
        fresh.append((at, end))
        whole = (min([start, *(first for first, _ in touched)]), max([end, *(last for _, last in touched)]))
        self._released = sorted([*(one for one in self._released if one not in touched), whole])
        return [(first, last) for first, last in fresh if first < last]

    def _overlap(self, place: int, start: int, end: int) -> int:
        return min(self._endpoints[place], end) - max(self.start(place), start)

    def released(self) -> list[int]:
        """Return the places of all chunks that have no wanted bytes left."""
        return [place for place, wanted in enumerate(self._wanted) if wanted == 0]
