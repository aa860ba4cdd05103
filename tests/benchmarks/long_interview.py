"""A long interview on Slipstream and on a plain page, side by side: time, memory, and a connection that is lost.

    .venv/bin/python -m tests.benchmarks.long_interview
    .venv/bin/python -m tests.benchmarks.long_interview --answers 15 --conditions calm
    .venv/bin/python -m tests.benchmarks.long_interview --uplink 2 --speed 1 --adapts --conditions calm

Ten answers of two minutes. The plain page (naive.html, "naive") keeps everything in memory and, once Submit is pressed,
sends each answer by one PUT, which it tries four times. Both have the same recorder, store, line and timetable, in one
run, each in a fresh Chromium; "bulk" is our own page in that mode. Memory is counted over a blank page of the same
browser; memory.py says what counts.

Life runs `--speed` times as fast: the recorder gives so many times the bytes on so many times the line. Times are given
on life's clock. What does not run faster (round trips, signatures, the journal, the processor, the pages' own pauses
between tries of Slipstream) counts `--speed` times, so it stands against the page that has more of it: Slipstream.
What grows with the minutes and not with the bytes is too small by that factor: for memory, use `--speed 1`.

With `--adapts` both pages use the browser's own recorder, in VP8 at 2.5 Mbit/s, before the film of camera.py, and
Slipstream fits what it records to the line. That cannot be hurried: it takes `--speed 1`.

"connection lost": signer and store are away for `--lost-s` of life from the middle Stop on, and again from a minute
after the last Stop; what is under way breaks off. "seeded faults" are those of `--seed` (mishaps.py). Who sees that the
plain page has given up presses Submit again after 20 s: each press but the first is an upload that had failed. Figures
are written to .build/benchmarks/long_interview.json.
"""

import itertools
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from tests.benchmarks.camera import write_film
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.mishap_player import MishapPlayer
from tests.benchmarks.mishaps import Mishap, What, draw
from tests.benchmarks.outcomes import CALM, FAULTS, LOST, OURS, Outcome, outcome_of, ratios, table, told
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.pages import blank_page, sit
from tests.benchmarks.sitting import NAIVE, Plan
from tests.benchmarks.stores import write_interview
from tests.benchmarks.uplink import Uplink, Way, enter_own_network
from tests.benchmarks.watch import FolderWatch
from tests.support.faults.faulty_stack import FaultyStack, running_faulty_stack
from tests.support.stack import Stack

OUTPUT = FOLDER / "long_interview.json"
PAUSE_S = 20  # of life, from a Stop to the next Record: the next question is read
NAIVE_TRIES = 4
# Minutes, not moments, are measured: to look as often as the other benchmarks do would take half a core.
LOOK_EVERY_S = 0.5
WATCH_EVERY_S = 0.05
LOST_AFTER_LAST_STOP_S = 60  # of life


@dataclass
class Bench:
    """What stands while one page after the other is measured."""

    faults: FaultyStack
    plan: Plan
    bits_per_second: float  # of the line, on life's clock
    lost_s: float  # on life's clock
    seed: int
    is_kernel_shaped: bool
    film: Path | None = None  # before the camera

    def measure(self, page: str, condition: str) -> Outcome:
        """Sit one interview in a browser of its own."""
        self.faults.mend()
        plan, stack = self.plan, self.faults.stack
        player = MishapPlayer(self.faults, self._mishaps(condition), plan.speed)
        browser = Chromium(film=self.film)
        try:
            with self._line():
                blank = blank_page(browser, stack.base_url)
                sitting = sit(
                    browser, stack, self.faults.store.origin, page, plan, watching, blank=blank, on_begin=player.begin
                )
        finally:
            browser.close()
            player.end()
        sent = sum(one.size for one in self.faults.store.passed())
        return outcome_of(page, condition, self.bits_per_second, sitting, plan, sent)

    def _mishaps(self, condition: str) -> tuple[Mishap, ...]:
        """Return what happens under a condition, from the first Record on."""
        speed, answers = self.plan.speed, self.plan.answers
        every_s, last_stop_s = self.plan.begin_every_s * speed, answers * self.plan.begin_every_s * speed - PAUSE_S
        if condition == LOST:
            moments_s = (answers // 2 * every_s - PAUSE_S, last_stop_s + LOST_AFTER_LAST_STOP_S)
            return tuple(Mishap(What.OUTAGE, at_s, self.lost_s) for at_s in moments_s)
        return draw(self.seed, 10 * last_stop_s) if condition == FAULTS else ()

    @contextmanager
    def _line(self) -> Iterator[None]:
        way, (signer, store) = Way(self.bits_per_second * self.plan.speed), (self.faults.signer, self.faults.store)
        if self.is_kernel_shaped:
            port = urlsplit(self.faults.behind.url).port
            assert port is not None
            with Uplink(store.port, port, is_kernel_shaped=True).shaped(way, signer.port):
                yield
        else:
            store.limit(way.bits_per_second / 8)
            yield


def watching(stack: Stack, prefix: str) -> FolderWatch:
    return FolderWatch(stack, prefix, WATCH_EVERY_S)


@contextmanager
def standing(
    plan: Plan, bits_per_second: float, *, lost_s: float, seed: int, is_kernel_shaped: bool
) -> Iterator[Bench]:
    """Run everything, with the planned interview."""
    with tempfile.TemporaryDirectory(prefix="slipstream-bench-") as folder:
        interviews = write_interview(Path(folder), plan)
        with running_faulty_stack(Path(folder), policy={}, interviews=interviews) as faults:
            film = Path(folder) / "film.mjpeg" if plan.is_real else None
            if film:
                write_film(film)
            yield Bench(faults, plan, bits_per_second, lost_s, seed, is_kernel_shaped, film)


def accelerated(answers: int, answer_s: float, bits_per_second: float, speed: float) -> Plan:
    """Return the plan of a life that runs so many times as fast; the arguments are on life's clock."""
    return Plan(
        answers,
        answer_s / speed,
        bits_per_second * speed,
        speed=speed,
        begin_every_s=(answer_s + PAUSE_S) / speed,
        memory_every_s=LOOK_EVERY_S,
        naive_tries=NAIVE_TRIES,
    )


def main(
    *,
    answers: Annotated[int, typer.Option(min=2, help="Recordings in the interview.")] = 10,
    answer_s: Annotated[float, typer.Option(min=10, help="Seconds of a recording.")] = 120,
    bit_rate: Annotated[float, typer.Option(help="Of the recording, in Mbit/s.")] = 2.5,
    uplink: Annotated[float, typer.Option(help="In Mbit/s.")] = 5,
    speed: Annotated[float, typer.Option(min=1, help="Times as fast as life.")] = 10,
    pages: Annotated[str, typer.Option(help="Of progressive, bulk, naive.")] = f"{OURS},{NAIVE}",
    conditions: Annotated[str, typer.Option(help="Of calm, connection lost, seeded faults.")] = f"{CALM},{LOST}",
    adapts: Annotated[bool, typer.Option("--adapts", help="The browser's own recorder, fitted to the line.")] = False,
    seed: Annotated[int, typer.Option(help="Of the seeded faults.")] = 1,
    lost_s: Annotated[float, typer.Option(help="Seconds that the connection is lost, each time.")] = 60,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Measure a long interview on every page."""
    if adapts and speed != 1:
        raise typer.BadParameter("with --adapts it takes --speed 1")
    console = Console(width=None if os.isatty(1) else 170, highlight=False)
    is_kernel_shaped = enter_own_network()
    plan = accelerated(answers, answer_s, bit_rate * 1e6, speed)
    if adapts:
        plan = replace(plan, is_real=True, codec="vp8", policy={"adapts": True})
    title = (
        f"{answers} answers of {answer_s:g} s at {bit_rate:g} Mbit/s, uplink of {uplink:g} Mbit/s; life at {speed:g} × "
        f"its speed, times on life's clock; seed {seed}; {os.cpu_count()} cores"
    )
    console.print(title, markup=False)
    outcomes: list[Outcome] = []
    with standing(plan, uplink * 1e6, lost_s=lost_s, seed=seed, is_kernel_shaped=is_kernel_shaped) as bench:
        for condition, page in itertools.product(conditions.split(","), pages.split(",")):
            outcomes.append(bench.measure(page, condition))
            console.print(f"{condition}, {page}: {outcomes[-1].total_s:.0f} s in all", markup=False)
            keep(output, {"title": title, "outcomes": [asdict(one) for one in outcomes], "ratios": ratios(outcomes)})
    console.print(table(outcomes, title))
    console.print(*told(outcomes), sep="\n", markup=False)
    console.print(f"Written to {output}")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
