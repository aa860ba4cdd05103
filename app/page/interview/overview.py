"""List all questions with their status, and a button that leads to each."""

from collections.abc import Sequence

from app.contract import Question
from app.core.session.actions import GoTo
from app.page.interview.status import Status
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _


class Overview:
    def __init__(self, questions: Sequence[Question], context: ViewContext) -> None:
        self._entries = {question.id: _Entry(question, number, context) for number, question in enumerate(questions, 1)}
        made = Template("overview")
        self.node, self._heading = made.node, made.part("heading")
        self._heading.text(_("Questions"))
        made.fill("entries", *(entry.node for entry in self._entries.values()))

    def show_status(self, question: str, status: Status) -> None:
        self._entries[question].show(status)

    def show_current(self, question: str) -> None:
        for id_, entry in self._entries.items():
            entry.button.attribute("aria-current", "step" if id_ == question else None)

    def focus(self) -> None:
        self._heading.focus()

    def refuse(self, is_refusing: bool) -> None:
        """Refuse presses on every question, as a running recording must not be left."""
        for entry in self._entries.values():
            entry.button.refuse(is_refusing)


class _Entry:
    def __init__(self, question: Question, number: int, context: ViewContext) -> None:
        made = Template("overview-entry")
        self.node, self._shape, self._word = made.node, made.part("shape"), made.part("word")
        name = f"{number}. {words.excerpt(question.prompt)}"
        self.button = made.button("go", context.listeners, name, lambda: context.dispatch(GoTo(question.id)))
        self.button.attribute("data-goto", question.id)

    def show(self, status: Status) -> None:
        self._shape.attribute("data-icon", status.icon)
        self._word.text(status.word)
        self.button.attribute("data-standing", status.icon)
