"""Every row of the list of bad inputs has a test that is named after it: `test_bad_input_10_…`."""

import pytest

from tests.faults.rows import proofs

BAD_INPUTS = {
    1: "tickets that are wrong, or used up",
    2: "texts with markup, braces, odd characters, or without an end",
    3: "links with more in them than a ticket",
    4: "ids that could leave their session",
    5: "part numbers and sizes that cannot be, or are not what is sent",
    6: "upload handles of others, tampered with, expired",
    7: "completions of other parts than are stored",
    8: "bodies and methods that make no sense",
    9: "host messages of strangers",
    10: "journal rows that are foreign, torn or newer",
    11: "more than the ticket allows",
}


@pytest.mark.parametrize("number", BAD_INPUTS)
def test_every_bad_input_of_the_list_has_a_test(number):
    assert proofs("bad_input").get(number), BAD_INPUTS[number]


def test_no_test_is_named_after_a_bad_input_that_is_not_there():
    assert set(proofs("bad_input")) <= set(BAD_INPUTS)
