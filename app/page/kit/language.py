"""The page's language: every sentence that the candidate reads is translated here."""

from pydantic import ValidationError

from app.contract.catalogue import LISTED, Catalogue
from app.page.kit.figures import EnglishFigures, Figures

_ENGLISH = Catalogue(plurals=(0,) * LISTED, messages={})  # the sentences in the code are English


class _Spoken:
    """Hold the current language."""

    catalogue = _ENGLISH
    figures: Figures = EnglishFigures()


def speak(catalogue: str | None = None, figures: Figures | None = None) -> bool:
    """Switch to the language of `catalogue` (JSON) and `figures`; if either is None, to English.

    Return False, and change nothing, if the text is not a valid and complete catalogue.
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
    """Return the number formats of the current language."""
    return _Spoken.figures


def _(sentence: str) -> str:
    return _Spoken.catalogue.find(sentence) or sentence


def ngettext(singular: str, plural: str, number: int) -> str:
    return _Spoken.catalogue.find(singular, number) or (singular if number == 1 else plural)


def mark(sentence: str) -> str:
    """Mark a table's sentence for translation; `_` translates it when it is shown."""
    return sentence


def isolated(text: str) -> str:
    """Isolate text that others have written, so that its writing direction does not change the sentence around it."""
    return f"\u2068{text}\u2069"  # first strong isolate (FSI), pop directional isolate (PDI)
