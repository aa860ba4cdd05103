"""The live picture of the camera, mirrored."""

from app.browser.interop import optional
from app.core.recording.devices import Stream
from app.page.kit.dom import Node, Template
from app.page.kit.language import _


class Preview:
    """Show a stream's picture; without a camera, show nothing."""

    def __init__(self, has_camera: bool, standing: Node | None = None) -> None:
        """`standing` is a preview that was drawn before Python was up; it may show a picture."""
        self._has_camera = has_camera
        made = Template("preview", standing)
        self.node, self._video, self._empty = made.node, made.part("video"), made.part("empty")
        self._video.attribute("aria-label", _("Your camera"))
        self._video.js_element.muted = True  # the attribute works only in parsed markup
        made.text(words=_("Your camera is off"))
        if not has_camera:
            self.node.replace()
        self._stream: Stream | None = optional(self._video.js_element.srcObject)
        if self._stream is None:
            self._video.show(False)
            self.give_way(standing is not None)  # which is hidden as long as it shows nothing

    def show(self, stream: Stream | None) -> None:
        """Show a stream; None releases it."""
        if stream == self._stream:
            return
        self._stream = stream
        if self._has_camera:
            self._video.js_element.srcObject = stream
        self._video.show(stream is not None)
        self._empty.show(stream is None)

    def give_way(self, is_away: bool) -> None:
        """Hide the preview, such as while a take can be played: one picture at a time."""
        self.node.show(self._has_camera and not is_away)
