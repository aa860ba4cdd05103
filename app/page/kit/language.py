"""The language that the page speaks: every sentence goes through here on its way to the candidate."""

from pydantic import ValidationError

from app.contract.catalogue import LISTED, Catalogue
from app.page.kit.figures import EnglishFigures, Figures

_ENGLISH = Catalogue(plurals=(0,) * LISTED, messages={})  # English stands in the code


class _Spoken:
    """What is spoken now."""

    catalogue = _ENGLISH
    figures: Figures = EnglishFigures()


def speak(catalogue: str | None = None, figures: Figures | None = None) -> bool:
    """Speak the language of a catalogue (JSON) from now on; None: English.

    Return False, with everything as it was, for a text that is no catalogue or not a whole one.
    """
    if catalogue is not None and figures is not None:
        try:
            _Spoken.catalogue, _Spoken.figures = Catalogue.model_validate_json(catalogue), figures
        except ValidationError:
            return False
    else:
        _Spoken.catalogue = _ENGLISH
        _Spoken.figures = EnglishFigures(figures.moment) if figures else EnglishFigures()
    return True


def figures() -> Figures:
    """Return how numbers are written in the language spoken now."""
    return _Spoken.figures


def _(sentence: str) -> str:
    return _Spoken.catalogue.find(sentence) or sentence


def ngettext(singular: str, plural: str, number: int) -> str:
    return _Spoken.catalogue.find(singular, number) or (singular if number == 1 else plural)


def mark(sentence: str) -> str:
    """Name a sentence of a table as one to be translated; `_` translates it when it is shown."""
    return sentence


def isolated(text: str) -> str:
    """Keep what others have written from turning the sentence around it, whichever way either is written."""
    return f"\u2068{text}\u2069"  # first strong isolate, and its end
