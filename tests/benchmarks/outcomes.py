"""What a long interview came to, in seconds of life: ratios between two pages of one run, goals, table. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.table import Table

from tests.benchmarks.sitting import NAIVE, Plan, Sitting

OURS = "progressive"
CALM, LOST, FAULTS = "calm", "connection lost", "seeded faults"
GOALS = {"peak_tree": 0.25, "total_s": 0.5}  # at most so much of the plain page's
MOST_MEMORY = 100e6  # bytes over a blank page
MOST_WAIT_S, WAIT_BITS_PER_SECOND = 30, 2e6
RATIOS = ("total_s", "wait_s", "peak_tree", "peak_renderer", "sent")


@dataclass(frozen=True)
class Outcome:
    """One page under one condition. Times in seconds of life, sizes in bytes."""

    page: str
    condition: str
    bits_per_second: float  # of the line
    recording_s: float  # first Record → last Stop
    total_s: float  # first Record → everything stored
    wait_s: float  # last Stop → everything stored
    worst_answer_wait_s: float  # an answer's Stop → its object stored, of the answer that waited longest
    peak_tree: int  # all of the browser, over a blank page
    peak_renderer: int  # the page's process alone
    peak_browser: int  # the browser's own process, which holds Blobs
    recorded: int
    sent: int  # bodies of requests to the store
    presses: int  # on Submit
    load: float  # 1-minute average, afterwards


def outcome_of(page: str, condition: str, bits_per_second: float, sitting: Sitting, plan: Plan, sent: int) -> Outcome:
    """Bring a sitting that ran `plan.speed` times as fast as life back to life's clock."""
    first, last_stop, stored = sitting.started[0], sitting.stopped[-1], max(sitting.stored)
    waits = [at - stop for at, stop in zip(sitting.stored, sitting.stopped, strict=True)]
    return Outcome(
        page=page,
        condition=condition,
        bits_per_second=bits_per_second,
        recording_s=(last_stop - first) * plan.speed,
        total_s=(stored - first) * plan.speed,
        wait_s=(stored - last_stop) * plan.speed,
        worst_answer_wait_s=max(waits) * plan.speed,
        peak_tree=sitting.peak.tree,
        peak_renderer=sitting.peak.renderer,
        peak_browser=sitting.peak.browser,
        recorded=sum(sitting.sizes),
        sent=sent,
        presses=sitting.presses,
        load=sitting.load[1],
    )


def pairs(outcomes: Sequence[Outcome]) -> Iterator[tuple[Outcome, Outcome]]:
    """Yield ours and the plain page's under each condition under which both ran."""
    for ours in outcomes:
        for plain in outcomes:
            if (ours.page, plain.page) == (OURS, NAIVE) and ours.condition == plain.condition:
                yield ours, plain


def ratio(ours: Outcome, plain: Outcome, figure: str) -> float:
    """Return which share of the plain page's figure ours is."""
    return float(getattr(ours, figure) / getattr(plain, figure))


def least_total(ours: Outcome, plain: Outcome) -> float:
    """Return the least share of the plain page's total time that any page can reach.

    Nobody is done before the last word is spoken, or before the line has carried everything.
    """
    return max(ours.recording_s, ours.recorded * 8 / ours.bits_per_second) / plain.total_s


def told(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Say what the pages are to each other, and which goals were met."""
    for condition, shares in ratios(outcomes).items():
        yield f"{condition}, of the plain page's: {', '.join(f'{name} {share:.1%}' for name, share in shares.items())}"
    calm = [pair for pair in pairs(outcomes) if pair[0].condition == CALM]
    for (ours, plain), (name, most) in ((pair, goal) for pair in calm for goal in GOALS.items()):
        share = ratio(ours, plain, name)
        yield f"{name} {share:.1%} of the plain page's (goal {most:.0%}): {_verdict(share <= most)}"
    for ours in outcomes:
        if ours.page == OURS and ours.condition == CALM:
            yield (
                f"page's process {ours.peak_renderer / 1e6:.0f} MB over a blank page "
                f"(goal {MOST_MEMORY / 1e6:.0f} MB): {_verdict(ours.peak_renderer < MOST_MEMORY)}"
            )
            if ours.bits_per_second == WAIT_BITS_PER_SECOND:
                wait_s, verdict = ours.worst_answer_wait_s, _verdict(ours.worst_answer_wait_s < MOST_WAIT_S)
                yield f"worst answer stored {wait_s:.1f} s after its end (goal {MOST_WAIT_S} s): {verdict}"


def table(outcomes: Sequence[Outcome], title: str) -> Table:
    made = Table("condition", "page", title=title, title_justify="left")
    figures = (
        "recording s", "total s", "wait s", "worst answer s", "memory +MB", "renderer", "browser", "recorded MB",
        "sent MB", "presses", "load",
    )  # fmt: skip
    for name in figures:
        made.add_column(name, justify="right")
    for one in outcomes:
        times = (one.recording_s, one.total_s, one.wait_s, one.worst_answer_wait_s)
        sizes = (one.peak_tree, one.peak_renderer, one.peak_browser, one.recorded, one.sent)
        made.add_row(
            one.condition,
            one.page,
            *(f"{seconds:.1f}" for seconds in times),
            *(f"{size / 1e6:.0f}" for size in sizes),
            str(one.presses),
            f"{one.load:.1f}",
        )
    return made


def ratios(outcomes: Sequence[Outcome]) -> dict[str, dict[str, float]]:
    """Return our shares of the plain page's figures, by condition."""
    return {
        ours.condition: {name: ratio(ours, plain, name) for name in RATIOS} | {"least_total": least_total(ours, plain)}
        for ours, plain in pairs(outcomes)
    }


def _verdict(is_met: bool) -> str:
    return "met" if is_met else "NOT met"
