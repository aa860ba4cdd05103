"""Does memory stay flat over two hours, an outage of a third of it included, and does every byte arrive?

    .venv/bin/python -m tests.benchmarks.two_hours
    .venv/bin/python -m tests.benchmarks.two_hours --minutes 10 --speed 25

Chunks of a second at 2.5 Mbit/s come from the made-up recorder (browser/synthetic.js) as fast as `--speed` says, but no
faster than the journal takes them. Everything behind it is the real page in a fresh Chromium, before the real store.
The network is away during the middle third. What counts as memory is said in memory.py; Chromium is driven
without Playwright, which would keep every request's body. The slopes are least squares over all looks behind the first
tenth. Needs about three times as much disk as is recorded (7 GB for two hours).
"""

import hashlib
import json
import os
import secrets
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from statistics import linear_regression
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.contract import MIB
from server.store.embedded import BUCKET
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.long_sitting import INTERVIEW, LongSitting, Look, Recorded, interview
from tests.benchmarks.memory import Peak
from tests.support import known_media
from tests.support.faults.calls import Kind
from tests.support.faults.faulty_stack import running_faulty_stack
from tests.support.stack import Stack

BITS_PER_SECOND = 2_500_000
AFTERWARDS = 2  # looks behind Stop
WARM_UP = 0.1  # of the recording: compiled code, parsers, pools
FIGURES: dict[str, Callable[[Look], int]] = {
    "JavaScript heap": lambda look: look.javascript,
    "Python heap": lambda look: look.python,
    "Python objects": lambda look: look.objects,
    "page's process": lambda look: look.processes.pss.get("renderer", 0),
    "browser's process": lambda look: look.processes.pss.get("browser", 0),
    "all of the browser": lambda look: look.processes.total,
}


def main(
    *,
    minutes: Annotated[int, typer.Option(min=3, help="Recorded.")] = 120,
    speed: Annotated[float, typer.Option(help="Times as fast as life, at most.")] = 100,
    looks: Annotated[int, typer.Option(min=6, help="At the memory.")] = 36,
) -> None:
    """Record for two hours, in a few minutes."""
    console = Console(width=None if os.isatty(1) else 150, highlight=False)
    chunk_bytes = BITS_PER_SECOND // 8
    console.print(
        f"{minutes} min at {BITS_PER_SECOND / 1e6} Mbit/s, at most {speed:g} × life; load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory(prefix="slipstream-bench-") as folder:
        interviews = Path(folder, "interviews")
        interviews.mkdir()
        (interviews / f"{INTERVIEW}.toml").write_text(interview(limit_s=minutes * 60 + 60))
        with running_faulty_stack(Path(folder), policy={}, interviews=interviews) as faults:
            browser = Chromium()
            try:
                sitting = LongSitting(browser, faults, chunks=minutes * 60, chunk_bytes=chunk_bytes, speed=speed)
                recorded = sitting.record(session := f"two-hours-{secrets.token_hex(4)}", looks=looks)
            finally:
                browser.close()
            assert_identical(faults.stack, session, recorded.chunks, chunk_bytes)
            parts = len(faults.store.passed(Kind.PART))
    console.print(table(recorded.looks), *slopes(recorded.looks), summary(recorded, chunk_bytes, parts), sep="\n")


def assert_identical(stack: Stack, session: str, chunks: int, chunk_bytes: int) -> None:
    """Compare the object's SHA-256 with that of the recorder's bytes, made here once more."""
    [answer] = json.loads(stack.read(f"{INTERVIEW}/{session}/submission.json"))["answers"]
    record = answer["tracks"]["video"]
    expected, stored = hashlib.sha256(), hashlib.sha256()
    for chunk in islice(known_media.chunks([chunk_bytes]), chunks):
        expected.update(chunk)
    for block in stack.s3.get_object(Bucket=BUCKET, Key=record["key"])["Body"].iter_chunks(MIB):
        stored.update(block)
    assert expected.hexdigest() == stored.hexdigest() == record["sha256"], "the object is not what was recorded"
    assert record["size"] == chunks * chunk_bytes


def table(looks: list[Look]) -> Table:
    made = Table(title="Memory in MB, after collection", title_justify="left")
    for name in ("recorded min", "after s", "to go MB", *FIGURES):
        made.add_column(name, justify="right")
    for look in looks:
        memory = (figure(look) for figure in FIGURES.values())
        made.add_row(
            f"{look.recorded_s / 60:.1f}",
            f"{look.wall_s:.0f}",
            f"{look.backlog / 1e6:.0f}",
            *(f"{size / 1e6:.1f}" for size in memory),
        )
    return made


def slopes(looks: list[Look]) -> list[str]:
    """Return what each figure grows by in an hour of recording, up to Stop and without the warm-up."""
    warm = [look for look in looks[:-AFTERWARDS] if look.recorded_s > WARM_UP * looks[-1].recorded_s]
    hours = [look.recorded_s / 3600 for look in warm]

    return [
        f"{name}: {linear_regression(hours, list(map(figure, warm))).slope / 1e6:+.2f} MB per recorded hour"
        for name, figure in FIGURES.items()
    ]


def summary(recorded: Recorded, chunk_bytes: int, parts: int) -> str:
    peak = Peak()
    for look in recorded.looks:
        peak.raise_to(look.processes, recorded.blank)
    size, last = recorded.chunks * chunk_bytes, recorded.looks[-AFTERWARDS]
    return (
        f"{size / 1e9:.2f} GB in {parts} parts, byte for byte what was recorded. Recorded at "
        f"{recorded.chunks / recorded.wall_s:.0f} × life; {recorded.rest_s:.0f} s from Stop to everything stored. "
        f"At the highest look the page's process held {peak.renderer / 1e6:.0f} MB more than a blank page, all of the "
        f"browser {peak.tree / 1e6:.0f} MB more. "
        f"The browser used {last.cpu_s / recorded.chunks * 1000:.0f} ms of processor time a recorded second; "
        f"load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
