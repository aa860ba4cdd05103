"""How many parts at once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.upload.concurrency import Concurrency

LATER = 20.0  # clock seconds


def test_a_busy_store_gets_half_as_many_at_once():
    parallelism = Concurrency(4)

    parallelism.ease(LATER)

    assert parallelism.parts(LATER) == 2


def test_there_is_always_one():
    parallelism = Concurrency(1)

    parallelism.ease(LATER)

    assert parallelism.parts(LATER) == 1


def test_a_round_of_successes_allows_one_more():
    parallelism = Concurrency(4)
    parallelism.ease(LATER)
    for _ in range(3):
        parallelism.succeed()

    assert parallelism.parts(LATER) == 3


def test_nothing_goes_before_the_store_wants_it():
    parallelism = Concurrency(4)
    parallelism.ease(20.0)
    parallelism.ease(5.0)

    assert (parallelism.parts(19.9), parallelism.parts(20.0)) == (0, 1)


def test_success_does_not_shorten_what_was_asked_for():
    parallelism = Concurrency(4)
    parallelism.ease(20.0)
    parallelism.succeed()

    assert parallelism.parts(19.9) == 0


def test_strain_lasts_until_the_next_success():
    parallelism = Concurrency(4)
    assert not parallelism.is_strained
    parallelism.ease(0.0)
    assert parallelism.is_strained
    parallelism.succeed()
    assert not parallelism.is_strained


@given(st.integers(1, 8), st.lists(st.booleans(), max_size=200))
def test_it_stays_between_one_and_the_limit(limit: int, went_well: list[bool]):
    parallelism = Concurrency(limit)
    for well in went_well:
        if well:
            parallelism.succeed()
        else:
            parallelism.ease(LATER)
        assert 1 <= parallelism.parts(LATER) <= limit


@given(st.integers(1, 8))
def test_it_finds_back_to_the_limit(limit: int):
    parallelism = Concurrency(limit)
    parallelism.ease(LATER)
    for _ in range(limit * limit):
        parallelism.succeed()

    assert parallelism.parts(LATER) == limit


def test_no_parts_at_all_is_no_limit():
    with pytest.raises(ValueError, match="at least 1"):
        Concurrency(0)
