"""A test recording: hear and see yourself before it counts."""

import math

from app.core.recording.devices import SampleRecording
from app.core.session.actions import RunDeviceTest
from app.page.kit.context import ViewContext
from app.page.kit.dom import Button, element
from app.page.kit.language import _, ngettext


class SampleRecordingView:
    def __init__(self, has_camera: bool, context: ViewContext) -> None:
        self._announce = context.announce
        self._was_running = False
        self._url = ""
        self._button = Button(
            context.listeners,
            _("Make a short test recording"),
            lambda: context.dispatch(RunDeviceTest()),
            "record",
            class_="button quiet",
            data_action="rehearse",
        )
        self._left = element("span", class_="stage-note")
        label = _("Your test recording")
        self._player = (
            element("video", controls=True, playsinline=True, preload="metadata", aria_label=label, hidden=True)
            if has_camera
            else element("audio", controls=True, preload="metadata", aria_label=label, hidden=True)
        )
        self._note = element("p", _("Only you can see this. It is neither stored nor sent."), class_="stage-note")
        self.node = element(
            "div",
            element("div", self._button, self._left, class_="actions"),
            self._player,
            self._note,
            class_="rehearsal",
            data_rehearsal=True,
        )
        self.show(SampleRecording())

    def show(self, sample: SampleRecording) -> None:
        is_running = sample.left_s is not None
        self._button.label(_label(sample))
        if sample.left_s is not None:
            left = math.ceil(sample.left_s)
            self._left.text(ngettext("{number} second left", "{number} seconds left", left).format(number=left))
        else:
            self._left.text("")
        self.node.attribute("data-running", "true" if is_running else None)
        self._note.show(is_running or bool(sample.url))
        if is_running != self._was_running:
            self._was_running = is_running
            self._announce(_("Test recording runs: say a few words") if is_running else _("Test recording has ended"))
        if sample.url != self._url:
            self._url = sample.url
            self._player.js_element.pause()
            self._player.attribute("src", self._url or None)
            self._player.js_element.load()  # without a source this lets go of the one before
        self._player.show(bool(self._url))


def _label(sample: SampleRecording) -> str:
    if sample.left_s is not None:
        return _("End the test")
    return _("Test again") if sample.url else _("Make a short test recording")
