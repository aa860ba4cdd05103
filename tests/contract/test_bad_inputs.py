"""Every row of the list of bad inputs has a test that is named after it: `test_bad_input_10_…`."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
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


def named() -> set[int]:
    texts = [file.read_text(encoding="utf-8") for file in TESTS.rglob("test_*.py")]
    return {int(number) for text in texts for number in re.findall(r"def test_bad_input_(\d+)_", text)}


@pytest.mark.parametrize("number", BAD_INPUTS)
def test_every_bad_input_of_the_list_has_a_test(number):
    assert number in named(), BAD_INPUTS[number]


def test_no_test_is_named_after_a_bad_input_that_is_not_there():
    assert named() <= set(BAD_INPUTS)
