"""What the page says once it speaks another language."""

from pathlib import Path

import pytest

from app.page import language, words
from app.page.figures import EnglishFigures
from server.build import messages

ROOT = Path(__file__).parents[2]


class Plain(EnglishFigures):
    """Stand in for `Intl`, which only a browser has."""


@pytest.fixture
def speak(tmp_path):
    """Speak a language of static/locales/ as the page gets it, until the test ends."""
    messages.compile_all(ROOT, tmp_path)
    yield lambda tag: language.speak((tmp_path / f"{tag}.mo").read_bytes(), Plain())
    language.speak()


def takes_left(number):
    pattern = language.ngettext("{number} take left", "{number} takes left", number)
    return pattern.format(number=number)


def test_english_needs_no_catalogue():
    assert language._("Submit your answers") == "Submit your answers"
    assert [takes_left(number) for number in (1, 2)] == ["1 take left", "2 takes left"]


def test_a_sentence_comes_from_the_catalogue(speak):
    speak("de")

    assert language._("Submit your answers") == "Antworten absenden"
    assert words.time_left(5) == "noch 5\u00a0s"


def test_polish_and_arabic_tell_their_plurals_apart(speak):
    speak("pl")
    assert [takes_left(number) for number in (1, 2, 5, 22)] == [
        "Została 1 próba",
        "Zostały 2 próby",
        "Zostało 5 prób",
        "Zostały 22 próby",
    ]

    speak("ar")
    assert len({language.ngettext("{number} question", "{number} questions", n) for n in (0, 1, 2, 3, 11, 100)}) == 6


def test_the_page_goes_back_to_english(speak):
    speak("de")

    language.speak(None, Plain())

    assert language._("Submit your answers") == "Submit your answers"


def test_a_sentence_that_is_not_in_the_catalogue_is_said_in_english(speak):
    speak("de")

    assert language._("a sentence of a newer page") == "a sentence of a newer page"
