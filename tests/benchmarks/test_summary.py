"""The one table of `make bench`, from what each benchmark writes."""

from dataclasses import asdict

import pytest

from tests.benchmarks.calls import Load, as_json
from tests.benchmarks.outcomes import CALM, OURS, Outcome
from tests.benchmarks.seeded_faults import Ending, Trial
from tests.benchmarks.sitting import NAIVE
from tests.benchmarks.summary import rows_of, table


def outcome(page: str, wait_s: float) -> dict[str, object]:
    return asdict(
        Outcome(
            page=page,
            condition=CALM,
            bits_per_second=5e6,
            recording_s=100,
            total_s=100 + wait_s,
            wait_s=wait_s,
            worst_answer_wait_s=wait_s,
            peak_tree=50_000_000,
            peak_renderer=40_000_000,
            peak_browser=10_000_000,
            recorded=1,
            sent=2_000_000,
            presses=1,
            load=1.0,
        )
    )


FIGURES = {
    "concurrency": {"loads": as_json([Load(4, 20, 10, 5, (), {"sign": [0.1]})])},
    "long_interview": {"outcomes": [outcome(OURS, 5), outcome(NAIVE, 50)]},
    "slow_line": {"outcomes": [outcome(OURS, 7)]},
    "seeded_faults": {"trials": [asdict(Trial(1, 10, Ending(0, 9, 3), Ending(4, 9, 3)))]},
    "bench": {
        "rounds": [
            {"mode": mode, "bits_per_second": 5e6, "round_trip_s": 0.1, "wait_s": wait_s}
            for mode, wait_s in (("stream", 0.2), ("stream", 0.4), ("bulk", 6))
        ]
    },
}


def test_every_benchmark_has_its_rows():
    rows = {row.what: row for row in rows_of(FIGURES)}

    assert rows["last Stop to stored, stream, 5 Mbit/s, 100 ms"].share == pytest.approx(0.05)
    assert rows["sign, 99th percentile, 4 at a time"].ours == 100
    assert rows["long interview, calm: last Stop to stored"].share == 0.1
    assert rows["an answer's end to stored on 2 Mbit/s, fitted to it, worst"].ours == 7
    assert rows["failed of 10 answers, seeded faults"].share == 0


def test_waits_are_left_out_where_bench_has_not_run():
    rows = [*rows_of({name: value for name, value in FIGURES.items() if name != "bench"})]

    assert not any(row.what.startswith("last Stop to stored") for row in rows)
    assert table(rows).row_count == len(rows)
