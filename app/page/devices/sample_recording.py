"""A test recording: hear and see yourself before it counts."""

import math

from app.core.recording.devices import Rehearsal
from app.core.session.actions import Rehearse
from app.page.kit.context import Wiring
from app.page.kit.dom import Button, element
from app.page.kit.language import _, ngettext


class RehearsalView:
    def __init__(self, has_camera: bool, wiring: Wiring) -> None:
        self._announce = wiring.announce
        self._was_running = False
        self._url = ""
        self._button = Button(
            wiring.listeners,
            _("Make a short test recording"),
            lambda: wiring.dispatch(Rehearse()),
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
        self.show(Rehearsal())

    def show(self, rehearsal: Rehearsal) -> None:
        is_running = rehearsal.left_s is not None
        self._button.label(_label(rehearsal))
        if rehearsal.left_s is not None:
            left = math.ceil(rehearsal.left_s)
            self._left.text(ngettext("{number} second left", "{number} seconds left", left).format(number=left))
        else:
            self._left.text("")
        self.node.attribute("data-running", "true" if is_running else None)
        self._note.show(is_running or bool(rehearsal.url))
        if is_running != self._was_running:
            self._was_running = is_running
            self._announce(_("Test recording runs: say a few words") if is_running else _("Test recording has ended"))
        if rehearsal.url != self._url:
            self._url = rehearsal.url
            self._player.js_element.pause()
            self._player.attribute("src", self._url or None)
            self._player.js_element.load()  # without a source this lets go of the one before
        self._player.show(bool(self._url))


def _label(rehearsal: Rehearsal) -> str:
    if rehearsal.left_s is not None:
        return _("End the test")
    return _("Test again") if rehearsal.url else _("Make a short test recording")
