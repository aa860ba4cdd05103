"""Choose a file that was recorded elsewhere as the answer."""

from typing import Any

from app.contract import Question
from app.core.recording.file_rules import accepted_types
from app.core.session.actions import ChooseFile
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _


class FileChoice:
    """Show the browser's own file field, styled as a button: it works with keyboard, touch and screen reader."""

    def __init__(self, question: Question, context: ViewContext) -> None:
        self._question = question
        self._wiring = context
        id_ = f"choose-file-{question.id}"
        accepted = ",".join(accepted_types(question))
        made = Template("file-choice")
        self.node, self._input = made.node, made.part("input")
        self._input.attributes(id=id_, accept=accepted)
        made.part("label").attribute("for", id_)
        made.text(words=_("Choose a file instead"), rules=_rules(question))
        self.node.attribute("data-file", question.id)
        context.listeners.add(self._input.js_element, "change", self._choose)

    def _choose(self, _event: Any) -> None:
        js_files = self._input.js_element.files
        if js_files.length:
            self._wiring.dispatch(ChooseFile(self._question.id, js_files.item(0)))
        self._input.js_element.value = ""  # so that the same file may be chosen again


def _rules(question: Question) -> str:
    """Return which files are accepted: "MP4 or WebM, up to 2 min and 500 MB"."""
    largest = question.file.max_bytes if question.file else 0
    return _("MP4 or WebM, up to {time} and {size}").format(
        time=words.duration(question.limit_s), size=words.size_down(largest)
    )
