"""Put a recording into a file with duration and seek points. Its packets are copied, never encoded again."""

import math
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

# MP4: what a player needs first stands in front. WebM: the list of seek points does.
_OPTIONS = {"mp4": {"movflags": "+faststart"}, "webm": {"cues_to_front": "1"}}
_WITH_PARAMETERS = ("avc3", "hev1")  # each key frame brings its own: the picture may change its size in mid-recording


class NotPlayable(Exception):
    """The recording cannot be read as what it says it is; `str()` says why, in the library's words."""


def remux(source: Path, target: Path, kind: str) -> float:
    """Write `source` anew as "mp4" or "webm". Return its duration in seconds. Raises NotPlayable.

    A file that breaks off in the middle ends there. Memory grows with the packets, by about 150 bytes for each.
    """
    try:
        with av.open(str(source)) as reading, closing(_writing(target, kind)) as writing:
            return _copy(reading, writing)
    except (av.FFmpegError, ValueError) as error:
        raise NotPlayable(getattr(error, "strerror", None) or type(error).__name__) from None


def _writing(target: Path, kind: str) -> OutputContainer:
    return av.open(str(target), "w", format=kind, container_options=_OPTIONS[kind])


def _copy(reading: InputContainer, writing: OutputContainer) -> float:
    streams = {stream.index: _alike(stream, writing) for stream in (*reading.streams.video, *reading.streams.audio)}
    begin_s, end_s = math.inf, 0.0
    for packet in _packets(reading, streams):
        at_s = float((packet.pts or 0) * packet.time_base)
        begin_s = min(begin_s, at_s)
        end_s = max(end_s, at_s + float((packet.duration or 0) * packet.time_base))
        packet.stream = streams[packet.stream.index]
        writing.mux(packet)
    if math.isinf(begin_s):
        raise NotPlayable("nothing in it can be read")
    return end_s - begin_s


def _alike(stream: Stream, writing: OutputContainer) -> Stream:
    made = writing.add_stream_from_template(stream)
    if stream.codec_context.codec_tag in _WITH_PARAMETERS and writing.format.name == "mp4":
        made.codec_context.codec_tag = stream.codec_context.codec_tag
    return made


def _packets(reading: InputContainer, streams: dict[int, Stream]) -> "Iterator[Packet[Stream]]":
    """Yield the packets of these streams in the order of the file, up to its end or to where it is damaged."""
    demuxed = reading.demux(*[reading.streams[index] for index in streams])
    while True:
        try:
            packet = next(demuxed)
        except (StopIteration, av.FFmpegError):
            return
        if packet.dts is not None and packet.size:  # otherwise it marks an end
            yield packet
