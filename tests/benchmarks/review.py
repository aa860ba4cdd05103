"""Export many sessions, and play and seek every file in both browsers; export long recordings, and measure memory.

    .venv/bin/python -m tests.benchmarks.review
    .venv/bin/python -m tests.benchmarks.review --sessions 0 --gigabytes 2

The recordings are those of both browsers' own recorders, 4 s long. The long ones repeat the packets of a film of 8 s at
2.5 Mbit/s until they have the wanted size, in the form in which recorders write.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import av
import typer
from playwright.sync_api import sync_playwright
from rich.console import Console

from server.settings import ROOT
from server.store.embedded import BUCKET
from tests.benchmarks.output import keep
from tests.support import films
from tests.support.browsers import NAMES, launch_options
from tests.support.players import faults_of
from tests.support.real_recordings import record
from tests.support.reviewing import AS_RECORDED, Sitting, put_below, write_sitting

OUTPUT = ROOT / ".build/benchmarks/review.json"
PLAYING_MS = 600_000
STEP_S = 9  # from one repetition to the next: a film of 8 s ends a little later
console = Console()


@dataclass(frozen=True)
class Run:
    """One export: what it took."""

    took_s: float
    peak_mib: float
    code: int


def main(
    sessions: Annotated[int, typer.Option(help="Sessions of three recordings; 0: none.")] = 50,
    gigabytes: Annotated[float, typer.Option(help="Size of a long recording of each kind; 0: none.")] = 0,
) -> None:
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        if sessions:
            figures |= _many(Path(folder), sessions)
        for kind in ("webm", "mp4") if gigabytes else ():
            figures[kind] = asdict(_long(Path(folder), kind, gigabytes))
    console.print(json.dumps(figures, indent=1))
    keep(OUTPUT, figures)


def _many(folder: Path, sessions: int) -> dict[str, object]:
    figures: dict[str, object] = {"sessions": sessions}
    with sync_playwright() as playwright:
        browsers = {name: getattr(playwright, name).launch(**launch_options(name)) for name in NAMES}
        given = [record(browsers[name], name, folder, duration_s=4) for name in NAMES]
        videos, sounds = ([file for one in given for file in one[track]] for track in ("video", "audio"))
        for number in range(sessions):
            media = {
                "first/video": videos[number % len(videos)],
                "first/audio": sounds[number % len(sounds)],
                "second/video": videos[(number + 1) % len(videos)],
            }
            write_sitting(put_below(folder / "data" / BUCKET), Sitting(f"s-{number:04}", name="Ada", media=media))
        figures["export"] = asdict(_export(folder / "data", folder / "out"))
        for name, browser in browsers.items():
            page = browser.new_page()
            page.set_default_timeout(PLAYING_MS)
            page.goto((folder / "out/index.html").as_uri())
            count, faults = faults_of(page)
            figures[name] = {"recordings": count, "faults": faults}
    return figures


def _long(folder: Path, kind: str, gigabytes: float) -> Run:
    film = folder / f"film.{kind}"
    files = films.WEBM if kind == "webm" else films.MP4
    films.write(film, files, duration_s=8, size=(640, 360), bits_per_second=2_500_000)
    long = folder / f"long.{kind}"
    _repeat(film, long, kind, gigabytes)
    data, out = folder / kind, folder / f"out-{kind}"
    (data / BUCKET / "long/s-1/first/take-1").mkdir(parents=True)
    os.link(long, data / BUCKET / f"long/s-1/first/take-1/video.{kind}")
    made = _export(data, out)
    with av.open(str(out / f"long/s-1/01-first-video.{kind}")) as written:
        console.print(f"{kind}: {long.stat().st_size / 1e9:.2f} GB, {(written.duration or 0) / 1e6:,.0f} s")
    return made


def _repeat(film: Path, target: Path, kind: str, gigabytes: float) -> None:
    """Write the film's packets again and again."""
    with av.open(str(film)) as reading, av.open(str(target), "w", format=kind, options=AS_RECORDED[kind]) as writing:
        streams = {stream.index: writing.add_stream_from_template(stream) for stream in reading.streams}
        packets = [
            (packet.stream.index, bytes(packet), packet.pts or 0, packet.dts, packet.is_keyframe, packet.time_base)
            for packet in reading.demux()
            if packet.dts is not None
        ]
        repeat, size = 0, 0
        while size < gigabytes * 1e9:
            for index, content, pts, dts, is_keyframe, time_base in packets:
                packet, later = av.Packet(content), int(STEP_S * repeat / time_base)
                packet.pts, packet.dts, packet.time_base = pts + later, dts + later, time_base
                packet.is_keyframe, packet.stream = is_keyframe, streams[index]
                writing.mux(packet)
                size += len(content)
            repeat += 1


def _export(data: Path, into: Path) -> Run:
    """Run the command in a process of its own, for its peak of memory."""
    began = time.monotonic()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, str(ROOT / "serve.py"), "sessions", "export", "--data", str(data), "--into", str(into)],
        os.environ,
    )
    _, status, used = os.wait4(pid, 0)
    return Run(time.monotonic() - began, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    typer.run(main)
