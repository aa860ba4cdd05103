"""What would make sound and picture better, said in time."""

from collections.abc import Callable

from app.core.recording.signal_quality import Advice
from app.page.kit.dom import Node, element, icon
from app.page.kit.language import _, mark

_WORDS = {
    Advice.SILENT: (
        "microphone",
        mark("We hear nothing. Say a few words. If the bar stays still, choose another microphone or turn it on."),
    ),
    Advice.CLIPPED: ("microphone", mark("You are very loud. Move back a little, or turn the microphone down.")),
    Advice.DARK: ("camera", mark("Your picture is dark. Turn towards a window, or switch a lamp on in front of you.")),
}


class AdviceNotes:
    """One line an advice; each is read out once, when it comes."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._shown: frozenset[Advice] = frozenset()
        self._notes = {advice: _note(advice) for advice in Advice}
        self.node = element("ul", *self._notes.values(), class_="advice", hidden=True)

    def show(self, advice: frozenset[Advice]) -> None:
        if advice == self._shown:
            return  # asked ten times a second
        for new in sorted(advice - self._shown):
            self._announce(_(_WORDS[new][1]))
        self._shown = advice
        for one, note in self._notes.items():
            note.show(one in advice)
        self.node.show(bool(advice))


def _note(advice: Advice) -> Node:
    name, sentence = _WORDS[advice]
    return element("li", icon(name), element("span", _(sentence)), data_advice=advice.value, hidden=True)
