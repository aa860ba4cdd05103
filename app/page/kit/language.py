"""The language that the page speaks: every sentence goes through here on its way to the candidate."""

import io
import struct
from gettext import GNUTranslations, NullTranslations

from app.page.kit.figures import EnglishFigures, Figures


class _Spoken:
    """What is spoken now. English stands in the code and needs no catalogue."""

    catalogue = NullTranslations()
    figures: Figures = EnglishFigures()


def speak(catalogue: bytes | None = None, figures: Figures | None = None) -> bool:
    """Speak the language of a compiled catalogue (.mo) from now on; None: English.

    Return False, with everything as it was, for bytes that are no catalogue or not a whole one.
    """
    if catalogue is not None and figures is not None:
        try:
            _Spoken.catalogue, _Spoken.figures = GNUTranslations(io.BytesIO(catalogue)), figures
        except (OSError, ValueError, struct.error):  # what gettext raises, wherever it was cut off
            return False
    else:
        _Spoken.catalogue = NullTranslations()
        _Spoken.figures = EnglishFigures(figures.moment) if figures else EnglishFigures()
    return True


def figures() -> Figures:
    """Return how numbers are written in the language spoken now."""
    return _Spoken.figures


def _(sentence: str) -> str:
    return _Spoken.catalogue.gettext(sentence)


def ngettext(singular: str, plural: str, number: int) -> str:
    return _Spoken.catalogue.ngettext(singular, plural, number)


def pgettext(context: str, word: str) -> str:
    """Translate a word that means different things in different places; `context` says which."""
    return _Spoken.catalogue.pgettext(context, word)


def mark(sentence: str) -> str:
    """Name a sentence of a table as one to be translated; `_` translates it when it is shown."""
    return sentence


def isolated(text: str) -> str:
    """Keep what others have written from turning the sentence around it, whichever way either is written."""
    return f"\u2068{text}\u2069"  # first strong isolate, and its end
