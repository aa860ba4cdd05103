"""What does `applyConstraints` in mid-recording do to a MediaRecorder's bytes, and does the file still decode?

    .venv/bin/python -m tests.benchmarks.constraints
    .venv/bin/python -m tests.benchmarks.constraints --browsers chromium --formats avc3 --bit-rate 2500000

Each line is one recording: kbit/s in the seconds before the change and in the last ones after it, frames and sizes that
the file holds, packets that do not decode. Chromium's camera shows the noisy film of camera.py; Firefox's own fake
picture hardly moves, so that its lines say little about bits. Compare only lines of one run.
"""

import base64
import json
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table

from server.settings import ROOT
from tests.benchmarks.cadence import FORMATS, page_of
from tests.benchmarks.camera import write_film
from tests.support.decoding import blocks_of

OUTPUT = ROOT / ".build/benchmarks/constraints.json"
SCRIPT = Path(__file__).with_suffix(".js")
SIZE = {"width": 640, "height": 480, "frameRate": 30}
CHANGES: dict[str, dict[str, Any]] = {
    "nothing": SIZE,
    "half the size": {"width": 320, "height": 240, "frameRate": 30},
    **{f"{rate} frames/s": SIZE | {"frameRate": {"max": rate}} for rate in (15, 8, 4, 2, 1)},
}
BEFORE_S, AFTER_S = 6.0, 10.0
COUNTED_S = 5.0  # before the change, and at the end: encoders need a while to follow
OF_FIREFOX = ("vp8",)


@dataclass(frozen=True)
class Found:
    before_kbit: float
    after_kbit: float
    settings: dict[str, float]
    frames: int
    sizes: list[str]
    failed: int


def found(taken: dict[str, Any]) -> Found:
    frames, sizes, failed = _decoded(base64.b64decode(taken["base64"]))
    return Found(
        before_kbit=_kbit(taken["chunks"], -COUNTED_S, 0),
        after_kbit=_kbit(taken["chunks"], AFTER_S - COUNTED_S, AFTER_S),
        settings=taken["settings"],
        frames=frames,
        sizes=sizes,
        failed=failed,
    )


def _kbit(chunks: list[dict[str, float]], start_s: float, end_s: float) -> float:
    return sum(one["size"] for one in chunks if start_s <= one["at_s"] < end_s) * 8 / 1000 / (end_s - start_s)


def _decoded(content: bytes) -> tuple[int, list[str], int]:
    count, sizes, failed = 0, list[str](), 0
    for frame in blocks_of(content, video=0):
        if frame is None:
            failed += 1
            continue
        count += 1
        size = f"{frame.width}x{frame.height}"
        if size not in sizes:
            sizes.append(size)
    return count, sizes, failed


def measure(page: Page, name: str, change: str, bit_rate: int) -> Found | None:
    taken = page.evaluate(
        "(options) => constrain(options)",
        {
            "type": FORMATS[name],
            "bitsPerSecond": bit_rate,
            "beforeMs": BEFORE_S * 1000,
            "afterMs": AFTER_S * 1000,
            "size": SIZE,
            "constraints": CHANGES[change],
        },
    )
    return None if taken is None else found(taken)


def main(
    *,
    browsers: Annotated[str, typer.Option()] = "chromium,firefox",
    formats: Annotated[str, typer.Option(help="Which to record.")] = "avc3,avc1,vp9,vp8",
    bit_rate: Annotated[int, typer.Option(help="Asked for the picture, in bit/s.")] = 2_500_000,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Measure what a change of constraints does."""
    console = Console(width=150, highlight=False)
    table = Table("browser", "format", "change", "kbit/s before", "after", "track", "frames", "sizes", "failed")
    kept: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="slipstream-constraints-") as folder:
        path = Path(folder, "film.mjpeg")
        write_film(path)
        for browser in browsers.split(","):
            with page_of(browser, path) as page:
                page.add_script_tag(content=SCRIPT.read_text())
                for name in formats.split(","):
                    if browser == "firefox" and name not in OF_FIREFOX:
                        continue
                    for change in CHANGES:
                        one = measure(page, name, change, bit_rate)
                        if one is None:
                            continue
                        kept.append({"browser": browser, "format": name, "change": change} | asdict(one))
                        track = "{width}x{height} {frameRate:.0f}/s".format_map(one.settings)
                        row = [browser, name, change, f"{one.before_kbit:.0f}", f"{one.after_kbit:.0f}", track]
                        row += [str(one.frames), " ".join(one.sizes), str(one.failed)]
                        table.add_row(*row)
                        console.print("  ".join(row))
                        output.parent.mkdir(parents=True, exist_ok=True)
                        output.write_text(json.dumps(kept, indent=1))
    console.print(table)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
