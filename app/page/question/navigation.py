"""The way to the question before and after; behind the last one it leads to Submit."""

from collections.abc import Callable, Sequence

from app.contract import Question
from app.core.session.actions import GoTo
from app.page.kit.context import ViewContext
from app.page.kit.dom import Button, Node, element
from app.page.kit.language import _


class Navigation:
    def __init__(
        self, questions: Sequence[Question], index: int, to_submit: Callable[[], None], context: ViewContext
    ) -> None:
        """`index` is the question's place, from 0."""
        self._leaving: list[Button] = []
        self._why = element("p", _("Stop the recording before you go on."), class_="steps-why", hidden=True)
        row = element("div", class_="steps-row")
        if index > 0:
            row.put(self._way(questions[index - 1], context, _("Previous question"), "back"))
        if index + 1 < len(questions):
            row.put(self._way(questions[index + 1], context, _("Next question"), "forward"))
        else:
            row.put(
                Button(
                    context.listeners,
                    _("Go to Submit"),
                    to_submit,
                    "forward",
                    class_="button quiet",
                    data_step="submit",
                )
            )
        self.node: Node = element("div", row, self._why, class_="steps")

    def refuse(self, is_refusing: bool) -> None:
        for button in self._leaving:
            button.refuse(is_refusing)
        self._why.show(is_refusing and bool(self._leaving))

    def _way(self, question: Question, context: ViewContext, label: str, direction: str) -> Button:
        def go() -> None:
            context.dispatch(GoTo(question.id))

        button = Button(context.listeners, label, go, direction, class_="button quiet", data_step=direction)
        self._leaving.append(button)
        return button
