"""What the page says once it speaks another language."""

import pytest
from babel.messages.catalog import Catalog

from app.page.kit import language, words
from app.page.kit.figures import EnglishFigures
from server.build import catalogues

ONE, MANY = "{number} take left", "{number} takes left"
FORMS = {  # in the order of the language's own plural rule
    "de": ("Noch {number} Versuch", "Noch {number} Versuche"),
    "pl": ("Została {number} próba", "Zostały {number} próby", "Zostało {number} prób"),
    "ar": ("zero", "one", "two", "few", "other", "many"),
    "ja": ("あと {number} 回",),
}


class Plain(EnglishFigures):
    """Stand in for `Intl`, which only a browser has."""


@pytest.fixture
def speak():
    """Speak a language until the test ends."""

    def speak(tag):
        catalog = Catalog(locale=tag)
        catalog.add("Saved", f"Saved in {tag}")
        catalog.add("{time} left", f"{tag}: {{time}}")
        catalog.add("Time", f"time of day in {tag}", context="clock")
        catalog.add((ONE, MANY), FORMS[tag])
        language.speak(compiled(catalog), Plain())

    yield speak
    language.speak()


def compiled(catalog):
    return catalogues.compile_one(catalog).model_dump_json()


def left(*numbers):
    return [language.ngettext(ONE, MANY, number).format(number=number) for number in numbers]


def test_english_needs_no_catalogue():
    assert language._("Saved") == "Saved"
    assert left(0, 1, 2, 101) == ["0 takes left", "1 take left", "2 takes left", "101 takes left"]


def test_a_sentence_comes_from_the_catalogue_and_a_newer_one_from_the_code(speak):
    speak("de")

    assert language._("Saved") == "Saved in de"
    assert language._("Time") == "Time"
    assert words.time_left(5) == "de: 5\u00a0s"


def test_each_language_tells_its_own_plurals_apart(speak):
    speak("de")
    assert left(1, 2) == ["Noch 1 Versuch", "Noch 2 Versuche"]
    speak("ja")
    assert left(1, 2) == ["あと 1 回", "あと 2 回"]
    speak("pl")
    assert left(1, 2, 5, 12, 22) == [
        "Została 1 próba",
        "Zostały 2 próby",
        "Zostało 5 prób",
        "Zostało 12 prób",
        "Zostały 22 próby",
    ]
    speak("ar")
    assert left(0, 1, 2, 3, 11, 100) == ["zero", "one", "two", "few", "many", "other"]


def test_the_page_goes_back_to_english(speak):
    speak("de")

    language.speak(None, Plain())

    assert language._("Saved") == "Saved"


def test_a_catalogue_that_was_cut_off_anywhere_changes_nothing():
    catalog = Catalog(locale="de")
    catalog.add("Saved", "Gespeichert")
    whole = compiled(catalog)

    assert not any(language.speak(whole[:size], Plain()) for size in range(len(whole)))
    assert language._("Saved") == "Saved"


@pytest.mark.parametrize(
    "text",
    [
        "<!doctype html><title>Sign in to our Wi-Fi",
        '{"type": "urn:slipstream:problem:not-found", "title": "Not found", "status": 404}',
        '{"plurals": [0, 1], "messages": {"Saved": "Gespeichert"}}',
        f'{{"plurals": {[0, 1] * 100}, "messages": {{"Saved": ["Gespeichert"]}}}}',
        f'{{"plurals": {[0, 1] * 100}, "messages": {{"Saved": null}}}}',
        "[]",
    ],
    ids=["sign-in page", "problem", "short table", "missing form", "no translation", "list"],
)
def test_a_text_that_is_no_catalogue_changes_nothing(speak, text):
    speak("de")

    assert not language.speak(text, Plain())
    assert language._("Saved") == "Saved in de"
