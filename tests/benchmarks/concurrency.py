"""How many sessions does one signer on one core carry, and how long does `sign` take then?

    .venv/bin/python -m tests.benchmarks.concurrency
    .venv/bin/python -m tests.benchmarks.concurrency --clients 50,100,200 --part-every-s 0.4

The signer is the real `serve.py`, held to one core; the embedded store and the clients have the others (this needs
Linux and two cores). Each client sits one whole session after the other over the wire, as the page does
(wire_session.py), each part with a call of `sign` of its own: the page often needs fewer. With `--part-every-s 0`
nobody waits between two parts, so a few clients are the load of many candidates; with 0.4 a client is as slow as a
candidate who is speaking.

Durations are the clients': the waiting in every queue is in them, the clients' own too. "signer's core" is the share
of its core that the signer used; where that is less than about 90 %, store and clients were the limit, and
"sessions/CPU s" says what a full core would carry. Figures are written to .build/benchmarks/concurrency.json.
"""

import asyncio
import os
import ssl
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from tests.benchmarks.calls import Load, Timings, as_json, table
from tests.benchmarks.memory import descendants
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.processor import keep_to, process_cpu_s
from tests.benchmarks.sitting import INTERVIEW, Plan
from tests.benchmarks.stores import write_interview
from tests.benchmarks.wire_session import WireSession, Work
from tests.support.stack import Stack, running_stack

OUTPUT = FOLDER / "concurrency.json"
TIMEOUT_S = 60


@dataclass
class Ended:
    """How sessions have ended."""

    sessions: int = 0  # with a receipt
    errors: list[str] = field(default_factory=list)


@contextmanager
def standing(plan: Plan) -> Iterator[Stack]:
    """Run signer and store; the signer alone has the first core."""
    cores = os.sched_getaffinity(0)
    core = min(cores)
    with tempfile.TemporaryDirectory(prefix="slipstream-bench-") as folder:
        interviews = write_interview(Path(folder), plan)
        with running_stack(Path(folder), interviews=interviews) as stack:
            for pid in descendants(stack.process.pid):
                keep_to(pid, {core} if pid == stack.process.pid else cores - {core} or cores)
            os.sched_setaffinity(0, cores - {core} or cores)
            try:
                yield stack
            finally:
                os.sched_setaffinity(0, cores)


async def measure(stack: Stack, work: Work, clients: int, lasts_s: float) -> Load:
    """Let so many clients sit sessions for this long; those that are then under way end and count."""
    timings, ended = Timings(), Ended()
    tls = ssl.create_default_context()  # not needed, and each client would make its own
    begun, cpu_before_s = time.perf_counter(), process_cpu_s(stack.process.pid)

    async def client_sits(number: int) -> None:
        await asyncio.sleep(work.part_every_s * number / clients)  # candidates do not speak in step
        while time.perf_counter() < begun + lasts_s:
            async with httpx.AsyncClient(
                base_url=stack.base_url, trust_env=False, timeout=TIMEOUT_S, verify=tls
            ) as client:
                try:
                    await WireSession(client, stack.ticket(interview=INTERVIEW), timings).sit(work)
                    ended.sessions += 1
                except httpx.HTTPError as error:
                    ended.errors.append(repr(error))

    await asyncio.gather(*(client_sits(number) for number in range(clients)))
    return Load(
        clients=clients,
        sessions=ended.sessions,
        lasted_s=time.perf_counter() - begun,
        signer_cpu_s=process_cpu_s(stack.process.pid) - cpu_before_s,
        errors=tuple(ended.errors),
        durations_s=timings.durations_s,
    )


def run(clients: str, *, answers: int, parts: int, part_every_s: float, lasts_s: float) -> list[Load]:
    """Measure one load after the other on one signer and one store."""
    plan = Plan(answers, answer_s=60, bits_per_second=0)
    with standing(plan) as stack:
        work = Work(tuple(plan.questions), parts, part_every_s)
        asyncio.run(measure(stack, work, 1, 0))  # the first session pays for what is loaded once
        return [asyncio.run(measure(stack, work, int(count), lasts_s)) for count in clients.split(",")]


def main(
    *,
    clients: Annotated[str, typer.Option(help="At a time, one load after the other.")] = "1,4,16,64",
    answers: Annotated[int, typer.Option(min=1, help="Recordings in a session.")] = 3,
    parts: Annotated[int, typer.Option(min=1, help="In a recording; 64 KiB each.")] = 20,
    part_every_s: Annotated[float, typer.Option(min=0, help="Seconds between two parts; 0: none.")] = 0,
    lasts_s: Annotated[float, typer.Option(min=1, help="Seconds that each load lasts.")] = 20,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Measure concurrent sessions on one store and one signer."""
    console = Console(width=None if os.isatty(1) else 170, highlight=False)
    load_before = os.getloadavg()[0]
    loads = run(clients, answers=answers, parts=parts, part_every_s=part_every_s, lasts_s=lasts_s)
    pace = f"a part every {part_every_s:g} s" if part_every_s else "no pauses"
    title = (
        f"Sessions of {answers} answers with {parts + 1} parts each, {pace}; signer on one of {os.cpu_count()} cores; "
        f"load {load_before:.1f} before"
    )
    console.print(table(loads, title))
    console.print(*sorted({error for load in loads for error in load.errors}), sep="\n", markup=False)
    keep(output, {"title": title, "loads": as_json(loads)})
    console.print(f"Written to {output}")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
