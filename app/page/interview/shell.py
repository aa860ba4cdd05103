"""The frame around all views: title, where the session stands, the question in front, what goes beside it."""

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
        """Name the browser's tab; `before` comes first, where it can be read in a narrow tab."""
        tab = f"{before} · {self._name}" if before else self._name
        if tab != self._tab:
            self._tab = tab
            self._js_document.title = tab

    def show_status(self, status: Status | None) -> None:
        """None: there is nothing to tell."""
        self._chip.show(status is not None)
        if status is not None:
            self._chip_icon.attribute("data-icon", status.icon)
            self._chip_word.text(status.word)
            self._chip.attribute("data-standing", status.icon)

    def show_flag(self, name: str, value: bool) -> None:
        """Set `data-name` on the body."""
        self.body.attribute(f"data-{name}", "true" if value else "false")

    def fill(self, *nodes: Node) -> None:
        self._main.replace(*nodes)

    def focus_heading(self) -> None:
        js.scrollTo(0, 0)
        self._announcer.replace()  # what was said of the view before
        self._main.js_element.querySelector("h2").focus()

    def announce(self, sentence: str) -> None:
        """Have a screen reader say it once it is free. The same sentence twice is said twice."""
        self._announcer.js_element.replaceChildren()
        self._announcer.js_element.append(sentence)
