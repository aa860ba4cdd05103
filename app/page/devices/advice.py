"""Advise the candidate how to improve sound and picture before the interview starts."""

from collections.abc import Callable

from app.core.recording.signal_quality import Advice
from app.page.kit.dom import Template
from app.page.kit.language import _, mark

_WORDS = {
    Advice.SILENT: mark(
        "We hear nothing. Say a few words. If the bar stays still, choose another microphone or turn it on."
    ),
    Advice.CLIPPED: mark("You are very loud. Move back a little, or turn the microphone down."),
    Advice.DARK: mark("Your picture is dark. Turn towards a window, or switch a lamp on in front of you."),
}


class AdviceNotes:
    """Show one line per advice; a screen reader reads each one when it appears."""

    def __init__(self, announce: Callable[[str], None]) -> None:
        self._announce = announce
        self._shown: frozenset[Advice] = frozenset()
        made = Template("advice")
        self.node = made.node
        self._notes = {advice: made.part(advice.value) for advice in Advice}
        made.text(**{f"{advice.value}_words": _(_WORDS[advice]) for advice in Advice})

    def show(self, advice: frozenset[Advice]) -> None:
        if advice == self._shown:
            return  # called ten times a second
        for new in sorted(advice - self._shown):
            self._announce(_(_WORDS[new]))
        self._shown = advice
        for one, note in self._notes.items():
            note.show(one in advice)
        self.node.show(bool(advice))
