"""Kill the page's process and the whole browser at random moments of recording and uploading, again and again.

    .venv/bin/python -m tests.faults.crashes --kills 20
    .venv/bin/python -m tests.faults.crashes --kills 5 --browser firefox --seed 7

After each kill the page is opened again, finishes, and is submitted; the object is compared with the bytes that are
known to have left the recorder. Ends with 1 if any kill has cost more than a timeslice and 0.4 s, or anything that the
journal had. Firefox has no renderer of ours to find among its processes: there, only the browser is killed.
"""

import os
import random
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from playwright.sync_api import expect, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.faults.conftest import IMPATIENT
from tests.support.faults.faulty_stack import FaultyStack, running_faulty_stack
from tests.support.faults.surviving import LAST_MOMENT_S, SLACK_S, TIMESLICE_S, Survival, survive
from tests.support.faults.victim import Kill, Victim
from tests.support.files import INTERVIEWS
from tests.support.page_driver import TIMEOUT_MS
from tests.support.settings import PART_BYTES, QUICK

MIN_CHUNK, MAX_CHUNK = PART_BYTES * 3 // 10, PART_BYTES * 3  # bytes


def main(
    *,
    kills: Annotated[int, typer.Option(min=1, help="Of each kind.")] = 20,
    seed: Annotated[int, typer.Option(help="Of moments and chunk sizes.")] = 1,
    browser: Annotated[str, typer.Option(help="chromium or firefox")] = "chromium",
) -> None:
    """Show that a kill costs no more than what the recorder had not yet given."""
    expect.set_options(timeout=TIMEOUT_MS)
    console = Console(width=None if os.isatty(1) else 150, highlight=False)
    randomness = random.Random(seed)
    kinds = [Kill.RENDERER, Kill.BROWSER] if browser == "chromium" else [Kill.BROWSER]
    survivals: list[Survival] = []
    with tempfile.TemporaryDirectory(prefix="slipstream-crashes-", ignore_cleanup_errors=True) as folder:
        data, profile = Path(folder, "stack"), Path(folder, "profile")
        data.mkdir()
        interviews = INTERVIEWS
        with (
            running_faulty_stack(data, policy=QUICK | IMPATIENT, interviews=interviews) as faults,
            sync_playwright() as playwright,
        ):
            victim = Victim(playwright, browser, profile)
            try:
                for kill in kinds:
                    for number in range(1, kills + 1):
                        survivals.append(survive_once(victim, faults, kill, randomness))
                        console.print(f"{kill} {number}: {said(survivals[-1])}", soft_wrap=True)
            finally:
                victim.close()
            for watch in victim.watches:
                watch.verify()
    console.print(table(survivals, f"{browser}, seed {seed}"), verdict(survivals), sep="\n")
    raise typer.Exit(0 if all(one.is_within_bound for one in survivals) else 1)


def survive_once(victim: Victim, faults: FaultyStack, kill: Kill, randomness: random.Random) -> Survival:
    """Survive one kill at a random moment, with chunks of random sizes."""
    sizes = [randomness.randint(MIN_CHUNK, MAX_CHUNK) for _ in range(7)]
    return survive(victim, faults, kill, randomness.uniform(0, LAST_MOMENT_S), sizes)


def said(one: Survival) -> str:
    return f"at {one.moment_s:.2f} s, while {one.phase}: {one.arrived} of {one.given} chunks, {one.lost_s:.2f} s lost"


def table(survivals: list[Survival], title: str) -> Table:
    made = Table(title=title, title_justify="left")
    for name in ("kill", "at s", "while", "chunks given", "in the journal", "arrived", "lost s", "parts acknowledged",
                 "sent before", "sent after"):  # fmt: skip
        made.add_column(name, justify="right")
    for one in survivals:
        figures = (one.given, one.committed, one.arrived, f"{one.lost_s:.2f}", one.acknowledged, one.sent_before)
        made.add_row(one.kill, f"{one.moment_s:.2f}", one.phase, *map(str, figures), str(one.sent_after))
    return made


def verdict(survivals: list[Survival]) -> str:
    worst = max(one.lost_s for one in survivals)
    known = sum(one.acknowledged for one in survivals)
    beyond = sum(not one.is_within_bound for one in survivals)
    phases = ", ".join(
        f"{sum(one.phase == phase for one in survivals)} while {phase}"
        for phase in ("recording", "uploading", "stored")
    )
    return (
        f"{len(survivals)} kills ({phases}). "
        f"Lost at most {worst:.2f} s, {beyond} beyond {TIMESLICE_S + SLACK_S:.2f} s. "
        f"Of {known} parts that the journal knew to be acknowledged, none was sent again; one object each."
    )


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
