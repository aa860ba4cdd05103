"""Does one core of signers carry 1,000 candidates, and is anything lost when one of two signers is killed?

    .venv/bin/python -m tests.benchmarks.signer_load --sessions 1000 --minutes 10
    .venv/bin/python -m tests.benchmarks.signer_load --signers 2 --kill

The model: every session is a candidate who reads and speaks in turns, about half of the time each (30 s, then 30 s), 4
answers and a submission; then the next candidate begins. While they speak, the page calls `sign` each 1.6 s for 4 parts
of 0.4 s, its default where a store's signature does not need the MD5. Not in the model: connection checks, retakes,
pages that are loaded again, and efficiency.json.

The signers are the real `serve.py`, all held to one core (Linux, two cores). The store of most sessions is a dictionary
in the clients' process (load_store.py), and they send no media; `--real` of them send theirs through it to the real
embedded store, and are compared byte for byte at the end. With `--kill` the first signer is killed half-way; clients go
on to the other one, as behind nginx. Durations are the clients' own, with every queue in them. Figures are written to
.build/benchmarks/signer_load.json.
"""

import asyncio
import os
import random
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from server.signer.tickets import Tickets
from server.store.embedded import BUCKET, EmbeddedStore
from tests.benchmarks.calls import percentile
from tests.benchmarks.lean_http import Address, CallFailed
from tests.benchmarks.load_session import LoadSession, Lost, Pace, Tally
from tests.benchmarks.load_store import SYNTHETIC, CountedStore, serving
from tests.benchmarks.memory import PROC, kib
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.processor import keep_to, process_cpu_s
from tests.benchmarks.sitting import INTERVIEW
from tests.support.stack import read_ready, start_serve

OUTPUT = FOLDER / "signer_load.json"
REAL = "real-"
_LOOK_S = 1.0
_SERVER_ERROR = 500


@dataclass(frozen=True)
class Plan:
    sessions: int
    lasts_s: float
    pace: Pace
    real: int = 20  # sessions that send real bytes
    signers: int = 1
    kills: bool = False  # the first signer, half-way
    ends_within_s: float = 60.0  # so long the last candidates take to submit: they do not do it all at once


@dataclass
class Watched:
    """What was seen each second."""

    rss: list[list[int]] = field(default_factory=list)  # bytes, of each signer
    late_s: list[float] = field(default_factory=list)  # by how much our own loop was late


@dataclass(frozen=True)
class Figures:
    tally: Tally
    watched: Watched
    lasted_s: float
    signer_cpu_s: float
    own_cpu_s: float
    compared: int  # objects that were equal, byte for byte

    @property
    def server_errors(self) -> int:
        return sum(count for status, count in self.tally.statuses.items() if status >= _SERVER_ERROR)


@dataclass(frozen=True)
class Signers:
    processes: "list[Popen[str]]"
    addresses: list[Address]
    tickets: Tickets
    store: CountedStore


@asynccontextmanager
async def standing(folder: Path, plan: Plan) -> AsyncIterator[Signers]:
    """Run the store of two halves, and the signers before it."""
    interviews = folder / "interviews"
    interviews.mkdir()
    (interviews / f"{INTERVIEW}.toml").write_text(_interview(plan.pace))
    with ExitStack() as ends:
        real = ends.enter_context(EmbeddedStore(folder / "data", page_origin="http://127.0.0.1"))
        store, secret = CountedStore(), secrets.token_urlsafe(48)
        async with serving(store, ("127.0.0.1", real.port)) as origin:
            env = {
                "SLIPSTREAM_SECRET": secret,
                "SLIPSTREAM_S3_ENDPOINT": origin,
                "SLIPSTREAM_S3_BUCKET": BUCKET,
                "SLIPSTREAM_S3_PROFILE": "embedded",
                "SLIPSTREAM_INTERVIEWS": str(interviews),
                "SLIPSTREAM_ADDRESS_RATE": "1000000/minute",  # all candidates have one address here
                "AWS_ACCESS_KEY_ID": real.key_id,
                "AWS_SECRET_ACCESS_KEY": real.key_secret,
            }
            started = [ends.enter_context(_signer(folder, number, env)) for number in range(plan.signers)]
            links = [await asyncio.to_thread(read_ready, process, log) for process, log in started]
            addresses = [_address(link) for link in links]
            yield Signers([process for process, _ in started], addresses, Tickets(secret), store)


@contextmanager
def _signer(folder: Path, number: int, env: dict[str, str]) -> "Iterator[tuple[Popen[str], Path]]":
    log = folder / f"serve-{number}.log"
    with log.open("w") as log_file:
        process = start_serve(["--port", "0", "--data", str(folder / f"own-{number}")], env, stderr=log_file.fileno())
    try:
        yield process, log
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


async def measure(folder: Path, plan: Plan, signers_core: int | None = None) -> Figures:
    """Let the sessions sit. Raises AssertionError if bytes of a real session differ.

    `signers_core` None: the signers run on any core.
    """
    async with standing(folder, plan) as signers:
        if signers_core is not None:
            for process in signers.processes:
                keep_to(process.pid, {signers_core})
        tally, watched, sent = Tally(), Watched(), dict[str, bytes]()
        begun, cpu_before_s = time.monotonic(), sum(process_cpu_s(one.pid) for one in signers.processes)
        own_before_s = time.process_time()
        watching = asyncio.create_task(_watch(signers, watched))
        killing = asyncio.create_task(_kill(signers, plan))
        try:
            await asyncio.gather(*(_candidates(signers, plan, n, tally, sent) for n in range(plan.sessions)))
        finally:
            watching.cancel()
            killing.cancel()
        return Figures(
            tally=tally,
            watched=watched,
            lasted_s=time.monotonic() - begun,
            # Also what the killed one has used: it is waited for at the end only.
            signer_cpu_s=sum(process_cpu_s(one.pid) for one in signers.processes) - cpu_before_s,
            own_cpu_s=time.process_time() - own_before_s,
            compared=await asyncio.to_thread(_compared, folder, sent),
        )


async def _candidates(signers: Signers, plan: Plan, number: int, tally: Tally, sent: dict[str, bytes]) -> None:
    """Have one candidate after the other in this place, until the time is over."""
    begun, is_real = time.monotonic(), number < plan.real
    until = begun + plan.lasts_s + random.uniform(0, plan.ends_within_s)
    await asyncio.sleep(random.uniform(0, plan.pace.silent_s))
    while time.monotonic() < begun + plan.lasts_s:
        session = f"{REAL if is_real else SYNTHETIC}{secrets.token_hex(8)}"
        ticket = signers.tickets.mint(session=session, interview=INTERVIEW, life_s=3600)
        candidate = LoadSession(signers.addresses, number, ticket, tally, signers.store, sent if is_real else None)
        try:
            await candidate.sit(plan.pace, until)
        except (Lost, CallFailed) as error:
            tally.lost.append(str(error))


async def _watch(signers: Signers, watched: Watched) -> None:
    while True:
        due = time.monotonic() + _LOOK_S
        await asyncio.sleep(_LOOK_S)
        watched.late_s.append(time.monotonic() - due)
        watched.rss.append([rss(process.pid) for process in signers.processes])


async def _kill(signers: Signers, plan: Plan) -> None:
    """Kill the first signer half-way, if that is planned."""
    await asyncio.sleep(plan.lasts_s / 2)
    if plan.kills:
        signers.processes[0].kill()


def _compared(folder: Path, sent: dict[str, bytes]) -> int:
    for key, body in sent.items():
        stored = (folder / "data" / BUCKET / key).read_bytes()
        assert stored == body, f"{key}: the store has other bytes than were sent"
    return len(sent)


def rss(pid: int) -> int:
    """Return a process's resident memory in bytes; 0 if it has ended."""
    try:
        return kib((PROC / str(pid) / "status").read_text(), "VmRSS") * 1024
    except OSError:
        return 0


def _address(link: str) -> Address:
    url = urlsplit(link)
    return url.hostname or "", url.port or 80


def _interview(pace: Pace) -> str:
    head = f'id = "{INTERVIEW}"\ntitle = "Load"\n'
    return head + "".join(
        f'\n[[questions]]\nid = "{id_}"\nprompt = "Speak."\ntracks = ["video"]\nrequired = false\nlimit_s = 600\n'
        for id_ in pace.questions
    )


def table(figures: Figures, title: str) -> Table:
    """Return a row for each kind of call; durations in milliseconds."""
    made = Table("call", "calls/s", "p50 ms", "p99 ms", "most ms", title=title, title_justify="left")
    for kind, values in sorted(figures.tally.timings.durations_s.items()):
        shown = (percentile(values, share) * 1000 for share in (0.5, 0.99, 1))
        made.add_row(kind, f"{len(values) / figures.lasted_s:.1f}", *(f"{value:.0f}" for value in shown))
    return made


def sentences(figures: Figures) -> list[str]:
    """Return the rest of the figures, each with its unit."""
    tally, watched = figures.tally, figures.watched
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
    equal = f"Real objects equal byte for byte: {figures.compared}"
    signers, own = figures.signer_cpu_s / figures.lasted_s, figures.own_cpu_s / figures.lasted_s
    late_ms = percentile(watched.late_s, 0.99) * 1000
    return [
        f"Answers {tally.answers}, receipts {tally.receipts}, lost {len(tally.lost)}; statuses {statuses}.",
        f"{equal}. Times that a client went on to another signer: {tally.failovers}.",
        f"Signers used {signers:.0%} of their core; clients and store {own:.0%}, late by {late_ms:.0f} ms (p99).",
        *(f"Signer {number}: {_memory(seen)}." for number, seen in enumerate(zip(*watched.rss, strict=True), 1)),
        *sorted(set(tally.lost))[:10],
    ]


def _memory(rss: Sequence[int]) -> str:
    """Return resident memory at the start, at each quarter and at the end, in MB; 0: it was killed."""
    at = [rss[min(len(rss) - 1, len(rss) * quarter // 4)] for quarter in range(5)]
    return "memory " + ", ".join(f"{size / 1e6:.0f}" for size in at) + f" MB, at most {max(rss) / 1e6:.0f} MB"


def run(plan: Plan) -> Figures:
    """Measure with the signers on the first core, and everything else on the others."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores - {min(cores)} or cores)
    try:
        with tempfile.TemporaryDirectory(prefix="slipstream-load-") as folder:
            return asyncio.run(measure(Path(folder), plan, min(cores)))
    finally:
        os.sched_setaffinity(0, cores)


def main(
    *,
    sessions: Annotated[int, typer.Option(min=1, help="At a time.")] = 1000,
    minutes: Annotated[float, typer.Option(min=0.1)] = 10,
    real: Annotated[int, typer.Option(min=0, help="Sessions among them that send real bytes.")] = 20,
    signers: Annotated[int, typer.Option(min=1)] = 1,
    kill: Annotated[bool, typer.Option(help="Kill the first signer half-way.")] = False,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Load signers with synthetic sessions. Ends with 1 if anything was lost or answered with 5xx."""
    if kill and signers < 2:
        raise typer.BadParameter("--kill needs --signers 2")
    before = os.getloadavg()
    plan = Plan(sessions, minutes * 60, Pace(("q1", "q2", "q3", "q4")), real=real, signers=signers, kills=kill)
    figures = run(plan)
    console = Console(width=None if os.isatty(1) else 170, highlight=False)
    title = (
        f"{sessions} sessions at a time for {figures.lasted_s:.0f} s, {signers} signer(s) on one of {os.cpu_count()} "
        f"cores{', one killed half-way' if kill else ''}; load {before[0]:.1f} before, {os.getloadavg()[0]:.1f} after"
    )
    console.print(table(figures, title))
    console.print(*sentences(figures), sep="\n", markup=False)
    keep(output, {"title": title, "calls": _as_json(figures), "notes": [*sentences(figures)]})
    raise typer.Exit(bool(figures.tally.lost or figures.server_errors))


def _as_json(figures: Figures) -> dict[str, dict[str, float]]:
    return {
        kind: {
            "calls_per_s": len(values) / figures.lasted_s,
            "p50_s": percentile(values, 0.5),
            "p99_s": percentile(values, 0.99),
            "most_s": max(values),
        }
        for kind, values in figures.tally.timings.durations_s.items()
    }


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
