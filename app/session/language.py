"""Keep the page in the language that best fits the preferences of candidate, ticket and link."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.core.locale import choose, regional


class Languages(Protocol):
    """Give access to the page's languages, their catalogues and the language menu."""

    @property
    def offered(self) -> list[str]:
        """Return all languages of the page; the first needs no catalogue."""

    def preferred(self, *from_others: str) -> list[str]:
        """Return the preferred tags, best first; `from_others` rank after the language chosen by hand."""

    async def catalogue(self, language: str) -> str | None:
        """Return a language's catalogue as JSON; None for the first language, or if it cannot be loaded."""

    def show(self, language: str) -> None:
        """Set the page's language in the browser."""

    def on_choice(self, handler: Callable[[], None]) -> None:
        """Call `handler`, which must only enqueue, whenever a language is chosen by hand."""

    def focus(self) -> None:
        """Move the keyboard focus back to the language menu."""


class LanguageControl:
    def __init__(self, languages: Languages, speak: Callable[[str | None, str], bool]) -> None:
        """`speak` takes a catalogue (None: the first language) and the tag for number formats.

        `speak` returns False, and changes nothing, if the catalogue cannot be read.
        """
        self._languages = languages
        self._speak = speak
        self._from_others: tuple[str, ...] = ()
        self._spoken = ""  # "": no language is set yet
        self._chosen = asyncio.Event()

    async def settle(self, *from_others: str) -> None:
        """Switch to the language that fits best. Keep `from_others`, the tags of ticket and host, for later choices."""
        self._from_others = from_others
        await self._settle()

    async def follow(self) -> None:
        """Switch to each language that is chosen by hand, until cancelled."""
        self._languages.on_choice(self._chosen.set)
        while True:
            await self._chosen.wait()
            self._chosen.clear()
            await self._settle()
            self._languages.focus()  # redrawing the page has moved the focus

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
            if self._wanted() == language:  # else the preferences have changed during the load
                return language, catalogue

    def _wanted(self) -> str:
        return choose(self._languages.preferred(*self._from_others), self._languages.offered)

    def _say(self, language: str, catalogue: str | None) -> bool:
        """Switch to a language unless it is set already. Return False if its catalogue cannot be read."""
        if language != self._spoken:
            tag = regional(language, self._languages.preferred(*self._from_others), self._languages.offered)
            if not self._speak(catalogue, tag):
                return False
            self._spoken = language
        return True
