"""Decode a media file whole: a packet that cannot be decoded hides neither itself nor the rest."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import av


def blocks_of(content: bytes, **streams: int) -> Iterator[Any]:
    """Yield every picture and block of sound as PyAV has it, in the file's order; None: a packet that does not decode.

    `streams` chooses as PyAV's `demux` does: `video=0`.
    """
    with av.open(BytesIO(content), "r") as file:
        for packet in file.demux(**streams):
            try:
                yield from packet.decode()
            except av.FFmpegError:
                yield None
