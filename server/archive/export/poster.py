"""A still of a video, for the page to show until it is played."""

from fractions import Fraction
from pathlib import Path

import av
from av.filter import Graph
from av.video.frame import VideoFrame

_WIDTH = 640  # pixels
_AT_S = 1.0  # the first picture of a camera is often dark
_LOOKS = 90  # frames
_TURNS = {90: ("transpose", "cclock"), -90: ("transpose", "clock"), 270: ("transpose", "clock")}


def write_poster(video: Path, target: Path) -> bool:
    """Write a JPEG of the video at about one second. Return False if it has no picture that can be decoded."""
    try:
        frame = _frame(video)
        if frame is None:
            return False
        upright = _turned(frame)
        width = min(_WIDTH, upright.width) // 2 * 2
        small = upright.reformat(width, upright.height * width // upright.width // 2 * 2, "yuvj420p")
        encoder = av.CodecContext.create("mjpeg", "w")
        encoder.width, encoder.height, encoder.pix_fmt = small.width, small.height, small.format.name
        encoder.time_base = small.time_base = Fraction(1, 25)  # any will do for one picture
        target.write_bytes(b"".join(bytes(packet) for packet in (*encoder.encode(small), *encoder.encode(None))))
    except (av.FFmpegError, ValueError, IndexError):
        return False
    return True


def _frame(video: Path) -> VideoFrame | None:
    found = None
    with av.open(str(video)) as film:
        for number, frame in enumerate(film.decode(video=0)):
            found = frame
            if (frame.time or 0.0) >= _AT_S or number >= _LOOKS:
                break
    return found


def _turned(frame: VideoFrame) -> VideoFrame:
    """Return the frame as a player shows it: telephones write upright videos lying down."""
    if frame.rotation not in _TURNS:
        return frame
    graph = Graph()
    source = graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)
    turn, sink = graph.add(*_TURNS[frame.rotation]), graph.add("buffersink")
    source.link_to(turn)
    turn.link_to(sink)
    graph.configure()
    source.push(frame)
    turned = sink.pull()
    return turned if isinstance(turned, VideoFrame) else frame
