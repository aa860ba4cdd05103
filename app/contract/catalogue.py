"""A language's translations, as `server.build` writes them and the page reads them."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LISTED = 200  # numbers in the plural table; from 100 on, a plural rule depends on the last two digits only
CONTEXT_END = "\u0004"  # as in gettext: `context + CONTEXT_END + sentence` is the key of a sentence with a context


class Catalogue(BaseModel):
    """Hold the translations of one language.

    The format is JSON, because JavaScript and Python both read it. Plural forms are a table instead of a rule, because
    the page forbids eval.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    # The index of the plural form for each number from 0 on.
    plurals: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(min_length=LISTED, max_length=LISTED)]
    # English sentence (the singular if there are two) → its translation, or one translation per plural form.
    messages: dict[str, str | tuple[str, ...]]

    @model_validator(mode="after")
    def _has_every_form(self) -> Self:
        count = max(self.plurals) + 1
        if any(len(forms) != count for forms in self.messages.values() if not isinstance(forms, str)):
            raise ValueError(f"a sentence has not the {count} plural forms of its language")
        return self

    def plural(self, number: int) -> int:
        """Return the index of the plural form for a number from 0 on."""
        return self.plurals[number if number < LISTED else number % 100 + 100]

    def find(self, key: str, number: int = 1) -> str:
        """Return the translation, in its plural form for `number`; "" if there is none."""
        found = self.messages.get(key, "")
        return found if isinstance(found, str) else found[self.plural(number)]
