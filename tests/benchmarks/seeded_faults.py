"""The same seeded mishaps on Slipstream and on a plain page that sends each answer by one PUT at the end.

    .venv/bin/python -m tests.benchmarks.seeded_faults
    .venv/bin/python -m tests.benchmarks.seeded_faults --seeds 100 --tries 1

Interviews in virtual time, one a seed: ten answers of two minutes at 2.5 Mbit/s on 5 Mbit/s. mishaps.py says what
happens: on average every 90 s all connections break, are gone for up to a minute, or signer and store say that they are
busy. Slipstream is the page's own session, takes, uploader and core between fakes. The plain page is naive.html's
algorithm: from the last Stop on one PUT an answer, four tries with pauses of 1, 2 and 4 s, then the next answer. Both
are followed until they have stored or given up everything; nobody presses anything but Record, Stop and Submit.

An answer has failed if its object is not in the store, byte for byte, when the page is at its end. Sizes are a 64th of
life's, as in retries.py. Failures and shares, not seconds, are what this can tell. The figures go to
.build/benchmarks/seeded_faults.json.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.contract import Question, Track
from app.core.errors import UploadError
from app.core.session.actions import Submit
from tests.benchmarks.mishaps import EVERY_S, Mishap, What, draw
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.retries import CHUNK_BYTES, PART_BYTES
from tests.support.fake_store import object_key
from tests.support.virtual_time import VirtualLoop
from tests.support.visits import Visits
from tests.support.weather import Fault, Kind, Request, Weather
from tests.support.weathered import Network

OUTPUT = FOLDER / "seeded_faults.json"
BYTES_PER_SECOND = 2.0 * CHUNK_BYTES  # of the line
PAUSE_S = 20  # from a Stop to the next Record
PATIENCE_S = 3600  # after the last Stop
FIRST_PAUSE_S = 1.0  # of the plain page, before its second try
GOAL = 0.02  # at most so many of the plain page's failures


@dataclass(frozen=True)
class Ending:
    """What one page came to. A try is one request."""

    failed: int  # answers
    tries: int
    failed_tries: int


@dataclass(frozen=True)
class Trial:
    """One seed."""

    seed: int
    answers: int
    ours: Ending
    plain: Ending


class Fates:
    """Say what a request meets that begins now, from mishaps on a clock that is wound up later."""

    def __init__(self, mishaps: Sequence[Mishap]) -> None:
        self._mishaps = mishaps
        self._loop: asyncio.AbstractEventLoop | None = None  # None: nothing has begun
        self._began_at = 0.0

    def wind_up(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop, self._began_at = loop, loop.time()

    def __call__(self, request: Request) -> Fault | None:
        if self._loop is None:
            return None
        return fault_of(self._mishaps, self._loop.time() - self._began_at, request.size / BYTES_PER_SECOND)


def fault_of(mishaps: Sequence[Mishap], at_s: float, sending_s: float) -> Fault | None:
    """Return what a request meets that begins at `at_s` and needs so long to be sent; None: nothing."""
    for mishap in mishaps:
        if mishap.at_s <= at_s < mishap.end_s:
            if mishap.what is What.BUSY:
                return Fault("busy", share=0.0, status=503, code="SlowDown")
            return Fault("outage", share=0.0)
        if mishap.what is not What.BUSY and at_s < mishap.at_s <= at_s + sending_s:
            return Fault("reset", share=(mishap.at_s - at_s) / sending_s)
    return None


def sit_on_ours(mishaps: Sequence[Mishap], answers: int, answer_s: float) -> Ending:
    """Hold an interview on our page."""
    questions = [
        Question(id=f"q{number}", prompt="?", tracks=(Track.AUDIO,), limit_s=600, required=False)
        for number in range(1, answers + 1)
    ]
    fates = Fates(mishaps)
    visits = Visits(*questions, weather=Weather(fates), part_bytes=PART_BYTES)
    visits.network.bytes_per_second = BYTES_PER_SECOND
    try:
        fates.wind_up(visits.loop)
        for question in questions:
            visits.record(question.id)
            visits.wait(answer_s, size=CHUNK_BYTES)
            visits.stop()
            visits.wait(PAUSE_S)
        visits.action(Submit())
        for _ in range(PATIENCE_S // 10):
            if not visits.is_over:
                visits.wait(10)
        objects, number_of = visits.store.objects, visits.recordings.number_of
        stored = [
            ref
            for ref, content in visits.recordings.given.items()
            if objects.get(object_key(ref, number_of(ref))) == content
        ]
        return _ending(answers - len(stored), visits.network)
    finally:
        visits.close()


def sit_on_plain(mishaps: Sequence[Mishap], answers: int, answer_s: float, tries: int) -> Ending:
    """Hold the same interview on a plain page."""
    loop, fates = VirtualLoop(), Fates(mishaps)
    network = Network(Weather(fates), bytes_per_second=BYTES_PER_SECOND)
    fates.wind_up(loop)
    size = int(answer_s * CHUNK_BYTES)

    async def has_sent(answer: int) -> bool:
        for number in range(tries):
            if number:
                await asyncio.sleep(FIRST_PAUSE_S * 2 ** (number - 1))
            try:
                return await network.carry(Kind.DOCUMENT, str(answer), size, lambda _: True, _plain_reply)
            except UploadError:
                pass
        return False

    async def submit() -> int:
        await asyncio.sleep(answers * (answer_s + PAUSE_S))
        return sum([not await has_sent(answer) for answer in range(answers)])

    try:
        return _ending(loop.run(submit()), network)
    finally:
        loop.end()


def _plain_reply(fault: Fault, _: object) -> bool:
    raise UploadError(fault.name)


def _ending(failed: int, network: Network) -> Ending:
    return Ending(failed, len(network.passed), sum(one.fault is not None for one in network.passed))


def measure(seed: int, *, answers: int, answer_s: float, tries: int, every_s: float = EVERY_S) -> Trial:
    """Let one seed's mishaps happen to both pages."""
    mishaps = draw(seed, 2 * answers * (answer_s + PAUSE_S) + PATIENCE_S, every_s)
    return Trial(
        seed,
        answers,
        ours=sit_on_ours(mishaps, answers, answer_s),
        plain=sit_on_plain(mishaps, answers, answer_s, tries),
    )


def table(trials: Sequence[Trial]) -> Table:
    """Return a row for each page, all seeds together."""
    made = Table("page", "answers failed", "interviews with a failed answer", "failed requests")
    for name, endings in (("ours", [one.ours for one in trials]), ("plain", [one.plain for one in trials])):
        made.add_row(
            name,
            f"{sum(one.failed for one in endings)} of {sum(one.answers for one in trials)}",
            f"{sum(one.failed > 0 for one in endings)} of {len(trials)}",
            f"{sum(one.failed_tries for one in endings)} of {sum(one.tries for one in endings)}",
        )
    return made


def share(trials: Sequence[Trial]) -> float | None:
    """Return our failed answers as a share of the plain page's; None if it had none."""
    plain = sum(one.plain.failed for one in trials)
    return sum(one.ours.failed for one in trials) / plain if plain else None


def told(trials: Sequence[Trial]) -> str:
    found = share(trials)
    if found is None:
        return "The plain page has lost nothing: more seeds, or more mishaps, are needed to compare."
    verdict = "met" if found <= GOAL else "NOT met"
    return f"failures: {found:.1%} of the plain page's (goal {GOAL:.0%}): {verdict}"


def main(
    *,
    first_seed: Annotated[int, typer.Option(help="Others are other mishaps.")] = 1,
    seeds: Annotated[int, typer.Option(min=1, help="Interviews; the seeds follow the first.")] = 20,
    answers: Annotated[int, typer.Option(min=1, help="Recordings in an interview.")] = 10,
    answer_s: Annotated[float, typer.Option(min=10, help="Seconds of a recording.")] = 120,
    tries: Annotated[int, typer.Option(min=1, help="Of each PUT of the plain page.")] = 4,
    every_s: Annotated[float, typer.Option(min=10, help="Seconds between two mishaps, on average.")] = EVERY_S,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Count the answers that each page loses."""
    console = Console()
    trials: list[Trial] = []
    for seed in range(first_seed, first_seed + seeds):
        trials.append(measure(seed, answers=answers, answer_s=answer_s, tries=tries, every_s=every_s))
        keep(output, {"trials": [asdict(one) for one in trials], "share": share(trials)})
    console.print(
        f"Seeds {first_seed} to {first_seed + seeds - 1}: {answers} answers of {answer_s:g} s each, a mishap every "
        f"{every_s:g} s on average; {tries} tries of each PUT of the plain page"
    )
    console.print(table(trials), told(trials))


if __name__ == "__main__":
    typer.run(main)
