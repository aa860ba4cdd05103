"""Small helpers on the DOM: elements made without markup strings, that remember what was last written."""

from collections.abc import Callable
from typing import Any

import js

from app.browser.interop import Listeners


class Node:
    """Hold one element and write to it only what differs from the last time.

    Figures come many times a second; most of them read the same as before.
    """

    def __init__(self, js_element: Any) -> None:
        self.js_element = js_element
        self._written: dict[str, object] = {}

    def text(self, value: str) -> None:
        if self._is_new("text", value):
            self.js_element.textContent = value

    def attribute(self, name: str, value: str | None) -> None:
        """None takes the attribute away."""
        if not self._is_new(f"@{name}", value):
            return
        if value is None:
            self.js_element.removeAttribute(name)
        else:
            self.js_element.setAttribute(name, value)

    def show(self, is_shown: bool = True) -> None:
        self.attribute("hidden", None if is_shown else "")

    def style(self, name: str, value: str) -> None:
        """Set a custom property; the stylesheet says what it means."""
        if self._is_new(f"--{name}", value):
            self.js_element.style.setProperty(f"--{name}", value)

    def put(self, *children: "Node | str") -> "Node":
        self.js_element.append(*(_bare(child) for child in children))
        return self

    def replace(self, *children: "Node | str") -> None:
        self.js_element.replaceChildren(*(_bare(child) for child in children))

    def remove(self) -> None:
        self.js_element.remove()

    def focus(self) -> None:
        self.js_element.focus()

    def has_focus(self) -> bool:
        return bool(js.document.activeElement == self.js_element)

    def _is_new(self, key: str, value: object) -> bool:
        if key in self._written and self._written[key] == value:
            return False
        self._written[key] = value
        return True


def element(tag: str, *children: Node | str, **attributes: str | bool | None) -> Node:
    """Make an element. `aria_label` becomes aria-label, `class_` class; False and None are left out."""
    node = Node(js.document.createElement(tag))
    for name, value in attributes.items():
        if value is not None and value is not False:
            node.attribute(name.strip("_").replace("_", "-"), "" if value is True else str(value))
    return node.put(*children) if children else node


def icon(name: str) -> Node:
    """Make a decorative icon; the word beside it says the same."""
    return element("span", class_="icon", data_icon=name, aria_hidden="true")


class Button(Node):
    """A button with an icon and words. It stays focusable while it refuses, so that it can say why."""

    def __init__(
        self,
        listeners: Listeners,
        label: str,
        on_press: Callable[[], None],
        icon_name: str = "",
        label_dir: str | None = None,
        **attributes: str | bool | None,
    ) -> None:
        """`label_dir`: "auto" for words of the operator's, whose direction may not be the page's."""
        super().__init__(element("button", type="button", **attributes).js_element)
        self._words = element("span", label, dir=label_dir)
        if icon_name:
            self.put(icon(icon_name))
        self.put(self._words)
        listeners.add(self.js_element, "click", lambda _event: on_press())

    def label(self, words: str) -> None:
        self._words.text(words)

    def refuse(self, is_refusing: bool) -> None:
        self.attribute("aria-disabled", "true" if is_refusing else None)


class MadeButton(Button):
    """A button that a template has made: only its words and what a press does are added."""

    def __init__(self, js_button: Any, listeners: Listeners, label: str, on_press: Callable[[], None]) -> None:
        Node.__init__(self, js_button)
        self._words = Node(js_button.querySelector("span:not(.icon)"))
        self._words.text(label)
        listeners.add(js_button, "click", lambda _event: on_press())


class Template:
    """Clone a `<template>` of index.html, and hand out its parts to be filled, each once."""

    def __init__(self, name: str) -> None:
        self.node = Node(js.document.getElementById(f"template-{name}").content.firstElementChild.cloneNode(True))

    def part(self, name: str) -> Node:
        return Node(self._take(name))

    def button(self, name: str, listeners: Listeners, label: str, on_press: Callable[[], None]) -> Button:
        return MadeButton(self._take(name), listeners, label, on_press)

    def fill(self, name: str, *nodes: Node) -> None:
        """Put `nodes` in the place of a part; none takes it away."""
        self._take(name).replaceWith(*(node.js_element for node in nodes))

    def text(self, **words: str) -> None:
        """Write the words of parts that never change; `speed_name` is the part "speed-name"."""
        for name, text in words.items():
            self.part(name.replace("_", "-")).text(text)

    def _take(self, name: str) -> Any:
        js_part = self.node.js_element.querySelector(f"[data-part={name}]")
        js_part.removeAttribute("data-part")
        return js_part


def _bare(child: Node | str) -> Any:
    return child if isinstance(child, str) else child.js_element
