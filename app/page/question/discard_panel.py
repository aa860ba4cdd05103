"""Discard a take after a confirmation, and restore it."""

from app.contract import Question
from app.core.session.actions import Restore, Retake
from app.core.session.answers import AnswerView, Phase
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node, Template
from app.page.kit.language import _


class DiscardPanel:
    """Own the row below the recording, away from the Stop button, and the dialog that confirms a discard."""

    def __init__(self, question: Question, context: ViewContext) -> None:
        self._question = question
        row, asked, listeners = Template("takes"), Template("discard"), context.listeners
        self.node, self.dialog = row.node, asked.node
        self._takes = row.part("words")
        self._ask = row.button("ask", listeners, _("Discard and record again"), self._open)
        self._restore = row.button(
            "restore", listeners, _("Bring it back"), lambda: context.dispatch(Restore(question.id))
        )
        self._title, self._body = asked.part("title"), asked.part("body")
        self._title.attribute("id", f"discard-{question.id}")
        self._body.attribute("id", f"discard-why-{question.id}")
        self.dialog.attribute("aria-labelledby", f"discard-{question.id}")
        self.dialog.attribute("aria-describedby", f"discard-why-{question.id}")
        # No `autofocus`: in a cross-origin frame browsers warn about it even while the dialog is closed.
        self._keep = asked.button("keep", listeners, _("Keep my answer"), self.close)
        asked.button("discard", listeners, _("Discard it"), lambda: self._discard(context))

    @property
    def buttons(self) -> tuple[Node, ...]:
        return self._ask, self._restore

    def show(self, answer: AnswerView) -> None:
        can_ask = answer.phase is Phase.TAKEN and answer.takes_left > 0
        self._ask.show(can_ask)
        self._restore.show(answer.can_restore)
        self._takes.text(self._words(answer))
        self.node.show(can_ask or answer.can_restore or bool(self._words(answer)))
        if not can_ask:
            self.close()
            return
        if answer.duration_s:
            title = _("Discard your answer of {time}?").format(time=words.duration(answer.duration_s))
        else:
            title = _("Discard your answer?")
        self._title.text(title)
        self._body.text(
            _("Then you can record take {number} of {all}. Until you do, you can still bring this answer back.").format(
                number=answer.take + 1, all=self._question.takes
            )
        )

    def close(self) -> None:
        """Close the dialog; the browser returns the focus to the button that opened it."""
        if self.dialog.js_element.open:
            self.dialog.js_element.close()

    def _open(self) -> None:
        self.dialog.js_element.showModal()
        self._keep.focus()

    def _discard(self, context: ViewContext) -> None:
        self.close()
        context.dispatch(Retake(self._question.id))

    def _words(self, answer: AnswerView) -> str:
        if answer.can_restore:
            if answer.duration_s:
                return _("Your answer of {time} is discarded.").format(time=words.duration(answer.duration_s))
            return _("Your answer is discarded.")
        if answer.phase not in (Phase.READY, Phase.TAKEN) or self._question.takes == 1 or answer.takes_left > 0:
            return ""
        return _("This was your last take.") if answer.phase is Phase.TAKEN else _("No take is left.")
