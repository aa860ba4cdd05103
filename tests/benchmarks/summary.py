"""The rest of `make bench`, in short settings, and one table of everything.

    .venv/bin/python -m tests.benchmarks.summary

Runs concurrent sessions, seeded faults, a long interview (calm, and with a connection that is lost), and one on
2 Mbit/s, each as a process of its own; about ten minutes. Each of them says at its own top what it does and how to run
it longer. What `bench` has left in .build/benchmarks stands in the table, too. Everything is written to
.build/benchmarks/summary.json.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from server.settings import ROOT
from tests.benchmarks.modes import BULK
from tests.benchmarks.outcomes import OURS
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.rounds import median
from tests.benchmarks.sitting import NAIVE

OUTPUT = FOLDER / "summary.json"
SHORT: dict[str, tuple[str, ...]] = {
    "concurrency": ("--clients", "1,16", "--lasts-s", "10"),
    "seeded_faults": ("--seeds", "5"),
    "long_interview": ("--answers", "4"),
}
SLOW_LINE = (
    *("--answers", "3", "--answer-s", "60", "--speed", "1", "--uplink", "2", "--adapts"),
    *("--pages", OURS, "--conditions", "calm"),
)


@dataclass(frozen=True)
class Row:
    """One figure, ours beside the plain page's; None: there is none."""

    what: str
    unit: str
    ours: float
    plain: float | None = None

    @property
    def share(self) -> float | None:
        return self.ours / self.plain if self.plain else None


def main() -> None:
    """Run everything, and print the table."""
    figures: dict[str, Any] = {name: run(name, *options) for name, options in SHORT.items()}
    figures["slow_line"] = run("long_interview", *SLOW_LINE)
    waits = FOLDER / "bench.json"
    if waits.exists():
        figures["bench"] = json.loads(waits.read_text(encoding="utf-8"))
    rows = [*rows_of(figures)]
    keep(OUTPUT, {"rows": [asdict(row) for row in rows], **figures})
    console = Console(width=None if os.isatty(1) else 150, highlight=False)
    console.print(table(rows))
    console.print(f"Written to {OUTPUT}")


def run(module: str, *options: str) -> Any:
    """Run a benchmark and return its JSON. Raises CalledProcessError."""
    output = FOLDER / "short.json"
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *options, "--output", str(output)]
    subprocess.run(command, cwd=ROOT, check=True)
    return json.loads(output.read_text(encoding="utf-8"))


def rows_of(figures: Mapping[str, Any]) -> Iterator[Row]:
    """Yield the rows of every benchmark that has left figures."""
    yield from _waits(figures.get("bench", {}).get("rounds", []))
    for load in figures["concurrency"]["loads"]:
        at_a_time = f"{load['clients']} at a time"
        yield Row(f"sessions on one signer, {at_a_time}", "sessions/s", load["sessions_per_s"])
        yield Row(f"sign, 99th percentile, {at_a_time}", "ms", load["sign"]["p99_s"] * 1000)
    yield from _long(figures["long_interview"]["outcomes"])
    for one in figures["slow_line"]["outcomes"]:
        yield Row("an answer's end to stored on 2 Mbit/s, fitted to it, worst", "s", one["worst_answer_wait_s"])
    trials = figures["seeded_faults"]["trials"]
    failed = [sum(one[page]["failed"] for one in trials) for page in ("ours", "plain")]
    yield Row(f"failed of {sum(one['answers'] for one in trials)} answers, seeded faults", "answers", *failed)


def _waits(rounds: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    lines = dict.fromkeys((one["bits_per_second"], one["round_trip_s"]) for one in rounds)
    for line in lines:
        on_line = [one for one in rounds if (one["bits_per_second"], one["round_trip_s"]) == line]
        waits = {
            mode: median([one["wait_s"] for one in on_line if one["mode"] == mode])
            for mode in dict.fromkeys(one["mode"] for one in on_line)
        }
        bulk_s = waits.pop(BULK, None)
        for mode, wait_s in waits.items():
            yield Row(
                f"last Stop to stored, {mode}, {line[0] / 1e6:g} Mbit/s, {line[1] * 1000:g} ms", "s", wait_s, bulk_s
            )


def _long(outcomes: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    by_page = {(one["condition"], one["page"]): one for one in outcomes}
    for condition in dict.fromkeys(one["condition"] for one in outcomes):
        ours, plain = by_page[condition, OURS], by_page[condition, NAIVE]
        for what, unit, name, scale in (
            ("first Record to stored", "s", "total_s", 1),
            ("last Stop to stored", "s", "wait_s", 1),
            ("peak memory over a blank page, all of the browser", "MB", "peak_tree", 1e6),
            ("peak memory over a blank page, page's process", "MB", "peak_renderer", 1e6),
            ("sent", "MB", "sent", 1e6),
            ("presses on Submit", "times", "presses", 1),
        ):
            yield Row(f"long interview, {condition}: {what}", unit, ours[name] / scale, plain[name] / scale)


def table(rows: Sequence[Row]) -> Table:
    made = Table("figure", "unit", title="make bench", title_justify="left")
    for name in ("ours", "plain page or bulk", "ours / plain"):
        made.add_column(name, justify="right")
    for row in rows:
        plain = "–" if row.plain is None else f"{row.plain:.4g}"
        made.add_row(row.what, row.unit, f"{row.ours:.4g}", plain, "–" if row.share is None else f"{row.share:.0%}")
    return made


if __name__ == "__main__":
    main()
