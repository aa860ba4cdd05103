"""Show that the microphone picks up sound."""

from app.page.kit.dom import Template
from app.page.kit.language import _

_STEPS = 40  # of the bar; a finer step could not be seen
_HEARD = 0.08  # a level above the hum of a quiet room
_FADING = 0.9  # factor per level shown, 4 to 10 times a second: a pause between two words does not count as silence


class LevelMeter:
    """Show the level as a bar for the eye, and as a sentence for everybody."""

    def __init__(self) -> None:
        made = Template("meter")
        self.node, self._bar, self._words = made.node, made.part("bar"), made.part("words")
        self._bar.attribute("aria-label", _("Microphone level"))
        self._recently = 0.0
        self.show(None)

    def show(self, level: float | None) -> None:
        """Show `level`, from 0 to 1; None: the browser cannot measure it, and the stylesheet hides the meter."""
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
