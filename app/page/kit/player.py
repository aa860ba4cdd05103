"""Play what was recorded: a picture with sound, or sound alone."""

from app.contract import Track
from app.page.kit.dom import Node, Template


def player(track: Track, label: str) -> Node:
    """Make a player, hidden until `load` gives it something to play."""
    node = Template(f"{track.value}-player").node
    node.attribute("aria-label", label)
    return node


def load(node: Node, url: str) -> None:
    """Offer what stands at `url`; "" lets go of the one before and hides the player."""
    node.js_element.pause()
    node.attribute("src", url or None)
    node.js_element.load()
    node.show(bool(url))
