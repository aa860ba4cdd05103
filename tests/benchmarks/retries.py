"""Do passing faults pass without the candidate?

    .venv/bin/python -m tests.benchmarks.retries
    .venv/bin/python -m tests.benchmarks.retries --seed 7 --faults 1000

One long interview in virtual time, by the page's own session, takes, uploader and core between fakes: each request
meets a passing fault with a chance of 8 %, the same for every try, and now and then the network is gone for up to two
minutes. It goes on until so many operations (a part, a create, a signature, a completion, an answer.json, the
submission) had a first try that failed. Nobody presses anything but Record, Stop and Submit.

An upload that tries every operation once, without timers, would lose each of these, and every answer that one of them
belongs to: that is counted beside it. No media, no browser and no real time are involved: shares, not seconds.
"""

import random
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.contract import Question, Track
from app.core.session.actions import Submit
from tests.support.fake_store import FakeStore, object_key
from tests.support.visits import Visits
from tests.support.weather import PASSING, Fault, Kind, Request, Weather
from tests.support.weathered import Passed

CHANCE = 0.08  # of each try
OUTAGE_EVERY_S = 240
ANSWER_S = 60
PART_BYTES = 4096  # a second of speech is about as much: as with 2.5 Mbit/s and parts of 256 KiB
CHUNK_BYTES = 4883
BYTES_PER_SECOND = 60_000.0


@dataclass(frozen=True)
class Figures:
    """What has come of one schedule. Sizes in bytes."""

    operations: int
    failed_first: Counter[str]  # operations whose first try failed, by fault
    healed: int  # of these, done in the end
    has_receipt: bool
    are_identical: bool  # every object is what was recorded
    wasted: tuple[int, ...]  # of each try of a part that failed: what went out and had to go again; ascending
    sent: int
    recorded: int
    answers: int
    answers_lost_once: int  # with a try each

    @property
    def faults(self) -> int:
        return self.failed_first.total()

    @property
    def is_promise_kept(self) -> bool:
        """Whether nothing was left to the candidate, and no fault has cost more than one part."""
        is_whole = self.has_receipt and self.are_identical and self.healed == self.faults
        return is_whole and self.wasted[-1] <= PART_BYTES and self.sent == self.recorded + sum(self.wasted)


def schedule(seed: int) -> Weather:
    """Return weather in which a try's fate depends on nothing but the seed, what it is about, and its number."""

    def fate(request: Request) -> Fault | None:
        drawn = random.Random(f"{seed} {request.kind} {request.about} {request.tries}")
        if drawn.random() >= CHANCE:
            return None
        return drawn.choice([fault for fault in PASSING if request.kind in fault.kinds])

    return Weather(fate)


def measure(seed: int, faults: int) -> Figures:
    """Hold interviews of one answer after another until enough has gone wrong, then submit."""
    questions = [
        Question(id=f"q{number}", prompt="?", tracks=(Track.AUDIO,), limit_s=600, required=False)
        for number in range(1, 2 + faults // 5)
    ]
    visits = Visits(*questions, weather=schedule(seed), part_bytes=PART_BYTES)
    visits.network.bytes_per_second = BYTES_PER_SECOND
    drawn = random.Random(seed)
    until_outage_s = OUTAGE_EVERY_S
    try:
        given = 0
        while len(failed_first(visits.network.passed)) < faults:
            visits.record(questions[given].id)
            visits.wait(ANSWER_S + drawn.random(), size=CHUNK_BYTES)
            if (until_outage_s := until_outage_s - ANSWER_S) <= 0:
                until_outage_s = OUTAGE_EVERY_S
                visits.weather.is_offline = True
                visits.wait(drawn.uniform(5, 120), size=CHUNK_BYTES)
                visits.weather.is_offline = False
            visits.stop()
            visits.wait(drawn.uniform(1, 5))
            given += 1
        while not visits.page.view.figures.is_safe and not visits.page.view.figures.has_failed:
            visits.wait(10)
        visits.action(Submit())
        for _ in range(100):
            if not visits.is_over:
                visits.wait(10)
        return figures_of(visits, given)
    finally:
        visits.close()


def failed_first(passed: list[Passed]) -> list[Passed]:
    return [one for one in passed if one.request.tries == 1 and one.fault is not None]


def figures_of(visits: Visits, answers: int) -> Figures:
    network, store = visits.network, visits.store
    failed = failed_first(network.passed)
    parts = [one for one in network.passed if one.request.kind is Kind.PART]
    return Figures(
        operations=sum(one.request.tries == 1 for one in network.passed),
        failed_first=Counter(one.fault.name for one in failed if one.fault is not None),
        healed=sum((one.request.kind, one.request.about) not in network.failing for one in failed),
        has_receipt=visits.page.view.receipt is not None,
        are_identical=all(
            store.objects.get(object_key(ref, visits.recordings.number_of(ref))) == content
            for ref, content in visits.recordings.given.items()
        ),
        wasted=tuple(sorted(one.sent for one in parts if not one.has_succeeded)),
        sent=sum(one.sent for one in parts),
        recorded=sum(map(len, visits.recordings.given.values())),
        answers=answers,
        answers_lost_once=len({question_of(one, store) for one in failed} - {""}),
    )


def question_of(passed: Passed, store: FakeStore) -> str:
    """Return the question that a request was for; "" for the submission."""
    first = passed.request.about.partition("/")[0]  # a handle, or the question itself
    done = store.completed.get(first)
    return done.key.partition("/")[0] if done is not None else first


def table(figures: Figures) -> Table:
    made = Table("first try met", "operations", title_justify="left")
    for name, count in figures.failed_first.most_common():
        made.add_row(name, str(count))
    return made


def told(figures: Figures) -> list[str]:
    wasted = figures.wasted
    median, most = wasted[len(wasted) // 2] / PART_BYTES, wasted[-1] / PART_BYTES
    none = sum(size == 0 for size in wasted)
    waste = sum(wasted) / figures.recorded
    return [
        f"{figures.operations} operations in {figures.answers} answers; {figures.faults} had a first try that failed",
        f"done without the candidate: {figures.healed} of {figures.faults}; objects identical: {figures.are_identical}",
        f"one try each, no timers, loses {figures.faults} operations and {figures.answers_lost_once} answers",
        f"{len(wasted)} tries of parts failed, {none} before a byte was out; all that was sent again: {waste:.1%}",
        f"sent again for each, in parts: median {median:.2f}, most {most:.2f}",
    ]


def main(
    seed: Annotated[int, typer.Option(help="Another seed is another schedule.")] = 1,
    faults: Annotated[int, typer.Option(help="Operations whose first try has to fail.", min=1)] = 305,
) -> None:
    figures = measure(seed, faults)
    console = Console()
    console.print(table(figures))
    console.print(*told(figures), sep="\n")
    if not figures.is_promise_kept:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
