"""A written answer: saved while the candidate types."""

from typing import Any

from app.contract import Question, TextRules
from app.core.session.actions import EditText
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
        self._typed: str | None = None  # None: nothing typed on this page yet
        self._given = ""  # the session's text
        self._is_stored = True
        self._is_held_up = False
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
        self._settle()

    def show_text(self, text: str) -> None:
        """Show the session's text, unless the candidate has typed on this page already."""
        self._given = text
        if self._typed is None and text:
            self._area.js_element.value = text
        self._settle()

    def show_stored(self, is_stored: bool, is_held_up: bool) -> None:
        """Show whether the text is stored. `is_held_up`: nothing is sent now (paused, offline, failed)."""
        self._is_stored = is_stored
        self._is_held_up = is_held_up
        self._settle()

    def _on_input(self, _js_event: Any) -> None:
        self._typed = str(self._area.js_element.value)
        self._settle()
        self._dispatch(EditText(self._question.id, self._typed))

    def _settle(self) -> None:
        text = self._given if self._typed is None else self._typed
        is_saved = text == self._given and self._is_stored
        self._state.show(self._typed is not None or bool(text))
        self._state.attribute("data-saved", "true" if is_saved else "false")
        self._shape.attribute("data-icon", "check" if is_saved else "clock")
        self._word.text(_("Saved") if is_saved else _("Not stored yet") if self._is_held_up else _("Saving…"))
        pattern = ngettext("{written} of {most} character", "{written} of {most} characters", self._most)
        if len(text) >= self._most:
            pattern = _("{count}, that is all there is room for").format(count=pattern)
        self._count.text(pattern.format(written=words.count(len(text)), most=words.count(self._most)))
