"""A written answer: saved while the candidate types."""

from typing import Any

from app.contract import Question, TextRules
from app.core.session.actions import EditText
from app.core.upload.progress import SessionProgress
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _, ngettext

_LINES = {True: "4", False: "10"}  # rows of the text area: beside a recording, and alone


class TextField:
    def __init__(self, question: Question, rules: TextRules, context: ViewContext) -> None:
        self._question = question
        self._most = rules.max_characters
        self._dispatch = context.dispatch
        id_ = f"text-{question.id}"
        label = _("Add something in writing, if you like") if question.tracks else _("Your answer")
        made = Template("text-field")
        self.node, self._area = made.node, made.part("area")
        self._state, self._shape, self._word = made.part("state"), made.part("shape"), made.part("word")
        self._count = made.part("count")
        self._count.attribute("id", f"{id_}-count")
        self._area.attributes(
            id=id_,
            rows=_LINES[bool(question.tracks)],
            maxlength=str(self._most),
            aria_describedby=f"{id_}-count",
        )
        name = made.part("label")
        name.text(label)
        name.attribute("for", id_)
        context.listeners.add(self._area.js_element, "input", self._on_input)
        self._state.show(False)
        self._show_count("")

    def fill(self, text: str) -> None:
        """Write the text of an earlier visit. From then on the text area has what the candidate types."""
        self._area.js_element.value = text

    def show(self, text: str, progress: SessionProgress | None) -> None:
        """Show whether the session has what is written (`text`), and whether it is stored."""
        written = self._written
        is_stored = progress is None or self._question.id not in progress.unstored
        is_held_up = progress is not None and (progress.is_paused or progress.is_offline or progress.has_failed)
        if written or text:
            self._state.show()
        self._show_count(written)
        self._show_state(is_saved=written == _with_newlines(text) and is_stored, is_held_up=is_held_up)

    @property
    def _written(self) -> str:
        return str(self._area.js_element.value)

    def _on_input(self, _js_event: Any) -> None:
        self._state.show()
        self._show_count(self._written)
        self._show_state(is_saved=False, is_held_up=False)  # until the session has it
        self._dispatch(EditText(self._question.id, self._written))

    def _show_state(self, *, is_saved: bool, is_held_up: bool) -> None:
        self._state.attribute("data-saved", "true" if is_saved else "false")
        self._shape.attribute("data-icon", "check" if is_saved else "clock")
        self._word.text(_("Saved") if is_saved else _("Not stored yet") if is_held_up else _("Saving…"))

    def _show_count(self, text: str) -> None:
        pattern = ngettext("{written} of {most} character", "{written} of {most} characters", self._most)
        if len(text) >= self._most:
            pattern = _("{count}, that is all there is room for").format(count=pattern)
        self._count.text(pattern.format(written=words.count(len(text)), most=words.count(self._most)))


def _with_newlines(text: str) -> str:
    """Return the text as a text area gives it back."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
