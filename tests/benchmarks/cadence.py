"""What does a recorder give for a timeslice and a key-frame interval, and what does it cost?

    .venv/bin/python -m tests.benchmarks.cadence
    .venv/bin/python -m tests.benchmarks.cadence --formats avc3 --timeslices 250 --key-frames 500,1000 --repeat 3

Real MediaRecorders in Chromium and Firefox record a few seconds of a moving, noisy picture (camera.py) and a tone, one
setting after the other. "left" is what a Stop at any moment would find not delivered yet (the time since the recording
began minus what the delivered bytes hold), median and worst; "after stop" is how long `stop()` takes to deliver it.
"container" is the share of the file that is neither picture nor sound. "askN" sets no timeslice, but calls
`requestData` every N ms. PSNR is against the very frames that the camera saw. Compare only lines of one run, on a quiet
machine.

The figures also go to .build/benchmarks/cadence.json.
"""

import base64
import itertools
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.table import Table

from server.settings import ROOT
from tests.benchmarks.camera import write_film
from tests.benchmarks.clip import Clip, clip_of
from tests.support.browsers import launch_options

OUTPUT = ROOT / ".build/benchmarks/cadence.json"
SCRIPT = Path(__file__).with_suffix(".js")
ORIGIN = "http://localhost:65123/"  # a secure context; nothing is asked of it
FORMATS = {
    "avc3": "video/mp4;codecs=avc3.640028,opus",
    "avc1": "video/mp4;codecs=avc1.640028,opus",
    "vp9": "video/mp4;codecs=vp9,opus",
    "vp8": "video/webm;codecs=vp8,opus",
    "audio-mp4": "audio/mp4;codecs=opus",
    "audio-webm": "audio/webm;codecs=opus",
}
OF_FIREFOX = ("vp8", "audio-webm")
SETTLED_S = 1.0  # before that a recorder warms up
LOOK_S = 0.01  # between the moments at which a Stop is imagined
COLUMNS = (
    "browser", "format", "timeslice", "keys", "gap", "worst", "left", "worst", "after stop", "container",
    "kbit/s", "keys at", "in keys", "PSNR", "per s", "decodes", "seeks", "plays",
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    browser: str
    format: str
    timeslice: str  # ms, or "ask" and ms
    key_ms: int

    @property
    def is_audio(self) -> bool:
        return self.format.startswith("audio")

    def options(self, bits_per_second: int, for_ms: float) -> dict[str, Any]:
        """Return what `record` in cadence.js takes."""
        ms = int(self.timeslice.removeprefix("ask"))
        is_asked = self.timeslice.startswith("ask")
        sound = {"audioBitsPerSecond": 64_000 if self.is_audio else 128_000}
        return {
            "type": FORMATS[self.format],
            "timesliceMs": 0 if is_asked else ms,
            "askMs": ms if is_asked else 0,
            "keyMs": self.key_ms,
            "rates": sound if self.is_audio else sound | {"videoBitsPerSecond": bits_per_second},
            "forMs": for_ms,
            "isAudio": self.is_audio,
            "isDrawn": self.browser == "firefox",
        }


@dataclass(frozen=True)
class Figures:
    gap_s: float
    worst_gap_s: float
    left_s: float
    worst_left_s: float
    after_stop_s: float
    container: float
    kbit_per_second: float
    key_frames_s: float | None
    key_share: float | None
    psnr_db: float | None
    per_second: float | None
    failed: int
    seeks: bool
    plays: bool


def figures_of(taken: dict[str, Any], seen: dict[str, Any], clip: Clip) -> Figures:
    given = [(0.0, 0)]  # when, and how many bytes by then
    for chunk in taken["chunks"]:
        if chunk["size"]:
            given.append((chunk["at_s"], given[-1][1] + chunk["size"]))
    by_stop = [(at_s, size) for at_s, size in given if at_s < taken["stop_s"]]
    gaps = [after - before for (before, _), (after, _) in itertools.pairwise(by_stop)] or [taken["stop_s"]]
    left = list(_left(by_stop, clip, taken["stop_s"]))
    return Figures(
        gap_s=median(gaps[1:] or gaps),  # the first chunk may be a header
        worst_gap_s=max([*gaps, taken["stop_s"] - by_stop[-1][0]]),
        left_s=median(left),
        worst_left_s=max(left),
        after_stop_s=taken["late_s"],
        container=clip.overhead,
        kbit_per_second=clip.size * 8 / clip.duration_s / 1000,
        key_frames_s=clip.key_frames_s,
        key_share=clip.key_share,
        psnr_db=clip.psnr_db,
        per_second=clip.per_second,
        failed=clip.failed,
        seeks=seen["seeks"],
        plays=seen["plays"],
    )


def _left(given: list[tuple[float, int]], clip: Clip, stop_s: float) -> Iterator[float]:
    """Yield what a Stop at each moment would find not given yet, in seconds of the recording."""
    covered = [(at_s, clip.covered_s(size)) for at_s, size in given]
    now_s = SETTLED_S
    while now_s < stop_s:
        yield max(0.0, now_s - max(held_s for at_s, held_s in covered if at_s <= now_s))
        now_s += LOOK_S


@contextmanager
def page_of(name: str, film: Path) -> Iterator[Page]:
    """Open an empty page in a browser whose camera shows the film."""
    options = launch_options(name, is_measured=True)  # looks for the browser with a Playwright of its own
    with sync_playwright() as playwright:
        if name == "chromium":
            options["args"].append(f"--use-file-for-fake-video-capture={film}")
        browser = getattr(playwright, name).launch(**options)
        page = browser.new_page()
        page.route(
            ORIGIN, lambda route: route.fulfill(body="<!doctype html><title>cadence</title>", content_type="text/html")
        )
        page.goto(ORIGIN)
        page.add_script_tag(content=SCRIPT.read_text())
        yield page
        browser.close()


def measure(page: Page, setting: Setting, film: list[bytes], options: dict[str, Any]) -> Figures | None:
    """Record one clip and look at it; return None if the browser does not record this format."""
    taken = page.evaluate("(options) => record(options)", options)
    if taken is None:
        return None
    seen = page.evaluate("look()")
    is_filmed = setting.browser == "chromium" and not setting.is_audio
    return figures_of(taken, seen, clip_of(base64.b64decode(taken["base64"]), film if is_filmed else None))


def settings_of(browser: str, formats: list[str], timeslices: list[str], key_frames: list[int]) -> Iterator[Setting]:
    for name in formats:
        if browser == "firefox" and name not in OF_FIREFOX:
            continue
        takes_keys = browser == "chromium" and not name.startswith("audio")
        for timeslice, key_ms in itertools.product(timeslices, key_frames if takes_keys else [0]):
            yield Setting(browser, name, timeslice, key_ms)


def line(setting: Setting, found: Figures) -> list[str]:
    return [
        setting.browser, setting.format, setting.timeslice, str(setting.key_ms or "—"),
        f"{found.gap_s:.2f}", f"{found.worst_gap_s:.2f}", f"{found.left_s:.2f}", f"{found.worst_left_s:.2f}",
        f"{found.after_stop_s * 1000:.0f} ms", f"{found.container:.2%}", f"{found.kbit_per_second:.0f}",
        "—" if found.key_frames_s is None else f"{found.key_frames_s:.2f}",
        "—" if found.key_share is None else f"{found.key_share:.0%}",
        "—" if found.psnr_db is None else f"{found.psnr_db:.1f}",
        "—" if found.per_second is None else f"{found.per_second:.0f}", str(found.failed or "all"),
        "yes" if found.seeks else "no", "yes" if found.plays else "no",
    ]  # fmt: skip


def main(
    *,
    browsers: Annotated[str, typer.Option()] = "chromium,firefox",
    formats: Annotated[str, typer.Option(help="Which to record.")] = ",".join(FORMATS),
    timeslices: Annotated[str, typer.Option(help="In ms; ask250: requestData every 250 ms.")] = "200,250,1000,ask250",
    key_frames: Annotated[
        str, typer.Option(help="Key-frame intervals in ms; 0: the browser's own.")
    ] = "250,400,1000,2000",
    seconds: Annotated[float, typer.Option(min=3, help="Length of a clip.")] = 6.3,
    bit_rate: Annotated[int, typer.Option(help="Asked for the picture, in bit/s.")] = 1_000_000,
    repeat: Annotated[int, typer.Option(min=1, help="Runs of everything, one after the other.")] = 1,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Measure what recorders give."""
    console = Console(width=190, highlight=False)
    table = Table(*COLUMNS)
    kept: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="slipstream-cadence-") as folder:
        path = Path(folder, "film.mjpeg")
        film = write_film(path)
        wanted = [int(ms) for ms in key_frames.split(",")]
        for _, browser in itertools.product(range(repeat), browsers.split(",")):
            with page_of(browser, path) as page:
                for setting in settings_of(browser, formats.split(","), timeslices.split(","), wanted):
                    found = measure(page, setting, film, setting.options(bit_rate, seconds * 1000))
                    if found is None:
                        continue  # this browser has no such format
                    kept.append(asdict(setting) | asdict(found))
                    table.add_row(*line(setting, found))
                    console.print("  ".join(line(setting, found)))
                    output.parent.mkdir(parents=True, exist_ok=True)
                    output.write_text(json.dumps(kept, indent=1))
    console.print(table)
    console.print(f"Written to {output}")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
