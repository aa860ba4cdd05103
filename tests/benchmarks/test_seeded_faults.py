"""Seeded mishaps: drawn, met by requests, survived by one page and not by the other."""

from itertools import pairwise

import pytest

from tests.benchmarks.mishaps import OUTAGE_S, Mishap, What, draw
from tests.benchmarks.seeded_faults import Ending, Trial, fault_of, share, sit_on_ours, sit_on_plain, told


def test_a_seed_always_draws_the_same_mishaps_one_after_the_other():
    drawn = draw(1, until_s=10_000)

    assert drawn == draw(1, until_s=10_000) != draw(2, until_s=10_000)
    assert all(before.end_s < after.at_s for before, after in pairwise(drawn))
    assert all(OUTAGE_S[0] <= one.lasts_s <= OUTAGE_S[1] for one in drawn if one.what is What.OUTAGE)
    assert {one.what for one in drawn} == {*What}


@pytest.mark.parametrize(
    ("at_s", "sending_s", "name", "part"),
    [
        (0, 9, None, None),
        (0, 20, "reset", 0.5),  # the outage begins when half is out
        (12, 1, "outage", 0),
        (15, 100, None, None),  # being busy breaks nothing that is under way
        (30, 1, "busy", 0),
    ],
)
def test_a_request_meets_what_happens_while_it_is_sent(at_s, sending_s, name, part):
    mishaps = (Mishap(What.OUTAGE, 10, 5), Mishap(What.BUSY, 30, 5))

    fault = fault_of(mishaps, at_s, sending_s)

    assert (fault.name, fault.share) == (name, part) if fault else name is None


def test_a_plain_page_gives_an_answer_up_after_its_last_try():
    outage = (Mishap(What.OUTAGE, 140, 60),)

    assert sit_on_plain(outage, answers=1, answer_s=120, tries=4) == Ending(failed=1, tries=4, failed_tries=4)
    assert sit_on_plain((), answers=1, answer_s=120, tries=4) == Ending(failed=0, tries=1, failed_tries=0)


def test_our_page_stores_what_the_plain_page_loses():
    outage = (Mishap(What.OUTAGE, 60, 60),)

    assert sit_on_ours(outage, answers=1, answer_s=60).failed == 0
    assert sit_on_plain(outage, answers=1, answer_s=60, tries=4).failed == 1


def test_failures_are_a_share_of_the_plain_pages():
    trials = [Trial(1, 100, Ending(1, 9, 9), Ending(60, 9, 9)), Trial(2, 100, Ending(0, 9, 9), Ending(40, 9, 9))]

    assert share(trials) == pytest.approx(0.01)
    assert told(trials).endswith("1.0% of the plain page's (goal 2%): met")
    assert share([Trial(1, 1, Ending(0, 1, 0), Ending(0, 1, 0))]) is None
