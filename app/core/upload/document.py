"""The small JSON document beside an answer's recordings."""

from app.contract import AnswerRecord
from app.core.upload.refusals import Unanswered
from app.core.upload.steps import Step, StepEvent


class Document:
    """One answer.json that follows its answer's latest state."""

    def __init__(self, record: AnswerRecord) -> None:
        self.record = record
        self.step = Step()
        self.unanswered = Unanswered()

    def rewrite(self, record: AnswerRecord) -> None:
        self.record = record
        # In flight, `stored` sees that it is out of date; what is refused is refused whatever it says.
        if not (self.step.is_in_flight or (self.step.has_failed and self.step.trouble is not None)):
            self.step.on(StepEvent.REOPENED)

    def stored(self, record: AnswerRecord) -> None:
        self.step.on(StepEvent.SUCCEEDED)
        self.unanswered.clear()
        if record != self.record:
            self.step.on(StepEvent.REOPENED)
