"""Films of which every second is marked in picture and sound, and how far a film keeps them in step.

At each whole second the picture is white, and a tone sounds, for a tenth of a second. The rest is a moving slope under
a camera's noise: at a high rate it fills a file quickly, at a low rate encoders leave the noise out. The first corner
of the picture, as it is encoded, is red; the rest is grey.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy

RATE_HZ = 48_000
MARK_S = 0.1
RED = (90, 240)  # U, V
CORNER = 4  # the red corner is a fourth of either side
TONE_HZ = 1_000
NOISE = 8  # of 255, up or down: a telephone's camera in a room in the evening
HELD_UPRIGHT = -90  # the rotation that a telephone writes then
BLOCK = 960  # samples: 20 ms


@dataclass(frozen=True)
class Format:
    container: str
    video: str
    pixels: str
    audio: str
    options: dict[str, str]


MP4 = Format("mp4", "libx264", "yuv420p", "aac", {"preset": "ultrafast", "g": "60"})
# What a browser without H.264 can read of a telephone's kind of file.
MP4_VP9 = Format("mp4", "libvpx-vp9", "yuv420p", "libopus", {"deadline": "realtime", "cpu-used": "8", "g": "60"})
WEBM = Format("webm", "libvpx", "yuv420p", "libopus", {"deadline": "realtime", "cpu-used": "16", "g": "60"})


@dataclass(frozen=True)
class Film:
    """What a film holds, as PyAV decodes it."""

    frames: int
    failed: int  # packets that cannot be decoded
    size: tuple[int, int]  # pixels, as encoded
    rotation: int  # degrees, counter-clockwise, by which a player turns it
    red: tuple[str, ...]  # corners that are red, as a player shows it
    picture_s: float  # when its last frame ends
    sound_s: float  # when its last sample ends
    offsets_s: tuple[float, ...]  # by how much each tone comes after its flash

    @property
    def shown_size(self) -> tuple[int, int]:
        """Return the size as a player shows it."""
        width, height = self.size
        return (height, width) if self.rotation % 180 else (width, height)

    @property
    def offset_s(self) -> float:
        """Return the largest distance between a flash and its tone."""
        return max((abs(offset) for offset in self.offsets_s), default=float("inf"))


def write(
    path: Path,
    kind: Format,
    *,
    duration_s: int,
    size: tuple[int, int] = (1920, 1080),
    bits_per_second: int = 40_000_000,
    frames_per_second: int = 30,
    rotation: int = 0,
) -> None:
    """Write a film that players turn counter-clockwise by `rotation` degrees."""
    with av.open(str(path), "w", format=kind.container) as film:
        video: Any = film.add_stream(kind.video, rate=frames_per_second, options=kind.options)
        (video.width, video.height), video.pix_fmt, video.bit_rate = size, kind.pixels, bits_per_second
        video.codec_context.thread_count = 2
        video.set_display_rotation(rotation)
        audio: Any = film.add_stream(kind.audio, rate=RATE_HZ, layout="mono")
        audio.bit_rate = 96_000
        sounds = _sounds(duration_s)
        for number, picture in enumerate(_pictures(duration_s, size, frames_per_second)):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, frames_per_second)
            film.mux(video.encode(frame))
            while (sound := next(sounds, None)) is not None:
                film.mux(audio.encode(sound))
                if sound.pts / RATE_HZ > number / frames_per_second:
                    break
        for sound in sounds:
            film.mux(audio.encode(sound))
        film.mux(video.encode(None))
        film.mux(audio.encode(None))


def _pictures(duration_s: int, size: tuple[int, int], frames_per_second: int) -> Iterator[Any]:
    width, height = size
    grey = numpy.full((height * 3 // 2, width), 128, numpy.uint8)
    for plane, value in zip(grey[height:].reshape(2, height // 2, width // 2), RED, strict=True):
        plane[: height // 2 // CORNER, : width // 2 // CORNER] = value
    random = numpy.random.default_rng(1)
    slope = numpy.linspace(60, 180, width * 2).astype(numpy.uint8)
    noise = random.integers(0, 2 * NOISE, (height, width * 2), numpy.uint8)
    for number in range(duration_s * frames_per_second):
        picture = grey.copy()
        if number % frames_per_second < frames_per_second * MARK_S:
            picture[:height] = 235
        else:
            start, moved = int(random.integers(width)), number % width  # no two pictures have the same noise
            picture[:height] = noise[:, start : start + width] + slope[moved : moved + width]
        yield picture


def _sounds(duration_s: int) -> Iterator[Any]:
    for start in range(0, duration_s * RATE_HZ, BLOCK):
        at = numpy.arange(start, start + BLOCK)
        tone = 0.5 * numpy.sin(2 * numpy.pi * TONE_HZ * at / RATE_HZ) * (at % RATE_HZ < RATE_HZ * MARK_S)
        frame = av.AudioFrame.from_ndarray(tone.astype(numpy.float32)[None], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, start, Fraction(1, RATE_HZ)
        yield frame


def damaged(path: Path, from_s: float) -> bytes:
    """Return a film of which no picture decodes from that second on; what tells its length is whole."""
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as film:
        for packet in film.demux(video=0):
            if packet.size and packet.pos is not None and float((packet.pts or 0) * packet.time_base) >= from_s:
                content[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    return bytes(content)


def read(path: Path) -> Film:
    """Decode all of a film."""
    flashes, failed, frames, size, rotation, red, picture_s = _read_pictures(path)
    tones, sound_s = _read_sound(path)
    # A beginning that is cut off by the encoder's delay has no edge: the first second is left out.
    offsets = tuple(min((tone - flash for tone in tones), key=abs, default=9.0) for flash in flashes if flash > 0.5)
    return Film(frames, failed, size, rotation, red, picture_s, sound_s, offsets)


def _read_pictures(path: Path) -> tuple[list[float], int, int, tuple[int, int], int, tuple[str, ...], float]:
    flashes: list[float] = []
    failed, times, was_white, size, rotation, last = 0, [], False, (0, 0), 0, None
    with av.open(str(path)) as film:
        film.streams.video[0].thread_type = "AUTO"
        for packet in film.demux(video=0):
            try:
                decoded: list[Any] = list(packet.decode())
            except av.FFmpegError:
                failed += 1
                continue
            for frame in decoded:
                size, rotation = (frame.width, frame.height), int(frame.rotation)
                is_white = float(frame.to_ndarray(format="gray")[::16, ::16].mean()) > 200
                if is_white and not was_white:
                    flashes.append(frame.time)
                was_white = is_white
                times.append(frame.time)
                last = frame
    step_s = (max(times) - min(times)) / (len(times) - 1) if len(times) > 1 else 0.0
    return flashes, failed, len(times), size, rotation, _red_corners(last), max(times, default=0.0) + step_s


def _red_corners(frame: Any) -> tuple[str, ...]:
    """Return the corners that are red as a player shows the frame."""
    if frame is None:
        return ()
    shown = numpy.rot90(frame.to_ndarray(format="rgb24").astype(int), frame.rotation // 90)
    down, across = (side // (2 * CORNER) for side in shown.shape[:2])
    corners = {
        "top left": shown[:down, :across],
        "top right": shown[:down, -across:],
        "bottom left": shown[-down:, :across],
        "bottom right": shown[-down:, -across:],
    }
    return tuple(name for name, pixels in corners.items() if (pixels[..., 0] - pixels[..., 1]).mean() > 60)


def _read_sound(path: Path) -> tuple[list[float], float]:
    """Return when each tone begins, and when the sound ends."""
    tones: list[float] = []
    ends_s, loud_until_s = 0.0, -1.0
    with av.open(str(path)) as film:
        for frame in film.decode(audio=0) if film.streams.audio else ():
            samples = numpy.abs(frame.to_ndarray().astype(numpy.float32)).reshape(-1, frame.samples).max(axis=0)
            scale = 1.0 if frame.format.name.startswith("flt") else 32_768.0
            loud = numpy.flatnonzero(samples > 0.1 * scale)
            for sample in loud:
                at = float(frame.time or 0.0) + float(sample) / frame.sample_rate
                if at - loud_until_s > 0.5:
                    tones.append(at)
                loud_until_s = at
            ends_s = float(frame.time or 0.0) + frame.samples / frame.sample_rate
    return tones, ends_s
