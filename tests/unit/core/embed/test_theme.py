"""A host's colours are worn as far as they can be read."""

import pytest

from app.contract.embed.theme import Theme
from app.core.embed.theme import contrast, is_dark, legible

PAPER = {"background": "#faf7f0", "surface": "#ffffff", "text": "#1d211c"}


def test_contrast_is_that_of_wcag():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.005)
    assert is_dark("#123456")
    assert not is_dark("#ffcc00")


def test_legible_theme_is_left_as_it_is():
    theme = Theme(accent="#0b6477", accent_text="#ffffff", radius="4px", font="Georgia", scheme="dark", **PAPER)

    assert legible(theme) == (theme, ())


@pytest.mark.parametrize(("accent", "ink"), [("#0b6477", "#ffffff"), ("#ffcc00", "#000000")])
def test_words_on_the_accent_are_found_where_none_are_given(accent, ink):
    worn, refused = legible(Theme(accent=accent))

    assert (worn.accent_text, refused) == (ink, ())


def test_words_that_cannot_be_read_on_the_accent_are_replaced_and_named():
    worn, refused = legible(Theme(accent="#ffcc00", accent_text="#ffffff"))

    assert (worn.accent_text, refused) == ("#000000", ("accent-text",))


@pytest.mark.parametrize(
    "change",
    [
        {"text": None},
        {"surface": None},
        {"text": "#999999"},
        {"surface": "#000000"},  # the text is dark
        {"background": "#888888", "surface": "#888888"},  # between light and dark: our own red cannot be read there
    ],
)
def test_text_and_its_grounds_come_together_or_not_at_all(change):
    given = PAPER | change
    worn, refused = legible(Theme(**given))

    assert worn == Theme()
    assert refused == tuple(name for name, value in given.items() if value)


def test_words_without_an_accent_are_left_out():
    assert legible(Theme(accent_text="#ffffff")) == (Theme(), ("accent-text",))
