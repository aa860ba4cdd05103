"""Every row of the list of faults has a test that is named after it."""

import pytest

from tests.faults.rows import FAULTS, proofs


@pytest.mark.parametrize("number", FAULTS)
def test_every_fault_of_the_list_has_a_test(number):
    assert proofs().get(number), f"no test is named test_row_{number}_…: {FAULTS[number]}"


def test_no_test_is_named_after_a_row_that_is_not_there():
    assert set(proofs()) <= set(FAULTS)
