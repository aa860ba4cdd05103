"""Look into a recorded file: what its container costs, what its key frames cost, how good its picture is."""

import math
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import fmean, median
from typing import Any

import av
from av.filter import Graph

from tests.benchmarks.camera import HEIGHT, WIDTH, luma, number_in
from tests.support.decoding import blocks_of

GRAY = av.VideoFormat("gray", WIDTH, HEIGHT)
COMPARED_EVERY = 5  # frames: decoding is cheap, comparing is not


@dataclass(frozen=True)
class Clip:
    """One recorded file."""

    size: int
    payload: int  # bytes of it that are picture and sound; the rest is the container's
    duration_s: float
    ends: tuple[tuple[int, float], ...]  # of the leading track: up to which byte, and what plays with these
    key_frames_s: float | None  # median distance; None: there is one, or no picture
    key_share: float | None  # of the picture's bytes; None: no picture
    psnr_db: float | None  # against the camera's film; None: not that film
    per_second: float | None  # pictures that decode; None: no picture
    failed: int  # frames that do not decode

    @property
    def overhead(self) -> float:
        """Return the share of the file that is neither picture nor sound."""
        return 1 - self.payload / self.size

    def covered_s(self, size: int) -> float:
        """Return how many seconds the first `size` bytes hold."""
        return max((end_s for end, end_s in self.ends if end <= size), default=0.0)


def clip_of(content: bytes, film: list[bytes] | None) -> Clip:
    """Look into a recorded file; `film` is what the camera saw."""
    payload, key_size, leading_size = 0, 0, 0
    ends: list[tuple[int, float]] = []
    keys: list[float] = []
    with av.open(BytesIO(content), "r") as file:
        leading: Any = (file.streams.video or file.streams.audio)[0]
        for packet in file.demux():
            if packet.size == 0:
                continue
            payload += packet.size
            if packet.stream_index != leading.index:
                continue
            leading_size += packet.size
            time_s = float((packet.pts or 0) * packet.time_base)
            end = max((packet.pos or 0) + packet.size, ends[-1][0] if ends else 0)  # WebM's places are not all told
            ends.append((end, time_s + float((packet.duration or 0) * packet.time_base)))
            if packet.is_keyframe:
                keys.append(time_s)
                key_size += packet.size
        has_picture = bool(file.streams.video)
    pictures, failed, pairs = _decode(content, film)
    duration_s = max(end_s for _, end_s in ends)
    return Clip(
        size=len(content),
        payload=payload,
        duration_s=duration_s,
        ends=tuple(ends),
        key_frames_s=median(after - before for before, after in pairwise(keys)) if has_picture and keys[1:] else None,
        key_share=key_size / leading_size if has_picture else None,
        psnr_db=psnr(pairs) if pairs else None,
        per_second=pictures / duration_s if has_picture else None,
        failed=failed,
    )


def _decode(content: bytes, film: list[bytes] | None) -> tuple[int, int, list[tuple[bytes, bytes]]]:
    """Decode everything; return how many pictures do, how much does not, and some pictures beside their originals."""
    pictures, failed, pairs = 0, 0, []
    for block in blocks_of(content):
        if block is None:
            failed += 1
        elif isinstance(block, av.VideoFrame):
            pictures += 1
            if film and pictures % COMPARED_EVERY == 0:
                seen = luma(block)
                pairs.append((seen, film[number_in(seen) % len(film)]))
    return pictures, failed, pairs


def psnr(pairs: Iterable[tuple[bytes, bytes]]) -> float:
    """Return the mean signal-to-noise ratio of the brightness, in dB."""
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        graph = Graph()
        given = [graph.add_buffer(width=WIDTH, height=HEIGHT, format=GRAY, time_base=Fraction(1, 30)) for _ in range(2)]
        compared, sink = graph.add("psnr", f"stats_file={log.name}"), graph.add("buffersink")
        for place, source in enumerate(given):
            source.link_to(compared, 0, place)
        compared.link_to(sink)
        graph.configure()
        for number, pair in enumerate(pairs):
            for source, brightness in zip(given, pair, strict=True):
                frame = av.VideoFrame(WIDTH, HEIGHT, "gray")
                frame.planes[0].update(brightness)
                frame.pts = number
                source.push(frame)
            sink.pull()
        del graph, given, compared, sink  # the filter writes its last lines when it is gone
        lines = Path(log.name).read_text().splitlines()
    return (
        fmean(float(line.split("psnr_avg:")[1].split()[0]) for line in lines if "psnr_avg:inf" not in line) or math.inf
    )
