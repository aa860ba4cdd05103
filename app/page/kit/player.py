"""Play a recording: a picture with sound, or sound alone."""

from app.contract import Track
from app.page.kit.dom import Node, Template


def player(track: Track, label: str) -> Node:
    """Make a player; it stays hidden until `load` gives it a recording."""
    node = Template(f"{track.value}-player").node
    node.attribute("aria-label", label)
    return node


def load(node: Node, url: str) -> None:
    """Load and show the recording at `url`; "" releases the previous recording and hides the player."""
    node.js_element.pause()
    node.attribute("src", url or None)
    node.js_element.load()
    node.show(bool(url))
