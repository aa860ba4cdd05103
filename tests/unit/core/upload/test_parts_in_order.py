"""Parts that the store takes in order: whole steps, one behind the other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import PartRules
from app.core.upload.parts import Part, PartCutter


def in_order(recorded: int) -> PartCutter:
    return PartCutter(PartRules(min_bytes=64, max_bytes=1024, step_bytes=64), recorded)


def test_part_that_is_sent_in_order_has_whole_steps_unless_it_is_the_last():
    cutter = in_order(150)
    assert cutter.next_part(64, is_idle=False) == Part(1, 0, 64)
    assert cutter.next_part(1024, is_idle=True) == Part(1, 0, 128)
    assert in_order(63).next_part(64, is_idle=True) is None
    cutter.take(Part(1, 0, 128))
    assert cutter.next_part(1024, is_idle=True) is None
    cutter.finish()
    assert cutter.next_part(1024, is_idle=True) == Part(2, 128, 22)


def test_rest_of_a_recording_that_is_sent_in_order_is_not_divided():
    cutter = in_order(150)
    cutter.finish()
    assert cutter.next_part(64, is_idle=True) == Part(1, 0, 150)
    longer = in_order(1024 + 150)
    longer.finish()
    assert longer.next_part(64, is_idle=False) == Part(1, 0, 1024)
    longer.take(Part(1, 0, 1024))
    assert longer.next_part(64, is_idle=False) == Part(2, 1024, 150)


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 5), st.booleans()), max_size=40))
def test_every_part_that_is_sent_in_order_but_the_last_has_whole_steps(steps):
    cutter, parts = in_order(0), []
    for size, doublings, is_idle in [*steps, (None, 0, True)]:
        cutter.add(size or 0)
        if size is None:
            cutter.finish()
        while (part := cutter.next_part(16 << doublings, is_idle=is_idle)) is not None:
            cutter.take(part)
            parts.append(part)
    assert cutter.is_done
    assert all(part.size % 64 == 0 for part in parts[:-1])


def test_rules_of_parts_in_order_are_whole_steps_and_never_queue_ahead():
    with pytest.raises(ValueError, match="multiples"):
        PartRules(min_bytes=64, max_bytes=100, step_bytes=64)
    assert not PartRules(min_bytes=64, max_bytes=64, step_bytes=64).are_equal
