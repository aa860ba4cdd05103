"""From sittings to the table of `make bench`: waits, ratios, medians, goals. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table

from tests.benchmarks.ideal import ideal_tail_s, link_use, spread
from tests.benchmarks.modes import BULK, MODES
from tests.benchmarks.recording_check import Soundness
from tests.benchmarks.sitting import Sitting
from tests.benchmarks.uplink import Traffic, Way

BACKLOG_S = 1.0  # so much of the line must be waiting to speak of a backlog
MOST_WIRE = 1.02
MOST_OF_IDEAL = 1.15
LEAST_LINK_USE = 0.95
COLUMNS = (
    "line", "mode", "wait s", "least", "most", "ideal s", "× ideal", "bulk is ×", "receipt s", "recorded MB", "wire",
    "link", "decoded", "seeks", "plays", "load",
)  # fmt: skip


@dataclass(frozen=True)
class Round:
    """One interview on one line in one mode. Times in seconds, sizes in bytes."""

    mode: str
    bits_per_second: float
    round_trip_s: float
    wait_s: float  # last Stop → everything stored
    ideal_s: float  # the same for an ideal sender
    receipt_s: float  # last Stop → the page says that it is over
    answer_waits_s: tuple[float, ...]  # each answer: its Stop → its object stored
    recorded: int
    sent: int  # to the store: bodies and HTTP headers
    shaped: int  # whole packets to store and signer; 0: not counted
    link_use: float | None
    goodput: float  # bytes a second that a plain socket gets through the line
    checks: tuple[Soundness, ...]  # of each stored file; (): synthetic
    load: float  # 1-minute average, afterwards

    @property
    def line(self) -> str:
        return f"{self.bits_per_second / 1e6:g} Mbit/s, {self.round_trip_s * 1000:g} ms"

    @property
    def wire(self) -> float:
        return self.sent / self.recorded

    @property
    def told(self) -> str:
        return (
            f"{self.line} {self.mode}: {self.wait_s:.2f} s, ideal {self.ideal_s:.2f} s, "
            f"receipt {self.receipt_s:.2f} s, wire {self.wire:.3f}, "
            f"recorded {self.recorded / 1e6:.2f} MB, load {self.load:.1f}"
        )


def round_of(
    mode: str, way: Way, sitting: Sitting, traffic: Traffic, goodput: float, checks: Sequence[Soundness]
) -> Round:
    last_stop = sitting.stopped[-1]
    backlog = way.bits_per_second / 8 * BACKLOG_S
    return Round(
        mode=mode,
        bits_per_second=way.bits_per_second,
        round_trip_s=way.round_trip_s,
        wait_s=max(sitting.stored) - last_stop,
        ideal_s=ideal_tail_s(sitting.chunks, last_stop, goodput, way.round_trip_s),
        receipt_s=sitting.received_at - last_stop,
        answer_waits_s=tuple(at - stop for at, stop in zip(sitting.stored, sitting.stopped, strict=True)),
        recorded=sum(sitting.sizes),
        sent=traffic.sent,
        shaped=traffic.shaped,
        link_use=link_use(sitting.chunks, traffic.progress, goodput, backlog) if mode != BULK else None,
        goodput=goodput,
        checks=tuple(checks),
        load=sitting.load[1],
    )


def _groups(rounds: Sequence[Round]) -> Iterator[list[Round]]:
    """Yield the rounds of each line and mode, in the order in which they were run first."""
    for line, mode in dict.fromkeys((one.line, one.mode) for one in rounds):
        yield [one for one in rounds if (one.line, one.mode) == (line, mode)]


def table(rounds: Sequence[Round], title: str) -> Table:
    made = Table(*COLUMNS, title=title, title_justify="left")
    bulk = {group[0].line: median([one.wait_s for one in group]) for group in _groups(rounds) if group[0].mode == BULK}
    for group in _groups(rounds):
        wait, least, most = spread([one.wait_s for one in group])
        ideal = median([one.ideal_s for one in group])
        used = [one.link_use for one in group if one.link_use is not None]
        checks = [check for one in group for check in one.checks]
        sound = [
            sum(states)
            for states in ([c.decodes for c in checks], [c.seeks for c in checks], [c.plays for c in checks])
        ]
        made.add_row(
            group[0].line,
            group[0].mode,
            *(f"{seconds:.2f}" for seconds in (wait, least, most, ideal)),
            f"{median([one.wait_s / one.ideal_s for one in group]):.2f}" if ideal else "–",
            f"{bulk[group[0].line] / wait:.1f}" if group[0].line in bulk else "–",
            f"{median([one.receipt_s for one in group]):.2f}",
            f"{median([one.recorded for one in group]) / 1e6:.2f}",
            f"{median([one.wire for one in group]):.3f}",
            f"{median(used):.0%}" if used else "–",
            *(f"{count}/{len(checks)}" if checks else "–" for count in sound),
            f"{median([one.load for one in group]):.1f}",
        )
    return made


def goals(rounds: Sequence[Round]) -> Iterator[str]:
    """Say of each goal that was measured whether it was met."""
    for group in _groups(rounds):
        one, wait = group[0], median([one.wait_s for one in group])
        if one.mode == BULK:
            continue
        goal_s = MODES[one.mode].goal_s
        if goal_s is not None and (one.bits_per_second, one.round_trip_s) == (5e6, 0):
            yield _verdict(one, f"waits {wait:.2f} s", wait <= goal_s, f"{goal_s} s")
        if goal_s is not None and (one.bits_per_second, one.round_trip_s) == (2e6, 0):
            times = median([one.wait_s / one.ideal_s for one in group])
            yield _verdict(one, f"waits {times:.2f} × ideal", times <= MOST_OF_IDEAL, f"{MOST_OF_IDEAL}")
        wire = median([one.wire for one in group])
        yield _verdict(one, f"sends {wire:.3f} × recorded", wire <= MOST_WIRE, f"{MOST_WIRE}")
        if used := [one.link_use for one in group if one.link_use is not None]:
            yield _verdict(one, f"uses {median(used):.0%} of the line", median(used) >= LEAST_LINK_USE, "95%")


def median(values: Sequence[float]) -> float:
    return next(spread(values))


def _verdict(one: Round, what: str, is_met: bool, goal: str) -> str:
    return f"{one.line} {one.mode}: {what} (goal {goal}): {'met' if is_met else 'NOT met'}"
