"""Which rung the next answer is recorded on."""

import pytest

from app.contract.efficiency import Advice
from app.core.recording.rung_choice import LinkHints, RungChoice

NEEDS = (320.0, 160.0, 80.0, 40.0)  # bytes per second
NO_HINTS = LinkHints()
SMALLER, LARGER = (Advice.SMALLER_VIDEO,), (Advice.LARGER_VIDEO,)


@pytest.mark.parametrize(
    ("speed", "hints", "index"),
    [
        (None, NO_HINTS, 0),
        (427, NO_HINTS, 0),  # three quarters of it are 320
        (426, NO_HINTS, 1),
        (107, NO_HINTS, 2),
        (10, NO_HINTS, 3),  # carries none: the smallest
        (None, LinkHints(effective_type="2g"), 3),
        (None, LinkHints(effective_type="slow-2g"), 3),
        (None, LinkHints(effective_type="3g"), 2),
        (None, LinkHints(effective_type="4g"), 0),
        (1000, LinkHints(effective_type="2g"), 0),  # what was measured counts more
        (1000, LinkHints(saves_data=True), 2),
        (10, LinkHints(saves_data=True), 3),
    ],
)
def test_the_first_answer_follows_the_measured_uplink_and_then_the_browser_s_hints(speed, hints, index):
    assert RungChoice().choose(NEEDS, speed, hints, ()) == index


def test_later_answers_follow_the_advice_by_one_rung():
    choice = RungChoice(1)
    assert choice.choose(NEEDS, None, NO_HINTS, ()) == 1
    assert choice.choose(NEEDS, None, NO_HINTS, LARGER) == 0
    assert choice.choose(NEEDS, None, NO_HINTS, LARGER) == 0  # there is no larger one
    assert choice.choose(NEEDS, None, NO_HINTS, SMALLER) == 1


def test_a_much_slower_uplink_leads_further_down_at_once():
    assert RungChoice(0).choose(NEEDS, 60, NO_HINTS, SMALLER) == 3
    assert RungChoice(3).choose(NEEDS, 60, NO_HINTS, SMALLER) == 3


def test_after_a_rung_that_was_too_large_it_waits_before_it_tries_again():
    choice = RungChoice(0)
    chosen = [choice.choose(NEEDS, None, NO_HINTS, advice) for advice in (SMALLER, LARGER, LARGER, LARGER)]
    assert chosen == [1, 1, 1, 0]


def test_a_measured_uplink_needs_no_waiting():
    choice = RungChoice(0)
    assert choice.choose(NEEDS, 100, NO_HINTS, SMALLER) == 3
    assert choice.choose(NEEDS, 1000, NO_HINTS, LARGER) == 2
    assert choice.choose(NEEDS, 1000, NO_HINTS, LARGER) == 1


def test_a_policy_with_fewer_rungs_than_an_earlier_visit_had_is_no_problem():
    assert RungChoice(7).choose(NEEDS, None, NO_HINTS, ()) == 3
    assert RungChoice(7).choose(NEEDS[:1], None, LinkHints(saves_data=True), SMALLER) == 0
