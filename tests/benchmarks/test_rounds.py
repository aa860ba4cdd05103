"""The arithmetic of `make bench`: the ideal sender, the line's use, medians and goals."""

from io import StringIO

import pytest
from rich.console import Console

from tests.benchmarks.ideal import ideal_tail_s, link_use, spread
from tests.benchmarks.recording_check import Soundness
from tests.benchmarks.rounds import Round, goals, round_of, table
from tests.benchmarks.sitting import Sitting
from tests.benchmarks.uplink import Traffic, Way

SOUND = Soundness(decodes=True, seeks=True, plays=True, duration_s=10.0)
WAY = Way(bits_per_second=5e6)


def round_in(mode: str, wait_s: float, way: Way = WAY) -> Round:
    """One answer of 10 s that ended at second 110; 50 kB of it came with Stop, at 0.1 s of the line."""
    sitting = Sitting(
        started=[100.0],
        stopped=[110.0],
        stored=[110.0 + wait_s],
        sizes=[1_000_000],
        chunks=[(105.0, 950_000), (110.0, 50_000)],
        received_at=112.0,
    )
    return round_of(mode, way, sitting, Traffic(sent=1_010_000), goodput=500_000, checks=[SOUND])


def test_an_ideal_sender_needs_only_the_time_of_the_last_chunk_if_it_keeps_up():
    assert ideal_tail_s([(1.0, 100), (2.0, 50)], last_stop=2.0, goodput=100) == pytest.approx(0.5)


def test_an_ideal_sender_on_a_slow_line_has_a_backlog_to_send_and_waits_a_round_trip():
    chunks = [(1.0, 300), (2.0, 50)]

    assert ideal_tail_s(chunks, last_stop=2.0, goodput=100, round_trip_s=0.1) == pytest.approx(2.6)


def test_the_line_is_used_by_what_passes_while_a_backlog_waits():
    chunks = [(0.0, 1000)]
    sent = [(0.0, 0), (1.0, 90), (2.0, 190), (3.0, 950), (4.0, 1000)]

    assert link_use(chunks, sent, goodput=100, backlog=100) == pytest.approx(0.95)  # the first two seconds


def test_without_a_backlog_nothing_is_said_of_the_lines_use():
    assert link_use([(0.0, 50)], [(0.0, 0), (1.0, 50)], goodput=100, backlog=100) is None


def test_spread_is_median_least_and_greatest():
    assert [*spread([3, 1, 2])] == [2, 1, 3]
    assert [*spread([4, 1, 2, 3])] == [2.5, 1, 4]


def test_a_goal_is_judged_by_the_median_of_its_own_line():
    rounds = [round_in("embedded", wait_s) for wait_s in (0.9, 0.2, 0.25)]

    told = [*goals([*rounds, round_in("embedded", 3.0, Way(20e6))])]

    assert told[0] == "5 Mbit/s, 0 ms embedded: waits 0.25 s (goal 0.3 s): met"
    assert not any("20 Mbit/s" in line and "waits" in line for line in told)


def test_on_a_slow_line_the_goal_is_a_multiple_of_the_ideal_sender():
    told = [*goals([round_in("ceph-folded", 0.2, Way(2e6))])]

    assert told[0] == "2 Mbit/s, 0 ms ceph-folded: waits 2.00 × ideal (goal 1.15): NOT met"


def test_the_table_has_a_row_for_each_line_and_mode_and_counts_sound_files():
    rounds = [round_in("embedded", 0.2), round_in("bulk", 8.0), round_in("embedded", 0.4), round_in("bulk", 8.0)]
    made = table(rounds, "Trial")
    Console(width=200, file=(shown := StringIO())).print(made)

    assert made.row_count == 2
    assert "2/2" in shown.getvalue()
    assert "26.7" in shown.getvalue()  # bulk's 8 s by our 0.3 s
