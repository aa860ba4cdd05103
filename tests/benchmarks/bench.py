"""Everything side by side: how long does a candidate wait after the last Stop, and what does it cost?

    make bench
    make bench ARGS="--rates 5 --round-trips 0 --answers 1 --repeat 3"
    make bench ARGS="--modes embedded,ceph-folded --recorder synthetic --trace"

Each mode gives the same interview in the real page, in a fresh Chromium, over the same line; then the next mode, the
next line, and all of it again (`--repeat`). The table has medians with the least and the greatest. "ideal" and "bulk"
belong to the same run: ideal.py says what an ideal sender is, and `bulk` sends everything once Submit is pressed, to
the embedded store. "wire" is what went up to the store, with HTTP headers, for each recorded byte. "link" is the share
of the line that was used while more than BACKLOG_S of it was waiting; "–": never so much waited.

The recorder is Chromium's own, and its camera shows camera.py's film; every stored file is decoded whole by ffmpeg's
libraries, and played and sought in by the browser. `--recorder synthetic` gives random bytes at exactly `--bit-rate`
instead: the encoder's processor time is out of the picture, and nothing can be played.

Ceph runs as a single node from Debian's packages; where they are missing, its rows are left out. Lines are shaped by
the kernel, which needs root; else by a relay (uplink.py), and then without round trips. Needs `make build`. All of it
takes three hours. Figures are written to .build/benchmarks/bench.json after every round. Compare only within one run.
"""

import itertools
import json
import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tests.benchmarks.camera import write_film
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.goodput import goodput
from tests.benchmarks.modes import MODES, Mode
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.pages import sit
from tests.benchmarks.recording_check import Soundness, check_recording
from tests.benchmarks.rounds import Round, goals, round_of, table
from tests.benchmarks.sitting import Plan, Sitting
from tests.benchmarks.stores import STORES, Standing
from tests.benchmarks.uplink import Way, can_delay, enter_own_network

OUTPUT = FOLDER / "bench.json"
ASKED = 2.1  # times the wanted rate: with this film, Chromium's encoder gives about half of what it is asked for
SOUND_BITS_PER_SECOND = 128_000


class Bench:
    """The stores that stand while interview after interview is sat, and what is known of the lines to them."""

    def __init__(self, stores: dict[str, Standing], plan: Plan, film: Path | None, *, is_kernel_shaped: bool) -> None:
        self._is_kernel_shaped = is_kernel_shaped
        self._stores = stores
        self._plan = plan
        self._film = film
        self._goodput: dict[Way, float] = {}

    def measure(self, mode: Mode, way: Way) -> tuple[Round, Sitting]:
        """Sit one interview in a browser of its own: memory that an earlier one has left would be in the way."""
        standing = self._stores[mode.store]
        plan = Plan(
            self._plan.answers,
            self._plan.answer_s,
            self._plan.bits_per_second,
            {**self._plan.policy, **mode.policy},
            self._plan.is_real,
        )
        with self._browser() as browser:
            with standing.uplink.at(way, standing.page_port) as traffic:
                sitting = sit(browser, standing.stack, standing.uplink.url, mode.upload_mode, plan, standing.watching)
            checks = self._check(browser, standing, sitting) if plan.is_real else []
        return round_of(mode.name, way, sitting, traffic, self.goodput(way), checks), sitting

    def goodput(self, way: Way) -> float:
        """Return what a plain socket gets through this line, in bytes a second; measured once."""
        if not self._is_kernel_shaped:
            return way.bits_per_second / 8
        if way not in self._goodput:
            standing = next(iter(self._stores.values()))
            with standing.uplink.shaped(way, standing.page_port) as port:
                self._goodput[way] = goodput(port, way.bits_per_second)
        return self._goodput[way]

    def _check(self, browser: Chromium, standing: Standing, sitting: Sitting) -> list[Soundness]:
        return [check_recording(standing.stack.s3, key, browser) for key in sitting.keys]

    @contextmanager
    def _browser(self) -> Iterator[Chromium]:
        browser = Chromium(film=self._film)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def standing(modes: list[Mode], plan: Plan, *, is_kernel_shaped: bool) -> Iterator[Bench]:
    """Run every store that the modes need."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="slipstream-bench-")))
        film = None
        if plan.is_real:
            write_film(film := folder / "film.mjpeg")
        names = dict.fromkeys(mode.store for mode in modes)
        stores = {name: ends.enter_context(STORES[name].run(folder / name, plan, is_kernel_shaped)) for name in names}
        yield Bench(stores, plan, film, is_kernel_shaped=is_kernel_shaped)


def ways_of(rates: str, round_trips: str, console: Console, *, is_kernel_shaped: bool) -> list[Way]:
    """Return the wanted lines that are possible here."""
    wanted = [
        Way(float(mbit) * 1e6, float(ms) / 1000)
        for ms, mbit in itertools.product(round_trips.split(","), rates.split(","))
    ]
    if is_kernel_shaped and can_delay():
        return wanted
    if any(way.round_trip_s for way in wanted):
        console.print("Without root and /dev/net/tun there are no round trips: their rows are left out.")
    return [way for way in wanted if not way.round_trip_s]


def modes_of(wanted: str, console: Console) -> list[Mode]:
    """Return the wanted modes whose store can run here."""
    if unknown := set(wanted.split(",")) - MODES.keys():
        raise typer.BadParameter(f"unknown mode {', '.join(sorted(unknown))}; known are {', '.join(MODES)}")
    modes = [MODES[name] for name in wanted.split(",")]
    for store in dict.fromkeys(mode.store for mode in modes):
        if why := STORES[store].missing():
            console.print(f"Rows of {store} are left out: {why}.")
            modes = [mode for mode in modes if mode.store != store]
    return modes


def main(
    *,
    rates: Annotated[str, typer.Option(help="Uplinks in Mbit/s.")] = "2,5,20",
    round_trips: Annotated[str, typer.Option(help="In ms.")] = "0,100",
    modes: Annotated[str, typer.Option(help="Which to compare.")] = ",".join(MODES),
    answers: Annotated[int, typer.Option(min=1, help="Recordings in an interview.")] = 3,
    answer_s: Annotated[float, typer.Option(min=1, help="Seconds in a recording.")] = 20,
    bit_rate: Annotated[float, typer.Option(help="Of the recording, in Mbit/s.")] = 2.2,
    recorder: Annotated[str, typer.Option(help="real or synthetic.")] = "real",
    policy: Annotated[str, typer.Option(help="Overrides of UploadPolicy, as JSON.")] = "{}",
    repeat: Annotated[int, typer.Option(min=1, help="Rounds of everything, one after the other.")] = 5,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
    trace: Annotated[bool, typer.Option("--trace", help="Print what happened around the last Stop.")] = False,
) -> None:
    """Measure every mode on every line."""
    console = Console(width=None if os.isatty(1) else 170, highlight=False)
    is_kernel_shaped = enter_own_network()
    wanted = modes_of(modes, console)
    ways = ways_of(rates, round_trips, console, is_kernel_shaped=is_kernel_shaped)
    plan = Plan(answers, answer_s, bit_rate * 1e6, rates_of(bit_rate) | json.loads(policy), recorder == "real")
    title = (
        f"{answers} answers of {answer_s:g} s at {bit_rate:g} Mbit/s ({recorder} recorder); {os.cpu_count()} cores, "
        f"{platform.machine()}, {platform.system()} {platform.release()}; "
        f"lines by {'HTB' if is_kernel_shaped else 'relay'}"
    )
    console.print(title, markup=False)
    rounds: list[Round] = []
    events: list[Any] = []
    with standing(wanted, plan, is_kernel_shaped=is_kernel_shaped) as bench:
        for _, way, mode in itertools.product(range(repeat), ways, wanted):
            done, sitting = bench.measure(mode, way)
            rounds.append(done)
            events.append(sitting.events)
            console.print(f"{time.strftime('%H:%M:%S')} {done.told}", markup=False)
            if trace:
                tell_events(console, sitting)
            keep(output, {"title": title, "rounds": [asdict(one) for one in rounds], "around_the_last_stop": events})
    console.print(table(rounds, title))
    console.print(*goals(rounds), sep="\n", markup=False)
    console.print(f"Written to {output}")


def rates_of(bit_rate: float) -> dict[str, Any]:
    """Return the policy by which Chromium's recorder gives about this rate in all, in Mbit/s."""
    return {
        "video_bits_per_second": round(bit_rate * 1e6 * ASKED) - SOUND_BITS_PER_SECOND,
        "video_audio_bits_per_second": SOUND_BITS_PER_SECOND,
    }


def tell_events(console: Console, sitting: Sitting) -> None:
    for event in sitting.events:
        took = f" … {event.end_s:+.3f} s" if event.end_s != event.start_s else ""
        console.print(f"    {event.start_s:+.3f}{took}  {event.name}", markup=False)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
