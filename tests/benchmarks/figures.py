"""From what happened to what is told: tails, floors, ratios and the table. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from pydantic import JsonValue
from rich.table import Table

from app.contract import MIB
from tests.benchmarks.sitting import NAIVE, Event, Sitting

GOAL_S = 0.3  # above one part's time
BASELINES = ("bulk", NAIVE)


@dataclass(frozen=True)
class Line:
    """One interview at one rate in one mode. Times in seconds, memory and sizes in bytes."""

    mode: str
    uplink_bits_per_second: float
    tail_s: float  # last Stop → everything stored
    floor_s: float  # what an ideal line of this rate would need for it
    total_s: float  # first Record → everything stored
    receipt_s: float  # last Stop → the page says that it is over
    answer_tails_s: tuple[float, ...]  # each answer: its Stop → its object stored
    peak_tree: int
    peak_renderer: int
    peak_browser: int
    peak_renderer_rss: int
    recorded: int
    sent: int
    part_bytes: int
    unsent_at_stop: int  # progressive on a fast enough line: the last chunk, and what was short of a part before it
    load_before: float
    load_after: float


def line_of(mode: str, uplink: float, sitting: Sitting, part_bytes: int) -> Line:
    last_size = sitting.sizes[-1]
    stored_at, last_stop = max(sitting.stored), sitting.stopped[-1]
    return Line(
        mode=mode,
        uplink_bits_per_second=uplink,
        tail_s=stored_at - last_stop,
        floor_s=floor_s(mode, uplink, sitting),
        total_s=stored_at - sitting.started[0],
        receipt_s=sitting.received_at - last_stop,
        answer_tails_s=tuple(at - stop for at, stop in zip(sitting.stored, sitting.stopped, strict=True)),
        peak_tree=sitting.peak.tree,
        peak_renderer=sitting.peak.renderer,
        peak_browser=sitting.peak.browser,
        peak_renderer_rss=sitting.peak.renderer_rss,
        recorded=sum(sitting.sizes),
        sent=sitting.sent,
        part_bytes=part_bytes,
        unsent_at_stop=sitting.last_chunk + (last_size - sitting.last_chunk) % part_bytes,
        load_before=sitting.load[0],
        load_after=sitting.load[1],
    )


def floor_s(mode: str, uplink: float, sitting: Sitting) -> float:
    """Return the seconds after the last Stop that an ideal line needs: no round trips, no headers, no parts.

    What is recorded flows out at once (progressive), from each Stop on (per answer), or from the last Stop on.
    """
    backlog = 0.0  # bits
    before = sitting.started[0]
    for start, stop, size in zip(sitting.started, sitting.stopped, sitting.sizes, strict=True):
        backlog = max(0.0, backlog - uplink * (start - before))
        flows = mode != "per_answer"
        grown = size * 8 if flows else 0.0
        backlog = max(0.0, backlog + grown - uplink * (stop - start)) + (0.0 if flows else size * 8)
        before = stop
    if mode in BASELINES:
        backlog = sum(sitting.sizes) * 8
    return backlog / uplink


def goal(line: Line) -> str:
    """Say whether progressive kept its promise: at most one part's time and 0.3 s beyond the floor."""
    part_s = line.part_bytes * 8 / line.uplink_bits_per_second
    limit_s = line.floor_s + part_s + GOAL_S
    verdict = "met" if line.tail_s <= limit_s else "NOT met"
    if line.floor_s > GOAL_S:
        why = f"backlog's floor {line.floor_s:.2f} + part {part_s:.2f} + {GOAL_S} s"
    else:
        unsent_s = line.unsent_at_stop * 8 / line.uplink_bits_per_second
        why = f"part {part_s:.2f} + {GOAL_S} s; {line.unsent_at_stop / 1e3:.0f} kB unsent at Stop take {unsent_s:.2f} s"
    return f"progressive at {rate(line)}: {line.tail_s:.2f} s of {limit_s:.2f} s ({why}): {verdict}"


def milestones(events: Sequence[Event]) -> str:
    """Say where the time after the last Stop went, on Slipstream's page."""
    parts = [event for event in events if " part " in event.name and event.end_s > 0]
    chunk = next((event for event in events if event.name == "chunk" and event.end_s > 0), None)
    told = [("last chunk", chunk.end_s)] if chunk else []
    sent = [event for event in parts if chunk and event.start_s > chunk.end_s]
    told += [(f"first of {len(sent)} PUTs begins", min(event.start_s for event in sent))] if sent else []
    told += [("last PUT ends", max(event.end_s for event in parts))] if parts else []
    for name, ending in (("completed", "/complete"), ("answer.json", "/answer.json"), ("submitted", "/submission")):
        told += [(name, event.end_s) for event in events[-20:] if event.name.endswith(ending) and event.end_s > 0]
    return "; ".join(f"{name} {at:.2f}" for name, at in told)


def ratio(lines: Sequence[Line], line: Line, baseline: str) -> float | None:
    """Return how many times longer `baseline` took after the last Stop at the same rate; None if it was not run."""
    for other in lines:
        if other.mode == baseline and other.uplink_bits_per_second == line.uplink_bits_per_second:
            return other.tail_s / line.tail_s
    return None


def rate(line: Line) -> str:
    return f"{line.uplink_bits_per_second / 1e6:g} Mbit/s"


def table(lines: Sequence[Line], title: str) -> Table:
    made = Table(title=title, title_justify="left")
    for name in ("uplink", "mode"):
        made.add_column(name)
    figures = (
        "Stop→stored s", "floor s", "Stop→receipt s", "Record→stored s", "bulk is ×", "naive is ×",
        "memory +MiB", "renderer", "browser", "recorded MB", "sent MB", "load",
    )  # fmt: skip
    for name in figures:
        made.add_column(name, justify="right")
    for line in lines:
        times = (line.tail_s, line.floor_s, line.receipt_s, line.total_s)
        ratios = (ratio(lines, line, baseline) for baseline in BASELINES)
        memory = (line.peak_tree, line.peak_renderer, line.peak_browser)
        made.add_row(
            rate(line),
            line.mode,
            *(f"{seconds:.2f}" for seconds in times),
            *(f"{times:.1f}" if times is not None else "–" for times in ratios),
            *(f"{size / MIB:.0f}" for size in memory),
            *(f"{size / 1e6:.1f}" for size in (line.recorded, line.sent)),
            f"{line.load_before:.1f}→{line.load_after:.1f}",
        )
    return made


def as_json(lines: Sequence[Line]) -> list[dict[str, JsonValue]]:
    return [
        asdict(line)
        | {f"{baseline}_ratio": ratio(lines, line, baseline) for baseline in BASELINES}
        | ({"goal": goal(line)} if line.mode == "progressive" else {})
        for line in lines
    ]
