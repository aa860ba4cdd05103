"""The small JSON document beside an answer's recordings."""

from app.contract import AnswerRecord
from app.core.upload.refusals import Unanswered
from app.core.upload.steps import Step, StepEvent


class Document:
    """Keep one answer.json up to date with its answer."""

    def __init__(self, record: AnswerRecord) -> None:
        self.record = record
        self.step = Step()
        self.unanswered = Unanswered()

    def rewrite(self, record: AnswerRecord) -> None:
        self.record = record
        # If the old record is in flight, `stored` detects the change. If the store refuses it, it refuses any content.
        if not (self.step.is_in_flight or (self.step.has_failed and self.step.trouble is not None)):
            self.step.on(StepEvent.REOPENED)

    def stored(self, record: AnswerRecord) -> None:
        self.step.on(StepEvent.SUCCEEDED)
        self.unanswered.clear()
        if record != self.record:
            self.step.on(StepEvent.REOPENED)
