"""How soon can a candidate record, how much memory does the waiting page take, and how much is downloaded?

    .venv/bin/python -m tests.benchmarks.start
    .venv/bin/python -m tests.benchmarks.start --rounds 3 --pages plain,ours
    .venv/bin/python -m tests.benchmarks.start --pages plain,before,ours --against FOLDER   # another checkout, built

Four pages take turns (plain_page.py): `blank`, `pyodide` alone, `plain` (PyScript and pydantic as their documents
say) and `ours`. Each turn is a new profile with two visits, each in a browser of its own: the first is cold, the
second warm. Two moments are noted, from the navigation on. `press`: the control with which recording begins can be
pressed; on our page it asks for camera and microphone and shows the picture, and need not wait for Python. `up`:
Python is up and has taken over what stands, so that with devices open recording could begin; on the other pages both
are one. Memory is what the page's process alone holds (Private_Dirty) and its share of all (Pss) when it is ready and
has rested, after a garbage collection. Bytes are those of all replies, headers included. Absolute figures depend on
the machine and its load: compare pages of one run.

The figures also go to .build/benchmarks/start.json.
"""

import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from server.settings import ROOT
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.memory import PROC, descendants, kib
from tests.benchmarks.plain_page import READY, serving_plain_pages
from tests.support.stack import read_ready, start_serve

OUTPUT = ROOT / ".build/benchmarks/start.json"
PAGES = ("blank", "pyodide", "plain", "ours")
OURS_READY = "[data-action=check-devices]:not([disabled], [aria-disabled=true])"
OURS_UP = "body:not(:has(#boot)) [data-action=check-devices]:not([data-part])"  # Python removes both
READY_WITHIN_S = 120
REST_S = 4  # behind it the browser has written the WebAssembly that it has compiled to its cache
COLLECTIONS = 3
MOMENTS = {"cold press s": "cold_s", "warm press s": "warm_s", "cold up s": "cold_up_s", "warm up s": "warm_up_s"}

# At each change of the document: whether the control is there, can be seen and pressed.
_WATCH = """
new MutationObserver((_, watch) => {
  const isThere = (selector) => document.querySelector(selector)?.checkVisibility();
  if (isThere(PRESS)) globalThis.pressAt ??= performance.now();
  if (!isThere(UP)) return;
  globalThis.upAt = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true, attributes: true });
"""
_BYTES = "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]"
_BYTES = f"{_BYTES}.reduce((sum, one) => sum + one.transferSize, 0)"


@dataclass(frozen=True)
class Turn:
    """A page's first and second visit. Times in seconds, memory and sizes in bytes."""

    cold_s: float  # until the control can be pressed
    warm_s: float
    cold_up_s: float  # until Python is up
    warm_up_s: float
    private: int  # of the first visit
    pss: int
    warm_private: int
    received: int
    warm_received: int


@dataclass(frozen=True)
class Visit:
    press_s: float
    up_s: float
    private: int
    pss: int
    received: int


def main(
    *,
    rounds: Annotated[int, typer.Option(min=1, help="Turns of each page.")] = 5,
    pages: Annotated[str, typer.Option(help="Which to compare.")] = ",".join(PAGES),
    against: Annotated[Path | None, typer.Option(help="Another checkout, built: the page `before`.")] = None,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Measure the page's start."""
    console = Console(width=None if os.isatty(1) else 150, highlight=False)
    turns: dict[str, list[Turn]] = {name: [] for name in pages.split(",")}
    load = os.getloadavg()[0]
    with serving(against) as links:
        for number in range(1, rounds + 1):
            for name, kept in turns.items():
                kept.append(take_turn(links[name], is_ours=name in ("ours", "before")))
                told = ", ".join(f"{key} {value:.3g}" for key, value in asdict(kept[-1]).items())
                console.print(f"{time.strftime('%H:%M:%S')} {number} {name}: {told}")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, load {load:.1f} to {os.getloadavg()[0]:.1f}"
    title = f"{machine}; medians of {rounds}"
    medians = {name: middle(kept) for name, kept in turns.items()}
    console.print(table(medians, title))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps({"title": title, "turns": {n: [asdict(t) for t in k] for n, k in turns.items()}}))


@contextmanager
def serving(against: Path | None) -> Iterator[dict[str, str]]:
    """Serve every page inside the block; yield name → address."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slipstream-bench-")))
        links = stack.enter_context(serving_plain_pages(folder / "plain"))
        checkouts = {"ours": ROOT} | ({"before": against.resolve()} if against else {})
        for name, checkout in checkouts.items():
            arguments = ["--port", "0", "--store-port", "0", "--data", str(folder / name)]
            process = start_serve(arguments, {}, stderr=subprocess.DEVNULL, root=checkout)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            links[name] = read_ready(process)
        yield links


def take_turn(link: str, *, is_ours: bool) -> Turn:
    controls = (OURS_READY, OURS_UP) if is_ours else (READY, READY)
    with tempfile.TemporaryDirectory(prefix="slipstream-bench-", ignore_cleanup_errors=True) as profile:
        cold, warm = visit(link, *controls, Path(profile)), visit(link, *controls, Path(profile))
    moments = cold.press_s, warm.press_s, cold.up_s, warm.up_s
    return Turn(*moments, cold.private, cold.pss, warm.private, cold.received, warm.received)


def visit(link: str, press: str, up: str, profile: Path) -> Visit:
    browser = Chromium(profile)
    try:
        browser.run_before(_WATCH.replace("PRESS", json.dumps(press)).replace("UP", json.dumps(up)))
        browser.open(link)
        browser.wait_for("globalThis.upAt > 0", READY_WITHIN_S)
        time.sleep(REST_S)
        for _ in range(COLLECTIONS):
            browser.collect_garbage()
        private, pss = renderer_memory(browser.pid)
        press_s, up_s = (browser.evaluate(name) / 1000 for name in ("pressAt", "upAt"))
        return Visit(press_s, up_s, private, pss, int(browser.evaluate(_BYTES)))
    finally:
        browser.close()


def renderer_memory(root: int) -> tuple[int, int]:
    """Return what the page's process holds, alone and with its share, in bytes; others are smaller."""
    rollups = []
    for pid in descendants(root):
        try:
            if b"--type=renderer" in (PROC / str(pid) / "cmdline").read_bytes():
                rollups.append((PROC / str(pid) / "smaps_rollup").read_text())
        except OSError:
            continue  # it has ended in between
    largest = max(rollups, key=lambda rollup: kib(rollup, "Private_Dirty"))
    return kib(largest, "Private_Dirty") * 1024, kib(largest, "Pss") * 1024


def middle(turns: list[Turn]) -> Turn:
    return Turn(**{one.name: median(getattr(turn, one.name) for turn in turns) for one in fields(Turn)})


def table(medians: dict[str, Turn], title: str) -> Table:
    """Draw the medians; × is the ratio to the plain page."""
    made = Table(title=title, title_justify="left")
    made.add_column("page")
    for name in (*MOMENTS, "private MB", "warm", "Pss MB", "received MB", "warm"):
        made.add_column(name, justify="right")
        if name in MOMENTS:
            made.add_column("×", justify="right")
    plain = medians.get("plain")
    for name, turn in medians.items():
        moments = [
            text
            for moment in MOMENTS.values()
            for text in (
                f"{getattr(turn, moment):.2f}",
                f"{getattr(turn, moment) / getattr(plain, moment):.2f}" if plain else "–",
            )
        ]
        made.add_row(
            name,
            *moments,
            *(f"{size / 1e6:.0f}" for size in (turn.private, turn.warm_private, turn.pss)),
            *(f"{size / 1e6:.2f}" for size in (turn.received, turn.warm_received)),
        )
    return made


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
