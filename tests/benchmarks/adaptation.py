"""An uplink of 5 → 0.7 → 5 Mbit/s, within one long answer and across answers: with adaptation, and without, in one run.

    .venv/bin/python -m tests.benchmarks.adaptation
    .venv/bin/python -m tests.benchmarks.adaptation --store ceph --phases 30:5,60:0.7,60:5

Chromium's recorder films the noisy film of camera.py, at the policy's own bit rates. Every second the page is asked for
its backlog and for the camera's frame rate. In the end every packet of every stored file is decoded, and its sound is
laid end to end: it is complete if it is as long as the recording and has no hole. Needs root (the kernel shapes the
line). Figures are written to .build/benchmarks/adaptation.json. Compare only within one run.
"""

import json
import secrets
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated

import av
import typer
from rich.console import Console
from rich.table import Table

from server.settings import ROOT
from server.store.embedded import BUCKET
from tests.benchmarks.camera import write_film
from tests.benchmarks.chromium import Chromium
from tests.benchmarks.pages import STORED_TIMEOUT_S, SlipstreamCandidate
from tests.benchmarks.sitting import INTERVIEW, Plan
from tests.benchmarks.stores import STORES, Standing
from tests.benchmarks.uplink import Way, enter_own_network
from tests.support.decoding import blocks_of

OUTPUT = ROOT / ".build/benchmarks/adaptation.json"
MBIT = 1e6
SAMPLE_S = 1.0
_SEEN = """(() => [
  Number(document.querySelector("[data-backlog]")?.value ?? 0),
  [...document.querySelectorAll("video")].map((one) => one.srcObject?.getVideoTracks()[0]?.getSettings().frameRate)
    .find((rate) => rate) ?? 0,
])()"""


@dataclass(frozen=True)
class Phase:
    duration_s: float
    mbit: float


@dataclass
class Recording:
    """One stored file, decoded whole."""

    size: int
    seconds: float
    frames: int
    failed: int  # packets that do not decode
    sound_s: float  # all decoded samples, end to end
    worst_hole_ms: float  # between two blocks of sound
    frames_in: list[float] = field(default_factory=list)  # per second, by phase


@dataclass
class Interview:
    name: str
    samples: list[tuple[float, int, float]] = field(default_factory=list)  # clock, backlog in bytes, frames per second
    peaks: list[int] = field(default_factory=list)  # the largest backlog of each phase, in bytes
    waits_s: list[float] = field(default_factory=list)  # from each Stop until that answer had nothing left to send
    wait_s: float = 0.0  # from the last Stop until everything was stored
    rungs: list[int] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)


def phases_of(text: str) -> list[Phase]:
    """Return "30:5,60:0.7" as phases of seconds and Mbit/s."""
    return [Phase(*map(float, one.split(":"))) for one in text.split(",")]


def decoded(content: bytes, ends_s: list[float]) -> Recording:
    """Decode a whole file; `ends_s` are the ends of the phases within it, in seconds."""
    frames, failed, sound_s, hole_s, end_s = list[float](), 0, 0.0, 0.0, None
    for block in blocks_of(content):
        if block is None:
            failed += 1
        elif isinstance(block, av.VideoFrame):
            frames.append(float(block.time or 0.0))
        else:
            if end_s is not None:
                hole_s = max(hole_s, float(block.time or 0.0) - end_s)
            end_s = float(block.time or 0.0) + block.samples / block.sample_rate
            sound_s += block.samples / block.sample_rate
    begins = [0.0, *ends_s[:-1]]
    rates = [sum(begin <= at < end for at in frames) / (end - begin) for begin, end in zip(begins, ends_s, strict=True)]
    return Recording(len(content), max([end_s or 0.0, *frames]), len(frames), failed, sound_s, hole_s * 1000, rates)


class Bench:
    def __init__(self, standing: Standing, film: Path) -> None:
        self._standing = standing
        self._film = film

    def within(self, phases: list[Phase], *, adapts: bool) -> Interview:
        """Give one long answer whose line changes."""
        plan = Plan(1, sum(phase.duration_s for phase in phases), 0, {"adapts": adapts}, is_real=True)
        return self._sit("within one answer", plan, [phases], adapts=adapts)

    def across(self, phases: list[Phase], *, adapts: bool) -> Interview:
        """Give one answer for each phase."""
        plan = Plan(len(phases), phases[0].duration_s, 0, {"adapts": adapts}, is_real=True)
        return self._sit("across answers", plan, [[phase] for phase in phases], adapts=adapts)

    def _sit(self, name: str, plan: Plan, answers: list[list[Phase]], *, adapts: bool) -> Interview:
        found = Interview(f"{name}, {'adapting' if adapts else 'as it was'}")
        session = f"adapt-{secrets.token_hex(4)}"
        browser = Chromium(film=self._film)
        stack, uplink = self._standing.stack, self._standing.uplink
        try:
            with uplink.at(Way(answers[0][0].mbit * MBIT), self._standing.page_port):
                candidate = SlipstreamCandidate(browser, stack, session, "progressive", plan)
                candidate.open()
                for index, phases in enumerate(answers):
                    self._answer(browser, candidate, index, phases, found)
                    if index + 1 < len(answers):
                        candidate.go_on(index)
                stopped_at = time.monotonic()
                browser.click("[data-action=submit]:not([aria-disabled=true])", STORED_TIMEOUT_S)
                found.wait_s = time.monotonic() - stopped_at
                browser.wait_for("!document.querySelector('[data-action=submit]')", STORED_TIMEOUT_S)
        finally:
            browser.close()
        for question, phases in zip(plan.questions, answers, strict=True):
            key = f"{INTERVIEW}/{session}/{question}/take-1/video."
            stored = stack.s3.list_objects_v2(Bucket=BUCKET, Prefix=key)["Contents"][0]["Key"]
            content = stack.s3.get_object(Bucket=BUCKET, Key=stored)["Body"].read()
            found.recordings.append(decoded(content, list(_ends(phases))))
        report = stack.s3.get_object(Bucket=BUCKET, Key=f"{INTERVIEW}/{session}/efficiency.json")["Body"].read()
        found.rungs = [one["rung"] for one in json.loads(report)["uploads"]]
        found.waits_s = [one["wait_s"] for one in json.loads(report)["uploads"]]
        return found

    def _answer(
        self, browser: Chromium, candidate: SlipstreamCandidate, index: int, phases: list[Phase], found: Interview
    ) -> None:
        self._standing.uplink.change(phases[0].mbit * MBIT)
        record, stop = candidate.selector("record", index), candidate.selector("stop", index)
        press = (
            f"document.querySelector('{stop}')?.checkVisibility() || (document.querySelector('{record}')?.click(), 0)"
        )
        browser.wait_for(press, 30)
        at = time.monotonic()
        for phase in phases:
            self._standing.uplink.change(phase.mbit * MBIT)
            at += phase.duration_s
            peak = 0
            while time.monotonic() < at:
                backlog, rate = browser.evaluate(_SEEN)
                found.samples.append((time.monotonic(), int(backlog), float(rate)))
                peak = max(peak, int(backlog))
                time.sleep(max(0.0, min(SAMPLE_S, at - time.monotonic())))
            found.peaks.append(peak)
        browser.click(stop)


def _ends(phases: list[Phase]) -> Iterator[float]:
    end_s = 0.0
    for phase in phases:
        end_s += phase.duration_s
        yield end_s


def table(interviews: list[Interview]) -> Table:
    figures = ("largest backlog, MB", "frames/s", "rungs", "wait, s", "MB", "failed", "sound, s", "hole, ms")
    made = Table("interview", *figures)
    for one in interviews:
        made.add_row(
            one.name,
            " ".join(f"{peak / 1e6:.1f}" for peak in one.peaks),
            " ".join(f"{rate:.0f}" for recording in one.recordings for rate in recording.frames_in),
            " ".join(map(str, one.rungs)),
            " ".join(f"{wait:.1f}" for wait in one.waits_s),
            " ".join(f"{recording.size / 1e6:.1f}" for recording in one.recordings),
            str(sum(recording.failed for recording in one.recordings)),
            " ".join(f"{recording.sound_s:.1f}/{recording.seconds:.1f}" for recording in one.recordings),
            f"{max(recording.worst_hole_ms for recording in one.recordings):.0f}",
        )
    return made


def main(
    *,
    phases: Annotated[str, typer.Option(help="Of one answer: seconds:Mbit/s,…")] = "30:5,60:0.7,60:5",
    answers: Annotated[
        str, typer.Option(help="One answer each: seconds:Mbit/s,…")
    ] = "20:5,20:0.7,20:0.7,20:5,20:5,20:5",
    store: Annotated[str, typer.Option(help=f"One of {', '.join(STORES)}.")] = "embedded",
    output: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = OUTPUT,
) -> None:
    """Measure what adaptation does."""
    console = Console(width=170, highlight=False)
    if not enter_own_network():
        raise typer.BadParameter("the line can only be changed by the kernel, which needs root and iproute2")
    most = Plan(max(1, len(phases_of(answers))), 1, 0)
    interviews: list[Interview] = []
    with tempfile.TemporaryDirectory(prefix="slipstream-adaptation-") as folder:
        film = Path(folder, "film.mjpeg")
        write_film(film)
        for adapts in (True, False):
            for name in ("within", "across"):
                wanted = phases_of(phases if name == "within" else answers)
                plan = Plan(1 if name == "within" else most.answers, 1, 0)
                with STORES[store].run(Path(folder, f"{name}-{adapts}"), plan, True) as standing:
                    interviews.append(getattr(Bench(standing, film), name)(wanted, adapts=adapts))
                console.print(table(interviews[-1:]))
                output.parent.mkdir(parents=True, exist_ok=True)
                output.write_text(json.dumps([asdict(one) for one in interviews], indent=1))
    console.print(table(interviews))
    console.print(f"Written to {output}")


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
