"""The welcome page that static/boot/early.mjs may have drawn before Python was up."""

from dataclasses import dataclass

import js

from app.browser.interop import optional
from app.page.kit.dom import Node


@dataclass(frozen=True, slots=True)
class Pressed:
    """What the candidate has pressed on the early page."""

    button: str = ""  # "allow", "without"; "": nothing
    at_ms: float = 0.0  # on the clock of `performance.now()`
    is_open: bool = False  # the devices have opened, and their picture is shown


def standing() -> Node | None:
    """Return the page until it is taken over; None if there is none."""
    js_node = optional(js.slipstreamBoot.early.node)
    return None if js_node is None else Node(js_node)


def take_over() -> Pressed:
    """Make Python alone responsible for the page from now on."""
    js_pressed = js.slipstreamBoot.early.takeOver()
    return Pressed(str(js_pressed.press), float(js_pressed.pressedAt), bool(js_pressed.isOpen))


def end() -> None:
    """Turn off devices that nobody has taken over: the page shows something else."""
    js.slipstreamBoot.early.end()
