"""Small DOM helpers: clones of templates, and elements that remember what was last written."""

from collections.abc import Callable
from functools import cache
from typing import Any

import js

from app.browser.interop import Listeners, optional


class Node:
    """Hold one element, and write a value to it only if it differs from the last one.

    Views write figures many times a second, and most of them have not changed.
    """

    def __init__(self, js_element: Any, *, text: str | None = None) -> None:
        """`text` is what is written in the element already; None: it is written the first time, whatever it is."""
        self.js_element = js_element
        self._written: dict[str, object] = {} if text is None else {"text": text}

    def text(self, value: str) -> None:
        if self._is_new("text", value):
            self.js_element.textContent = value

    def attribute(self, name: str, value: str | None) -> None:
        """Set an attribute; None removes it."""
        if not self._is_new(f"@{name}", value):
            return
        if value is None:
            self.js_element.removeAttribute(name)
        else:
            self.js_element.setAttribute(name, value)

    def attributes(self, **values: str | None) -> None:
        """Set several attributes; `aria_label` is written as "aria-label", `for_` as "for"."""
        for name, value in values.items():
            self.attribute(name.strip("_").replace("_", "-"), value)

    def show(self, is_shown: bool = True) -> None:
        self.attribute("hidden", None if is_shown else "")

    def style(self, name: str, value: str) -> None:
        """Set the custom property `--name`; the stylesheet defines what it means."""
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


def element(tag: str, *children: Node | str, **attributes: str | None) -> Node:
    """Make an element that is repeated with the data; fixed markup stands in a template."""
    node = Node(js.document.createElement(tag))
    node.attributes(**attributes)
    return node.put(*children) if children else node


class Button(Node):
    """Own a button of a template. It stays focusable while it refuses presses, so that the page can say why."""

    def __init__(self, js_button: Any, listeners: Listeners, label: str, on_press: Callable[[], None]) -> None:
        super().__init__(js_button)
        self._words = Node(js_button.querySelector("span:not(.icon)"))
        self._words.text(label)
        listeners.add(js_button, "click", lambda _event: on_press())

    def label(self, words: str) -> None:
        self._words.text(words)

    def refuse(self, is_refusing: bool) -> None:
        self.attribute("aria-disabled", "true" if is_refusing else None)


class Template:
    """Clone a `<template>` of index.html, and return each of its parts once, to be filled."""

    def __init__(self, name: str, standing: Node | None = None) -> None:
        """`standing` is a clone that stands on the page already (static/boot/welcome.mjs): take it over."""
        self._stands = standing is not None
        self.node = standing or Node(js.document.importNode(_content(name), True))

    def part(self, name: str) -> Node:
        js_part = self._take(name)
        return Node(js_part, text=str(js_part.textContent) if self._stands else None)

    def standing(self, name: str) -> Node | None:
        """Return the view that stands in the place of a part already; None if this clone is new."""
        return Node(self.node.js_element.querySelector(f"[data-part={name}]")) if self._stands else None

    def button(self, name: str, listeners: Listeners, label: str, on_press: Callable[[], None]) -> Button:
        return Button(self._take(name), listeners, label, on_press)

    def fill(self, name: str, *nodes: Node) -> None:
        """Replace a part with `nodes`, unless it is that node: a moved picture stops, and loses the focus."""
        js_part = self._take(name)
        if not (len(nodes) == 1 and js_part == nodes[0].js_element):
            js_part.replaceWith(*(node.js_element for node in nodes))

    def drop(self, *names: str) -> None:
        """Remove parts that this clone does not need."""
        for name in names:
            self._take(name).remove()

    def text(self, **words: str) -> None:
        """Write the text of parts that never change; the keyword `speed_name` stands for the part "speed-name"."""
        for name, text in words.items():
            self.part(name.replace("_", "-")).text(text)

    def _take(self, name: str) -> Any:
        js_part = self.node.js_element.querySelector(f"[data-part={name}]")
        js_part.removeAttribute("data-part")
        return js_part


@cache
def _content(name: str) -> Any:
    """Return a template's element without comments and without the white space that only formats the markup."""
    js_content = js.document.getElementById(f"template-{name}").content
    js_nodes = js.document.createNodeIterator(js_content, js.NodeFilter.SHOW_TEXT | js.NodeFilter.SHOW_COMMENT)
    while (js_node := optional(js_nodes.nextNode())) is not None:
        text = str(js_node.data)
        if js_node.nodeType == js_node.COMMENT_NODE or ("\n" in text and not text.strip()):
            js_node.remove()
    return js_content.firstElementChild


def _bare(child: Node | str) -> Any:
    return child if isinstance(child, str) else child.js_element
