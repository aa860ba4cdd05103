"""Tell the candidate, in one line, what the connection check has found."""

from collections.abc import Callable

from app.core.recording.connection import Connection
from app.page.kit.dom import Template
from app.page.kit.language import _, mark

_WORDS = {
    Connection.MEASURING: mark("We are measuring your connection…"),
    Connection.CARRIES_VIDEO: mark("Your connection is fast enough for video."),
    Connection.CARRIES_SMALLER_VIDEO: mark(
        "Your connection carries a smaller video. We record that size, so that your answers are stored in time."
    ),
    Connection.CARRIES_SOUND: mark(
        "Your connection carries sound well, but video needs more time. You can answer all the same: nothing is lost."
    ),
    Connection.SLOW: mark(
        "Your connection is very slow. You can answer all the same: this device keeps everything until it is stored. "
        "In a better network you wait less."
    ),
}


class ConnectionLine:
    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        made = Template("connection")
        self.node = made.node
        self._words = made.part("words")

    def show(self, connection: Connection | None) -> None:
        """Show what is known of the connection; a screen reader reads the result. None: nothing is."""
        self.node.show(connection is not None)
        if connection is None:
            return
        words = _(_WORDS[connection])
        self.node.attribute("data-connection", connection.value)
        self._words.text(words)
        if connection is not Connection.MEASURING:
            self._announce(words)
