"""All questions at a glance, and the way to each of them."""

from collections.abc import Sequence

from app.contract import Question
from app.core.session.actions import GoTo
from app.page.interview.status import Status
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Button, element, icon
from app.page.kit.language import _


class Overview:
    def __init__(self, questions: Sequence[Question], context: ViewContext) -> None:
        self._entries = {question.id: _Entry(question, number, context) for number, question in enumerate(questions, 1)}
        self._heading = element("h2", _("Questions"), id="overview-title", tabindex="-1")
        self.node = element(
            "nav",
            self._heading,
            element("ol", *(element("li", entry.button) for entry in self._entries.values())),
            class_="overview card",
            aria_labelledby="overview-title",
        )

    def show_status(self, question: str, status: Status) -> None:
        self._entries[question].show(status)

    def show_current(self, question: str) -> None:
        for id_, entry in self._entries.items():
            entry.button.attribute("aria-current", "step" if id_ == question else None)

    def focus(self) -> None:
        self._heading.focus()

    def refuse(self, is_refusing: bool) -> None:
        """While a recording runs one stays where one is."""
        for entry in self._entries.values():
            entry.button.refuse(is_refusing)


class _Entry:
    def __init__(self, question: Question, number: int, context: ViewContext) -> None:
        self._shape = icon("circle")
        self._word = element("span")
        self.button = Button(
            context.listeners,
            f"{number}. {words.excerpt(question.prompt)}",
            lambda: context.dispatch(GoTo(question.id)),
            label_dir="auto",
            class_="overview-entry",
            data_goto=question.id,
        )
        self.button.put(element("span", self._shape, self._word, class_="standing"))

    def show(self, status: Status) -> None:
        self._shape.attribute("data-icon", status.icon)
        self._word.text(status.word)
        self.button.attribute("data-standing", status.icon)
