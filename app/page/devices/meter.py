"""Show that the microphone hears."""

from app.page.kit.dom import Template
from app.page.kit.language import _

_STEPS = 40  # finer than one can see
_HEARD = 0.08  # above the hum of a quiet room
_FADING = 0.9  # per figure, of which 4 to 10 come a second: a pause between two words is not silence


class LevelMeter:
    """A bar and a sentence: the bar for the eye, the sentence for everybody."""

    def __init__(self) -> None:
        made = Template("meter")
        self.node, self._bar, self._words = made.node, made.part("bar"), made.part("words")
        self._bar.attribute("aria-label", _("Microphone level"))
        self._recently = 0.0
        self.show(None)

    def show(self, level: float | None) -> None:
        """`level` is from 0 to 1; None, where nobody can tell, leaves nothing to see."""
        self.node.attribute("data-deaf", "true" if level is None else None)
        if level is None:
            return
        level = min(1.0, max(0.0, level))
        self._recently = max(level, self._recently * _FADING)
        step = round(level * _STEPS)
        self._bar.style("level", f"{step / _STEPS:.3f}")
        self._bar.attribute("aria-valuenow", str(round(step * 100 / _STEPS)))
        is_heard = self._recently >= _HEARD
        self._words.text(_("We can hear you") if is_heard else _("Say something: the bar should move"))
        self.node.attribute("data-heard", "true" if is_heard else "false")
