"""The live picture of the camera, as in a mirror."""

from app.core.recording.devices import Stream
from app.page.kit.dom import Template
from app.page.kit.language import _


class Preview:
    """Show a stream; for an audio answer only tell that the microphone is on."""

    def __init__(self, has_camera: bool) -> None:
        self.is_live = False
        self._is_away = False
        self._has_camera = has_camera
        self._stream: Stream | None = None
        made = Template("preview")
        self.node, self._video, self._empty = made.node, made.part("video"), made.part("empty")
        self._video.attribute("aria-label", _("Your camera"))
        self._video.js_element.muted = True  # the attribute counts in parsed markup alone
        made.text(words=_("Your camera is off"))
        if not has_camera:
            self.node.replace()
        self._settle()

    def show(self, stream: Stream | None) -> None:
        """None lets the stream go."""
        if stream == self._stream:
            return
        self._stream = stream
        self.is_live = stream is not None
        if self._has_camera:
            self._video.js_element.srcObject = stream
        self._settle()

    def give_way(self, is_away: bool) -> None:
        """Hide while a take is offered for playing: one picture at a time."""
        self._is_away = is_away
        self._settle()

    def _settle(self) -> None:
        self.node.show(self._has_camera and not self._is_away)
        self._video.show(self.is_live)
        self._empty.show(not self.is_live)
