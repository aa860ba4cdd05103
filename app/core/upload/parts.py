"""Decide where a recording is cut into parts. Moves sizes, never bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    number: int  # from 1, as in S3
    offset: int  # first byte, from the start of the recording
    size: int


class PartCutter:
    """Cut a growing recording into parts of exactly `part_bytes`, the last one shorter.

    The parts are equal because R2 refuses others, and because a part's offset then follows from its number.
    """

    def __init__(self, part_bytes: int) -> None:
        """Raises ValueError if `part_bytes` is not positive."""
        if part_bytes < 1:
            raise ValueError(f"part_bytes must be positive, not {part_bytes}")
        self.part_bytes = part_bytes
        self._recorded = 0  # bytes taken
        self._cut = 0  # bytes that belong to a part

    def add(self, size: int) -> list[Part]:
        """Take a chunk of `size` bytes; return the parts it completes (a chunk may hold several).

        Raises ValueError if `size` is negative.
        """
        if size < 0:
            raise ValueError(f"a chunk cannot have {size} bytes")
        self._recorded += size
        parts = []
        while self._recorded - self._cut >= self.part_bytes:
            parts.append(self._next(self.part_bytes))
        return parts

    def finish(self) -> Part | None:
        """Return the short last part; None if the last cut took everything."""
        rest = self._recorded - self._cut
        return self._next(rest) if rest else None

    def _next(self, size: int) -> Part:
        part = Part(number=self._cut // self.part_bytes + 1, offset=self._cut, size=size)
        self._cut += size
        return part
