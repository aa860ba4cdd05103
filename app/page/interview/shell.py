"""The frame around all views: title, browser tab, status of the session, screen reader announcements."""

from typing import Any

import js

from app.page.interview.status import Status
from app.page.kit.dom import Node
from app.page.kit.language import _


class Shell:
    """Own the parts of index.html that the views fill."""

    def __init__(self, js_document: Any) -> None:
        self._js_document = js_document
        self.body = Node(js_document.body)
        self._main = Node(js_document.getElementById("app"))
        self._title = Node(js_document.getElementById("title"))
        self._chip = Node(js_document.getElementById("standing"))
        self._chip_icon = Node(self._chip.js_element.firstElementChild)
        self._chip_word = Node(self._chip.js_element.lastElementChild)
        self._announcer = Node(js_document.getElementById("announcer"))
        menu_label = js_document.querySelector("label[for=language] > .visually-hidden")
        Node(menu_label).text(_("Language"))
        self._name = ""
        self._tab = ""

    def show_title(self, title: str) -> None:
        self._name = title
        self._title.text(title)
        self.show_tab("")

    def show_tab(self, before: str) -> None:
        """Set the title of the browser's tab; `before` comes first, so that a narrow tab still shows it."""
        tab = f"{before} · {self._name}" if before else self._name
        if tab != self._tab:
            self._tab = tab
            self._js_document.title = tab

    def show_status(self, status: Status | None) -> None:
        """Show the status of the session; None hides it."""
        self._chip.show(status is not None)
        if status is not None:
            self._chip_icon.attribute("data-icon", status.icon)
            self._chip_word.text(status.word)
            self._chip.attribute("data-standing", status.icon)

    def show_flag(self, name: str, value: bool) -> None:
        """Set `data-name` on the body."""
        self.body.attribute(f"data-{name}", "true" if value else "false")

    def fill(self, board: Node, page: Node) -> None:
        """Show `page` below `board`. A page that stands there already is not moved: its picture would stop."""
        js_page = page.js_element
        if not js_page.parentNode == self._main.js_element:  # noqa: SIM201  a JsProxy knows == alone
            self._main.replace(board, page)
            return
        while not self._main.js_element.firstChild == js_page:  # noqa: SIM201
            self._main.js_element.firstChild.remove()
        js_page.before(board.js_element)

    def focus_heading(self) -> None:
        js.scrollTo(0, 0)
        self._announcer.replace()  # remove what was announced about the previous view
        self._main.js_element.querySelector("h2").focus()

    def announce(self, sentence: str) -> None:
        """Make a screen reader read `sentence` when it is idle. A repeated sentence is read again."""
        self._announcer.js_element.replaceChildren()
        self._announcer.js_element.append(sentence)
