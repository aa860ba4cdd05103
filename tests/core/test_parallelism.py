"""How many parts at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.parallelism import Parallelism


def test_a_busy_store_gets_half_as_many_at_once():
    parallelism = Parallelism(4)

    parallelism.ease()

    assert parallelism.parts == 2


def test_there_is_always_one():
    parallelism = Parallelism(1)

    parallelism.ease()

    assert parallelism.parts == 1


def test_a_round_of_successes_allows_one_more():
    parallelism = Parallelism(4)
    parallelism.ease()
    for _ in range(3):
        parallelism.succeed()

    assert parallelism.parts == 3


@given(st.integers(1, 8), st.lists(st.booleans(), max_size=200))
def test_it_stays_between_one_and_the_limit(limit: int, went_well: list[bool]):
    parallelism = Parallelism(limit)
    for well in went_well:
        if well:
            parallelism.succeed()
        else:
            parallelism.ease()
        assert 1 <= parallelism.parts <= limit


@given(st.integers(1, 8))
def test_it_finds_back_to_the_limit(limit: int):
    parallelism = Parallelism(limit)
    parallelism.ease()
    for _ in range(limit * limit):
        parallelism.succeed()

    assert parallelism.parts == limit


def test_no_parts_at_all_is_no_limit():
    with pytest.raises(ValueError, match="at least 1"):
        Parallelism(0)
