"""The benchmark's own arithmetic. The benchmark itself is run by hand: `python -m tests.benchmarks.tail`."""

import pytest
from rich.console import Console

from tests.benchmarks.figures import Line, as_json, floor_s, goal, line_of, milestones, ratio, table
from tests.benchmarks.memory import Sample, kib
from tests.benchmarks.sitting import Event, Plan, Sitting

MBIT = 1_000_000


def sitting(tail_s: float = 1.0) -> Sitting:
    """Two answers of 10 s at 2 Mbit/s, 5 s apart."""
    return Sitting(
        started=[100.0, 115.0],
        stopped=[110.0, 125.0],
        stored=[111.0, 125.0 + tail_s],
        sizes=[2_500_000, 2_500_000],
        last_chunk=140_704,
        received_at=127.0,
    )


def line(mode: str, tail_s: float, uplink: float = 5 * MBIT) -> Line:
    return line_of(mode, uplink, sitting(tail_s), part_bytes=262_144)


@pytest.mark.parametrize(
    ("mode", "uplink", "seconds"),
    [
        ("progressive", 5 * MBIT, 0),  # faster than the recording: nothing is left
        ("progressive", 1 * MBIT, 15),  # 40 Mbit recorded, 25 s of line
        ("per_answer", 5 * MBIT, 4),  # the first answer went during the second
        ("per_answer", 1 * MBIT, 25),  # 5 Mbit of the first are left
        ("bulk", 5 * MBIT, 8),
        ("naive", 1 * MBIT, 40),
    ],
)
def test_floor_is_what_an_ideal_line_needs(mode, uplink, seconds):
    assert floor_s(mode, uplink, sitting()) == pytest.approx(seconds)


def test_tail_counts_from_the_last_stop_to_the_last_object():
    measured = line("progressive", 0.5)

    assert (measured.tail_s, measured.total_s, measured.receipt_s) == (0.5, 25.5, 2.0)
    assert measured.answer_tails_s == (1.0, 0.5)


def test_goal_is_one_part_and_a_third_of_a_second():
    assert goal(line("progressive", 0.71)).endswith(": met")
    assert goal(line("progressive", 0.73)).endswith(": NOT met")


def test_goal_adds_the_backlogs_floor_where_the_uplink_is_too_slow():
    told = goal(line("progressive", 17, uplink=1 * MBIT))

    assert "floor 15.00" in told
    assert told.endswith(": met")


def test_goal_tells_what_was_unsent_at_stop():
    assert line("progressive", 0.5).unsent_at_stop == 2_500_000 - 9 * 262_144  # nine whole parts came before
    assert "141 kB unsent at Stop take 0.23 s" in goal(line("progressive", 0.5))


def test_ratio_compares_lines_of_the_same_rate():
    lines = [line("progressive", 0.5), line("bulk", 8), line("bulk", 40, uplink=1 * MBIT)]

    assert ratio(lines, lines[0], "bulk") == 16
    assert ratio(lines, lines[0], "naive") is None


def test_table_and_json_tell_every_line():
    lines = [line("progressive", 0.5), line("naive", 8)]
    console = Console(width=200, record=True, quiet=True)
    console.print(table(lines, "Trial"))

    assert [row["mode"] for row in as_json(lines)] == ["progressive", "naive"]
    assert table(lines, "Trial").row_count == 2


def test_milestones_follow_the_last_stop():
    events = [
        Event("/b/k part 1", -0.4, 0.1),
        Event("chunk", 0.01, 0.01),
        Event("/b/k part 2", 0.05, 0.3),
        Event("/api/uploads/complete", 0.3, 0.35),
    ]

    assert milestones(events) == ("last chunk 0.01; first of 1 PUTs begins 0.05; last PUT ends 0.30; completed 0.35")


def test_each_answer_stops_at_another_place_between_two_chunks():
    plan = Plan(answers=3, answer_s=20, bits_per_second=2.5 * MBIT)

    assert [plan.length_s(index) for index in range(3)] == pytest.approx([20.075, 20.15, 20.225])


def test_memory_adds_up_processes():
    assert kib("Rss:             100 kB\nPss:              40 kB\nPss_Anon:  7 kB\n", "Pss_Anon") == 7
    assert Sample(pss={"renderer": 3, "browser": 4}).total == 7
