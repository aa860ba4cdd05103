"""A test recording: the candidate hears and sees themselves before any recording counts."""

import math

from app.contract import Track
from app.core.recording.devices import SampleRecording
from app.core.session.actions import RunDeviceTest
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _, ngettext
from app.page.kit.player import load, player


class SampleRecordingView:
    def __init__(self, has_camera: bool, context: ViewContext) -> None:
        self._announce = context.announce
        self._was_running = False
        self._url = ""
        made = Template("sample-recording")
        self.node, self._left, self._note = made.node, made.part("left"), made.part("note")
        self._button = made.button(
            "run", context.listeners, _("Make a short test recording"), lambda: context.dispatch(RunDeviceTest())
        )
        self._player = player(Track.VIDEO if has_camera else Track.AUDIO, _("Your test recording"))
        made.fill("player", self._player)
        self._note.text(_("Only you can see this. It is neither stored nor sent."))
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
            load(self._player, self._url)


def _label(sample: SampleRecording) -> str:
    if sample.left_s is not None:
        return _("End the test")
    return _("Test again") if sample.url else _("Make a short test recording")
