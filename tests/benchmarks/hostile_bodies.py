"""How long do others wait, and how much memory does it take, while somebody with a ticket sends hostile bodies?

    .venv/bin/python -m tests.benchmarks.hostile_bodies

Bodies of 600 kB in several shapes, each sent again and again by one client to the call that takes so much. Meanwhile
eight candidates call `sign` ten times a second each, with connections and tickets of their own. The signer is the real
`serve.py`, held to one core. Each shape is compared with the seconds before it, in which nobody is hostile. Figures are
written to .build/benchmarks/hostile_bodies.json.
"""

import asyncio
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.contract import DEVICE_HEADER
from tests.benchmarks.calls import percentile
from tests.benchmarks.lean_http import LeanClient
from tests.benchmarks.load_session import Pace
from tests.benchmarks.load_store import SYNTHETIC
from tests.benchmarks.output import FOLDER, keep
from tests.benchmarks.processor import keep_to
from tests.benchmarks.signer_load import Plan, Signers, rss, standing
from tests.benchmarks.sitting import INTERVIEW

OUTPUT = FOLDER / "hostile_bodies.json"
SIZE = 600_000
_OTHERS = 8
_EVERY_S = 0.1
_COMPLETE, _SUBMIT = "/api/uploads/complete", "/api/submission"
_QUESTIONS = tuple(f"q{number}" for number in range(1, 201))  # so many that a submission may have 600 kB


@dataclass
class Seen:
    """What others waited, in seconds, and the signer's resident memory, in bytes."""

    waits_s: list[float] = field(default_factory=list)
    rss: list[int] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)  # of the hostile calls


def shapes(upload: str) -> Mapping[str, tuple[str, bytes]]:
    """Return path and body of each hostile call. `upload` is a good handle."""
    head = f'{{"upload":"{upload}","size":1,"parts":'.encode()
    part = '{{"number":{0},"offset":{1},"size":65536,"etag":"0"}}'
    gap = '{"answers":[{"question":"q1","take":1,"tracks":{"video":{"key":"k","size":1,"sha256":null,'
    gap += '"content_type":"video/mp4","duration_s":1,"gaps":['
    return {
        "good parts, wrong end": (_COMPLETE, head + _list(part.format(n, (n - 1) * 65536) for n in range(1, 9_500))),
        "parts that are numbers": (_COMPLETE, head + _list("1" for _ in range(SIZE // 2))),
        "lists in lists": (_COMPLETE, head + b"[" * SIZE),
        "one long number": (_COMPLETE, head + b"1" * SIZE + b"}"),
        "one long text": (_COMPLETE, b'{"upload":"' + b"\\u0000" * (SIZE // 6) + b'"}'),
        "unknown names": (_COMPLETE, _named(SIZE)),
        "answers that are none": (_SUBMIT, b'{"answers":' + _list("{}" for _ in range(SIZE // 3))),
        "gaps that are none": (_SUBMIT, gap.encode() + b"{}," * (SIZE // 3) + b"{}]}}}]}"),
        "unknown names in an answer": (_SUBMIT, b'{"answers":[' + _named(SIZE) + b"]}"),
    }


def _list(items: Iterable[str]) -> bytes:
    return b"[" + ",".join(items).encode() + b"]}"


def _named(size: int) -> bytes:
    return b"{" + ",".join(f'"n{number:07}":1' for number in range(size // 13)).encode() + b"}"


async def measure(signers: Signers, lasts_s: float) -> dict[str, Seen]:
    """Send each shape for so long, and nothing for as long before it."""
    headers = _headers(signers, "h")
    upload = await _create(signers, headers)
    others = [(each := _headers(signers, f"o{n}"), await _create(signers, each)) for n in range(_OTHERS)]
    found = {"nobody is hostile": await _watched(signers, others, lasts_s)}
    for name, (path, body) in shapes(upload).items():
        found[name] = await _watched(signers, others, lasts_s, headers, path, body)
    return found


async def _watched(
    signers: Signers,
    others: list[tuple[dict[str, str], str]],
    lasts_s: float,
    headers: dict[str, str] | None = None,
    path: str = "",
    body: bytes = b"",
) -> Seen:
    seen, until = Seen(), time.monotonic() + lasts_s
    async with asyncio.TaskGroup() as tasks:
        for each, upload in others:
            tasks.create_task(_other(signers, each, upload, seen, until))
        if headers is not None:
            tasks.create_task(_hostile(signers, headers, path, body, seen, until))
    return seen


async def _other(signers: Signers, headers: dict[str, str], upload: str, seen: Seen, until: float) -> None:
    body = json.dumps({"upload": upload, "parts": [{"number": 1, "offset": 0, "size": 65536}]}).encode()
    client = LeanClient(signers.addresses)
    while (since := time.monotonic()) < until:
        answer = await client.call("POST", "/api/uploads/sign", headers, body)
        assert answer.status == 200, answer.body
        seen.waits_s.append(time.monotonic() - since)
        seen.rss.append(rss(signers.processes[0].pid))
        await asyncio.sleep(_EVERY_S)
    client.close()


async def _hostile(signers: Signers, headers: dict[str, str], path: str, body: bytes, seen: Seen, until: float) -> None:
    client = LeanClient(signers.addresses)
    while time.monotonic() < until:
        answer = await client.call("POST", path, headers, body)
        seen.statuses[answer.status] += 1
    client.close()


def _headers(signers: Signers, name: str) -> dict[str, str]:
    ticket = signers.tickets.mint(session=f"{SYNTHETIC}{name}", interview=INTERVIEW, life_s=3600)
    return {
        "Authorization": f"Bearer {ticket}",
        DEVICE_HEADER: "0" * 32,
        "Content-Type": "application/json",
    }


async def _create(signers: Signers, headers: dict[str, str]) -> str:
    body = {"question": "q1", "take": 1, "track": "video", "content_type": "video/mp4", "nonce": "0" * 32}
    answer = await LeanClient(signers.addresses).call("POST", "/api/uploads", headers, json.dumps(body).encode())
    assert answer.status == 201, answer.body
    upload: str = json.loads(answer.body)["upload"]
    return upload


def table(found: Mapping[str, Seen], title: str) -> Table:
    """Return a row for each shape. Memory is the most above the least of the time before anybody was hostile."""
    base = min(found["nobody is hostile"].rss)
    made = Table("600 kB of", "calls", "refused with", "p50 ms", "p99 ms", "most ms", "memory MB", title=title)
    for name, seen in found.items():
        waits = (f"{percentile(seen.waits_s, share) * 1000:.0f}" for share in (0.5, 0.99, 1))
        statuses = ", ".join(map(str, sorted(seen.statuses)))
        made.add_row(name, str(seen.statuses.total()), statuses, *waits, f"{(max(seen.rss) - base) / 1e6:.1f}")
    return made


async def _run(lasts_s: float) -> dict[str, Seen]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores - {min(cores)} or cores)
    with tempfile.TemporaryDirectory(prefix="slipstream-hostile-") as folder:
        async with standing(Path(folder), Plan(0, 0, Pace(_QUESTIONS))) as signers:
            keep_to(signers.processes[0].pid, {min(cores)})
            return await measure(signers, lasts_s)


def main(
    *,
    lasts_s: Annotated[float, typer.Option(min=1, help="Seconds for each shape.")] = 10,
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Measure what hostile bodies cost others."""
    before = os.getloadavg()[0]
    found = asyncio.run(_run(lasts_s))
    title = f"Hostile bodies, {lasts_s:g} s each; load {before:.1f} before, {os.getloadavg()[0]:.1f} after"
    Console(width=None if os.isatty(1) else 170, highlight=False).print(table(found, title))
    keep(
        output,
        {"title": title}
        | {
            name: {"waits_s": {"p99": percentile(seen.waits_s, 0.99), "most": max(seen.waits_s)}, "rss": max(seen.rss)}
            for name, seen in found.items()
        },
    )


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
