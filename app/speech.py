"""Drive the language: keep the page in the one that fits best what candidate, ticket and link wish for."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from app.core.languages import choose, regional


class Languages(Protocol):
    """What the page knows of languages."""

    @property
    def offered(self) -> list[str]:
        """Every language there is; the first needs no catalogue."""

    def wishes(self, *of_others: str) -> list[str]:
        """Return the tags wished for, best first; `of_others` come behind what was chosen by hand."""

    async def catalogue(self, language: str) -> bytes | None:
        """Return a compiled catalogue; None for the first language, and where it does not arrive."""

    def show(self, language: str) -> None:
        """Tell the browser what is spoken now."""

    def on_choice(self, handler: Callable[[], None]) -> None:
        """Call `handler`, which must only enqueue, once a language has been chosen by hand."""

    def focus(self) -> None:
        """Give the focus back to where the language is chosen."""


class Speech:
    def __init__(self, languages: Languages, speak: Callable[[bytes | None, str], None]) -> None:
        """`speak` is given a catalogue (None: of the first language) and the tag to write numbers for."""
        self._languages = languages
        self._speak = speak
        self._of_others: tuple[str, ...] = ()
        self._spoken = ""  # nothing yet
        self._chosen = asyncio.Event()

    async def settle(self, *of_others: str) -> None:
        """Speak what fits best now. `of_others` is what ticket and host wish for, kept for later choices."""
        self._of_others = of_others
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
        wanted, offered = self._languages.wishes(*self._of_others), self._languages.offered
        language = choose(wanted, offered)
        catalogue = await self._languages.catalogue(language)
        if catalogue is None and language != offered[0]:  # it did not arrive
            language = self._spoken or offered[0]
        if language != self._spoken:
            self._spoken = language
            self._speak(catalogue, regional(language, wanted, offered))
        self._languages.show(language)
