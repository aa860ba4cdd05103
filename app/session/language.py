"""Drive the language: keep the page in the one that fits best what candidate, ticket and link wish for."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.core.locale import choose, regional


class Languages(Protocol):
    """What the page knows of languages."""

    @property
    def offered(self) -> list[str]:
        """Every language there is; the first needs no catalogue."""

    def preferred(self, *from_others: str) -> list[str]:
        """Return the tags wished for, best first; `from_others` come behind what was chosen by hand."""

    async def catalogue(self, language: str) -> str | None:
        """Return a catalogue as JSON; None for the first language, and where it does not arrive."""

    def show(self, language: str) -> None:
        """Tell the browser what is spoken now."""

    def on_choice(self, handler: Callable[[], None]) -> None:
        """Call `handler`, which must only enqueue, once a language has been chosen by hand."""

    def focus(self) -> None:
        """Give the focus back to where the language is chosen."""


class LanguageControl:
    def __init__(self, languages: Languages, speak: Callable[[str | None, str], bool]) -> None:
        """`speak` is given a catalogue (None: of the first language) and the tag to write numbers for.

        It returns False, and changes nothing, if the catalogue cannot be read.
        """
        self._languages = languages
        self._speak = speak
        self._from_others: tuple[str, ...] = ()
        self._spoken = ""  # nothing yet
        self._chosen = asyncio.Event()

    async def settle(self, *from_others: str) -> None:
        """Speak what fits best now. `from_others` is what ticket and host wish for, kept for later choices."""
        self._from_others = from_others
        await self._settle()

    async def follow(self) -> None:
        """Speak what is chosen by hand, for as long as the page stands."""
        self._languages.on_choice(self._chosen.set)
        while True:
            await self._chosen.wait()
            self._chosen.clear()
            await self._settle()
            self._languages.focus()  # the new page has taken it

    async def _settle(self) -> None:
        language, catalogue = await self._best()
        has_come = catalogue is not None or language == self._languages.offered[0]
        if not (has_come and self._say(language, catalogue)):
            language = self._spoken or self._languages.offered[0]
            self._say(language, None)
        self._languages.show(language)

    async def _best(self) -> tuple[str, str | None]:
        """Return the language that fits best, and its catalogue."""
        while True:
            language = self._wanted()
            catalogue = await self._languages.catalogue(language)
            if self._wanted() == language:  # else somebody has chosen meanwhile, and comes first
                return language, catalogue

    def _wanted(self) -> str:
        return choose(self._languages.preferred(*self._from_others), self._languages.offered)

    def _say(self, language: str, catalogue: str | None) -> bool:
        """Speak a language, unless it is spoken already. Return False if its catalogue cannot be read."""
        if language != self._spoken:
            tag = regional(language, self._languages.preferred(*self._from_others), self._languages.offered)
            if not self._speak(catalogue, tag):
                return False
            self._spoken = language
        return True
