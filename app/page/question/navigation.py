"""Lead to the previous and the next question; from the last one, to Submit."""

from collections.abc import Callable, Sequence

from app.contract import Question
from app.core.session.actions import GoTo
from app.page.kit.context import ViewContext
from app.page.kit.dom import Button, Template
from app.page.kit.language import _


class Navigation:
    def __init__(
        self, questions: Sequence[Question], index: int, to_submit: Callable[[], None], context: ViewContext
    ) -> None:
        """`index` is the question's position, from 0."""
        self._made = Template("navigation")
        self._context = context
        self._leaving: list[Button] = []
        self._add("back", _("Previous question"), questions[index - 1] if index > 0 else None)
        self._add("forward", _("Next question"), questions[index + 1] if index + 1 < len(questions) else None)
        if index + 1 < len(questions):
            self._made.drop("submit")
        else:
            self._made.button("submit", context.listeners, _("Go to Submit"), to_submit)
        self.node, self._why = self._made.node, self._made.part("why")
        self._why.text(_("Stop the recording before you go on."))

    def refuse(self, is_refusing: bool) -> None:
        for button in self._leaving:
            button.refuse(is_refusing)
        self._why.show(is_refusing and bool(self._leaving))

    def _add(self, direction: str, label: str, question: Question | None) -> None:
        """Add the button that leads to `question`; None: there is no question in this direction."""
        if question is None:
            self._made.drop(direction)
            return
        there = GoTo(question.id)
        button = self._made.button(direction, self._context.listeners, label, lambda: self._context.dispatch(there))
        self._leaving.append(button)
