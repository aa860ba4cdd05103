"""Where the page's sentences go through on their way to the candidate: ready for a catalogue."""

from gettext import NullTranslations

_catalogue = NullTranslations()  # English: the sentences stand in the code


def _(sentence: str) -> str:
    return _catalogue.gettext(sentence)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _catalogue.ngettext(singular, plural, number)


def mark(sentence: str) -> str:
    """Name a sentence of a table as one to be translated; `_` translates it when it is shown."""
    return sentence
