"""The page's languages: which are offered, which are preferred, and their catalogues."""

from collections.abc import Callable
from typing import Any

import js
from pyodide.ffi import JsException

from app.browser.interop import Listeners, optional
from app.browser.window.figures import IntlFigures

KEPT_AS = "slipstream-language"  # key in localStorage, which static/boot/language.mjs reads, too


class BrowserLanguages:
    """Read and set the menu of index.html, which lists every language; the first is the language of the sources.

    The listener stays until the window closes: the language of a dead end can be changed, too.
    """

    def __init__(self) -> None:
        self._js_menu = js.document.getElementById("language")
        self._listeners = Listeners()
        self._chosen = _kept()  # by hand; "": none

    @property
    def offered(self) -> list[str]:
        return [str(js_option.value) for js_option in self._js_menu.options]

    def preferred(self, *from_others: str) -> list[str]:
        """Return the preferred tags, best first: chosen in the menu, `from_others`, `?lang=`, the browser's."""
        asked = optional(js.URLSearchParams.new(js.location.search).get("lang"))
        browsers = [str(tag) for tag in js.navigator.languages]
        return [action for action in (self._chosen, *from_others, asked or "", *browsers) if action]

    async def catalogue(self, language: str) -> str | None:
        """Return a language's catalogue as JSON; None for the language of the sources, or if it cannot be loaded."""
        js_text = optional(await js.slipstreamBoot.catalogue(language))
        return None if js_text is None else str(js_text)

    def figures(self, tag: str) -> IntlFigures:
        return IntlFigures(tag, is_rtl=self._direction(tag.split("-", maxsplit=1)[0]) == "rtl")

    def show(self, language: str) -> None:
        """Set the current language for the browser, the screen reader and the menu."""
        js.document.documentElement.lang = language
        js.document.documentElement.dir = self._direction(language)
        self._js_menu.value = language

    def on_choice(self, handler: Callable[[], None]) -> None:
        """Call `handler` whenever a language is chosen in the menu. The browser keeps the choice for later visits."""

        def choose(_js_event: Any) -> None:
            self._chosen = str(self._js_menu.value)
            _keep(self._chosen)
            handler()

        self._listeners.add(self._js_menu, "change", choose)

    def focus(self) -> None:
        self._js_menu.focus()

    def _direction(self, language: str) -> str:
        js_option = optional(self._js_menu.querySelector(f'option[value="{language}"]'))
        return str(js_option.dir) or "ltr" if js_option is not None else "ltr"


def _kept() -> str:
    try:
        return str(optional(js.localStorage.getItem(KEPT_AS)) or "")
    except JsException:  # a window without storage
        return ""


def _keep(language: str) -> None:
    try:
        js.localStorage.setItem(KEPT_AS, language)
    except JsException:
        return  # then the choice holds for this visit only
