"""How long does a candidate wait after the last Stop?

    .venv/bin/python -m tests.benchmarks.tail
    .venv/bin/python -m tests.benchmarks.tail --rates 5 --answers 2 --answer-s 10 --modes progressive,naive --trace
    .venv/bin/python -m tests.benchmarks.tail --rates 5 --modes progressive --policy '{"timeslice_ms": 250}'

One interview a mode and rate, in real time, in the real page in a fresh Chromium, against the real store behind a slow
uplink: `progressive`, `per_answer`, `bulk`, and `naive`, the page that Slipstream replaces (naive.html). The recorder
is synthetic (synthetic.js). Stop → stored ends when the store itself tells every object's full size. Submit is pressed
by the benchmark the moment that it can be; a person is slower. Needs `make build` and Chromium; shaping by the kernel
needs root, else a relay does it (uplink.py). What counts as memory is said in memory.py. Compare only lines of one run,
and mind the load.

The figures also go to .build/benchmarks/tail.json, with what happened around the last Stop.
"""

import itertools
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console

from app.contract import MIB, UploadMode
from server.store.embedded import free_port
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.figures import Line, as_json, goal, line_of, milestones, table
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.pages import sit
from tests.benchmarks.sitting import INTERVIEW, NAIVE, Plan, Sitting
from tests.benchmarks.uplink import Uplink, Way, enter_own_network
from tests.support.stack import Stack, running_stack

OUTPUT = FOLDER / "tail.json"
MODES = (*(mode.value for mode in UploadMode), NAIVE)


@dataclass
class Bench:
    """Everything that stands while interview after interview is sat."""

    stack: Stack
    uplink: Uplink
    plan: Plan

    def measure(self, mode: str, bits_per_second: float) -> Sitting:
        """Sit one interview in a browser of its own: memory that an earlier one has left would spoil the baseline."""
        page_port = urlsplit(self.stack.base_url).port
        assert page_port is not None
        browser = Chromium()
        try:
            with self.uplink.at(Way(bits_per_second), page_port) as traffic:
                sitting = sit(browser, self.stack, self.uplink.url, mode, self.plan)
        finally:
            browser.close()
        sitting.sent = traffic.sent
        return sitting


@contextmanager
def standing(uplink: Uplink, plan: Plan) -> Iterator[Bench]:
    """Run everything with the planned interview, and its store behind the uplink."""
    with tempfile.TemporaryDirectory(prefix="slipstream-bench-") as folder:
        interviews = Path(folder, "interviews")
        interviews.mkdir()
        (interviews / f"{INTERVIEW}.toml").write_text(plan.interview())
        env = {"SLIPSTREAM_STORE_URL": uplink.url}
        with running_stack(Path(folder), env=env, interviews=interviews, store_port=uplink.store_port) as stack:
            yield Bench(stack, uplink, plan)


def main(
    *,
    rates: Annotated[str, typer.Option(help="Uplinks in Mbit/s.")] = "2,5,20",
    modes: Annotated[str, typer.Option(help="Which to compare.")] = ",".join(MODES),
    answers: Annotated[int, typer.Option(min=1, help="Recordings in an interview.")] = 3,
    answer_s: Annotated[float, typer.Option(min=1, help="Seconds in a recording.")] = 20,
    bit_rate: Annotated[float, typer.Option(help="Of the recording, in Mbit/s.")] = 2.5,
    policy: Annotated[str, typer.Option(help="Overrides of UploadPolicy, as JSON.")] = "{}",
    repeat: Annotated[int, typer.Option(min=1, help="Runs of everything, one after the other.")] = 1,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
    relay: Annotated[bool, typer.Option("--relay", help="Shape by the relay even where the kernel could.")] = False,
    trace: Annotated[bool, typer.Option("--trace", help="Print what happened around the last Stop.")] = False,
) -> None:
    """Measure the wait after the last Stop."""
    wanted = modes.split(",")
    if unknown := set(wanted) - set(MODES):
        raise typer.BadParameter(f"unknown mode {', '.join(unknown)}; known are {', '.join(MODES)}")
    console = Console(width=None if os.isatty(1) else 190, highlight=False)
    is_kernel_shaped = not relay and enter_own_network()
    plan = Plan(answers, answer_s, bit_rate * 1e6, json.loads(policy))
    uplink = Uplink(free_port(), free_port(), is_kernel_shaped=is_kernel_shaped)
    title = (
        f"{answers} answers of {answer_s:g} s at {bit_rate:g} Mbit/s, policy {policy}; uplink by {uplink.name}; "
        f"{os.cpu_count()} cores"
    )
    console.print(title, markup=False)
    kept: dict[str, Any] = {"title": title, "lines": [], "around_the_last_stop": [], "memory_mib_by_process": []}
    with standing(uplink, plan) as bench:
        for number in range(1, repeat + 1):
            lines: list[Line] = []
            for mbit, mode in itertools.product(rates.split(","), wanted):
                sitting = bench.measure(mode, float(mbit) * 1e6)
                lines.append(line_of(mode, float(mbit) * 1e6, sitting, plan.part_bytes))
                kept["around_the_last_stop"].append(sitting.events)
                kept["memory_mib_by_process"].append([mib(sample.pss) for sample in sitting.memory])
                tell(console, lines[-1], sitting, trace=trace)
            console.print(table(lines, f"Run {number}"))
            console.print(*(goal(line) for line in lines if line.mode == UploadMode.PROGRESSIVE), sep="\n")
            kept["lines"] += as_json(lines)
            keep(output, kept)
    console.print(f"Written to {output}")


def mib(by_process: dict[str, int]) -> dict[str, int]:
    return {kind: size // MIB for kind, size in by_process.items()}


def tell(console: Console, line: Line, sitting: Sitting, *, trace: bool) -> None:
    tails = ", ".join(f"{seconds:.2f}" for seconds in line.answer_tails_s)
    at = time.strftime("%H:%M:%S")
    uplink = f"{line.uplink_bits_per_second / 1e6:g} Mbit/s"
    console.print(f"{at} {uplink} {line.mode}: {line.tail_s:.2f} s after the last Stop (each answer: {tails})")
    if line.mode == UploadMode.PROGRESSIVE:
        console.print(f"  after the last Stop: {milestones(sitting.events)}")
    if trace:
        for event in sitting.events:
            took = f" … {event.end_s:+.3f} s" if event.end_s != event.start_s else ""
            console.print(f"    {event.start_s:+.3f}{took}  {event.name}")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
