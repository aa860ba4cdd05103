"""The bytes of the made-up recorder (browser/synthetic.js), made once more outside the page.

Of a page that was killed nobody can ask what it had recorded; this tells it by the place of each chunk.
"""

import struct
from collections.abc import Iterator, Sequence
from functools import cache

WORDS = 65_536
_STRIDE = 4_099  # bytes; a prime, so that chunks begin at many places of the noise
_SEED = 2_463_534_242
_MASK = 0xFFFF_FFFF


@cache
def _noise() -> bytes:
    """Return 256 KiB of noise by xorshift32 (Marsaglia 2003)."""
    words, state = [], _SEED
    for _ in range(WORDS):
        state ^= state << 13 & _MASK
        state ^= state >> 17
        state ^= state << 5 & _MASK
        words.append(state)
    return struct.pack(f"<{WORDS}I", *words)


def chunk(place: int, size: int) -> bytes:
    """Return the chunk at `place` (from 0): its own number in front, then noise."""
    noise = _noise()
    start = place * _STRIDE % len(noise)
    repeated = noise[start:] + noise * (size // len(noise)) + noise[:start]
    return (struct.pack("<I", place) + repeated[4:])[:size]


def chunks(sizes: Sequence[int]) -> Iterator[bytes]:
    """Yield chunk after chunk without an end; `sizes` are used in turns."""
    place = 0
    while True:
        yield chunk(place, sizes[place % len(sizes)])
        place += 1
