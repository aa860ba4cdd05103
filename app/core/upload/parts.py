"""Decide where a recording is cut into parts. Moves sizes, never bytes."""

from dataclasses import dataclass

from app.contract import PartRules

KIB = 1024
PART_S = 0.4  # seconds of the uplink that one part takes: short enough for a short wait after Stop
SMALLEST, LARGEST = 64 * KIB, 1024 * KIB  # bytes; a smaller part costs more than it carries
BACKLOG_PARTS = 2  # into so many parts a backlog is divided, as so many are sent at once
UNKNOWN_LINK = 256 * KIB  # bytes of a part before the uplink is measured


@dataclass(frozen=True, slots=True)
class Part:
    number: int  # from 1, as in S3
    offset: int  # first byte, from the start of the recording
    size: int

    @property
    def end(self) -> int:
        return self.offset + self.size


@dataclass(frozen=True, slots=True)
class StoredPiece:
    """A part that the store has acknowledged."""

    part: Part
    etag: str
    slot: str | None = None  # None: it is not to be folded


def wanted_size(bytes_per_second: float | None) -> int:
    """Return the size of a part for an uplink of this speed (None: not measured), in bytes.

    It is a power of two, so that it stays the same while the measured speed varies a little: the URLs of the next
    parts, each good for one exact size, can then be signed ahead.
    """
    return UNKNOWN_LINK if bytes_per_second is None else _doubled(SMALLEST, bytes_per_second * PART_S)


def _doubled(smallest: int, size: float) -> int:
    """Return `smallest`, doubled as often as it stays at most `size` and LARGEST."""
    while smallest * 2 <= min(size, LARGEST):
        smallest *= 2
    return smallest


class PartCutter:
    """Cut a growing recording into parts by the rules of its upload.

    A part is cut only when it can be sent: a sender with nothing to do takes what is there, one with a backlog takes
    whole parts. Where all parts are equal, that makes no difference.
    """

    def __init__(self, rules: PartRules, recorded: int = 0) -> None:
        self.rules = rules
        self.cut = 0  # bytes that belong to a part
        self.count = 0  # parts so far
        self._recorded = recorded
        self._rest_bytes: int | None = None  # of a part, once no chunk follows; None: the recording still grows

    def add(self, size: int) -> None:
        """Take a chunk of `size` bytes. Raises ValueError if `size` is negative."""
        if size < 0:
            raise ValueError(f"a chunk cannot have {size} bytes")
        self._recorded += size

    def finish(self) -> None:
        """Note that no chunk follows: what is left goes in parts that end together. May be called twice.

        Parts that are sent in order do not end together: there the rest is not divided.
        """
        if self._rest_bytes is None:
            left = self._recorded - self.cut
            share = left if self.rules.are_in_order else -(-left // BACKLOG_PARTS)
            self._rest_bytes = min(LARGEST, share if share > self.smallest else left)

    @property
    def _has_ended(self) -> bool:
        return self._rest_bytes is not None

    def end_at(self, size: int, parts: list[Part]) -> None:
        """Continue with only the first `size` bytes; `parts` are those of them that were cut before."""
        self._recorded = size
        self.cut = max((part.end for part in parts), default=0)
        self.count = max((part.number for part in parts), default=0)
        self.finish()

    def next_part(self, wanted: int, *, is_idle: bool) -> Part | None:
        """Return the part that would be cut next; None if what is there should wait for more.

        `wanted` is its size in bytes, within the rules; `is_idle`: nothing else is being sent.
        """
        left = self._recorded - self.cut
        if not left:
            return None
        size = self._full_size(wanted, left)
        if left >= size:
            return Part(self.count + 1, self.cut, size)
        may_be_short = self._has_ended or (is_idle and self.rules.window_bytes is None and left >= self.smallest)
        if not self._has_ended and self.rules.step_bytes is not None:
            left -= left % self.rules.step_bytes
        return Part(self.count + 1, self.cut, left) if left and may_be_short else None

    def expected(self) -> Part | None:
        """Return the part that will be cut next if the backlog stays as it is; None if none will."""
        left = self._recorded - self.cut
        size = self._full_size(self.smallest, left)
        if self._has_ended:
            size = min(size, left)
        return Part(self.count + 1, self.cut, size) if size else None

    @property
    def smallest(self) -> int:
        """Return how many bytes the next part has at least if it is not the last."""
        return self.rules.smallest(self.count + 1)

    def _full_size(self, wanted: int, left: int) -> int:
        rules, window = self.rules, self.rules.window_bytes
        if window is None:
            return min(max(wanted, self._share(left), self.smallest), rules.max_bytes)
        in_window = window - self.cut % window
        # With a whole window of backlog, the rest of this one goes as a single part: nothing waits for it. Without any
        # backlog the rules fix each part's size, so that the next ones can be signed before they are recorded.
        is_behind = left >= window and in_window <= rules.max_bytes
        small = max(self.smallest, self._share(left))
        return in_window if is_behind else min(small, in_window, rules.max_bytes)

    def _share(self, left: int) -> int:
        """Return what a part takes of a backlog, in bytes; 0 if there is none.

        A speed that was measured with long round trips makes parts small, and small parts make it slow: each waits for
        its URL, and TCP begins slowly again.
        """
        if self._rest_bytes is not None:
            return self._rest_bytes
        share = left // BACKLOG_PARTS
        return _doubled(self.smallest, share) if share >= self.smallest else 0

    def take(self, part: Part) -> None:
        """Cut `part`. Raises ValueError unless it follows the last one and was recorded."""
        if (part.number, part.offset) != (self.count + 1, self.cut) or not self.cut < part.end <= self._recorded:
            raise ValueError(f"part {part.number} does not follow part {self.count}")
        self.cut, self.count = part.end, part.number

    def whole_parts(self) -> list[Part]:
        """Cut and return every part that is complete, and the short last one if the recording has ended."""
        parts = []
        while (part := self.next_part(self.rules.max_bytes, is_idle=False)) is not None:
            self.take(part)
            parts.append(part)
        return parts

    @property
    def has_backlog(self) -> bool:
        """Whether a recording that goes on has a part to cut; it waits for the line, or it would have been cut."""
        return not self._has_ended and self._recorded - self.cut >= self.smallest

    @property
    def is_done(self) -> bool:
        """Whether every byte of an ended recording belongs to a part."""
        return self._has_ended and self.cut == self._recorded
