"""The arithmetic of long interviews: life's clock, ratios, goals."""

import pytest

from tests.benchmarks.long_interview import accelerated
from tests.benchmarks.memory import Peak
from tests.benchmarks.outcomes import CALM, LOST, OURS, Outcome, least_total, outcome_of, ratios, table, told
from tests.benchmarks.sitting import NAIVE, Sitting

MBIT = 1_000_000


def outcome(page: str, wait_s: float, peak: int, condition: str = CALM, uplink: float = 2 * MBIT) -> Outcome:
    """Two answers of 120 s with 20 s between them, at ten times life's speed."""
    plan = accelerated(answers=2, answer_s=120, bits_per_second=2 * MBIT, speed=10)
    sitting = Sitting(
        started=[100, 114],
        stopped=[112, 126],
        stored=[112.5, 126 + wait_s / 10],
        sizes=[30_000_000, 30_000_000],
        peak=Peak(tree=peak, renderer=peak, browser=peak),
    )
    return outcome_of(page, condition, uplink, sitting, plan, sent=60_000_000)


def test_times_are_those_of_life():
    one = outcome(OURS, wait_s=10, peak=1)

    assert (one.recording_s, one.total_s, one.wait_s) == pytest.approx((260, 270, 10))
    assert one.worst_answer_wait_s == pytest.approx(10)


def test_an_accelerated_life_has_the_same_bytes_and_the_same_timetable():
    plan = accelerated(answers=10, answer_s=120, bits_per_second=2.5 * MBIT, speed=10)

    assert (plan.answer_s, plan.bits_per_second, plan.begin_every_s) == (12, 25 * MBIT, 14)
    assert plan.length_s(9) * plan.speed == pytest.approx(120.225)


def test_ratios_compare_pages_under_one_condition():
    outcomes = [outcome(OURS, 10, 20), outcome(NAIVE, 270, 100), outcome(NAIVE, 900, 100, LOST)]

    assert [*ratios(outcomes)] == [CALM]
    assert ratios(outcomes)[CALM]["peak_tree"] == pytest.approx(0.2)


def test_no_page_is_done_before_the_last_word():
    ours, plain = outcome(OURS, 10, 20), outcome(NAIVE, 240, 100)

    assert least_total(ours, plain) == pytest.approx(260 / 500)


def test_on_a_line_that_is_too_slow_no_page_is_done_before_everything_has_passed():
    ours, plain = outcome(OURS, 10, 20, uplink=MBIT), outcome(NAIVE, 240, 100, uplink=MBIT)

    assert least_total(ours, plain) == pytest.approx(480 / 500)


def test_goals_are_judged_without_a_lost_connection():
    lines = [*told([outcome(OURS, 10, 20), outcome(NAIVE, 240, 100), outcome(OURS, 99, 20, LOST)])]

    assert "peak_tree 20.0% of the plain page's (goal 25%): met" in lines
    assert "total_s 54.0% of the plain page's (goal 50%): NOT met" in lines
    assert "worst answer stored 10.0 s after its end (goal 30 s): met" in lines


def test_table_has_a_row_for_each_page_and_condition():
    assert table([outcome(OURS, 10, 20), outcome(NAIVE, 240, 100)], "Trial").row_count == 2
