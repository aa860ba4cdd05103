"""A film for Chromium's fake camera: a still background, something that moves, a camera's noise, numbered frames.

Every frame carries its number in a row of black and white blocks, so that a recorded frame finds its original.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
from av.filter import Graph

WIDTH, HEIGHT, FRAMES_PER_SECOND = 640, 480, 30
FRAMES = 240  # the camera then begins again
NOISE = 8  # of 100; a laptop's camera in a room at night has more
BITS = 8  # of a frame number
BLOCK = 16  # pixels


def write_film(path: Path) -> list[bytes]:
    """Write the film as Motion JPEG, which Chromium takes as a camera; return the luma of its frames."""
    with av.open(str(path), "w", format="mjpeg") as film:
        stream: Any = film.add_stream("mjpeg", rate=FRAMES_PER_SECOND, options={"qscale": "3", "qmin": "2"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuvj420p"
        for number, frame in enumerate(_scene()):
            _put_number(frame, number)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    with av.open(str(path), format="mjpeg") as film:
        return [luma(frame) for frame in film.decode(video=0)]


def luma(frame: Any) -> bytes:
    """Return the brightness of a frame's pixels, row by row."""
    plane = frame.planes[0]
    rows = memoryview(plane)
    return b"".join(
        rows[start : start + frame.width] for start in range(0, plane.line_size * frame.height, plane.line_size)
    )


def number_in(brightness: bytes) -> int:
    """Return the number that a frame carries."""
    middle = BLOCK // 2 * WIDTH
    return sum(1 << bit for bit in range(BITS) if brightness[middle + bit * BLOCK + BLOCK // 2] > 127)


def _put_number(frame: Any, number: int) -> None:
    plane = frame.planes[0]
    brightness = bytearray(plane)
    for row in range(BLOCK):
        for bit in range(BITS):
            start = row * plane.line_size + bit * BLOCK
            brightness[start : start + BLOCK] = bytes([240 if number >> bit & 1 else 16]) * BLOCK
    plane.update(bytes(brightness))


def _scene() -> Iterator[Any]:
    graph = Graph()
    size = f"size={WIDTH}x{HEIGHT}:rate={FRAMES_PER_SECOND}"
    background = [graph.add("mandelbrot", f"{size}:start_scale=0.3"), graph.add("loop", "loop=-1:size=1")]
    speaker = graph.add("testsrc2", f"size=200x260:rate={FRAMES_PER_SECOND}")
    joined = graph.add("overlay", "x=220+60*sin(2*t):y=130+30*sin(3.1*t)")
    rest = [
        graph.add("noise", f"alls={NOISE}:allf=t"),
        graph.add("format", "pix_fmts=yuvj420p"),
        graph.add("buffersink"),
    ]
    background[0].link_to(background[1])
    background[1].link_to(joined, 0, 0)
    speaker.link_to(joined, 0, 1)
    for before, after in zip([joined, *rest], rest, strict=False):
        before.link_to(after)
    graph.configure()
    for _ in range(FRAMES):
        yield graph.vpull()
