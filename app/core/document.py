"""The small JSON document beside an answer's recordings."""

from app.contract import AnswerRecord
from app.core.steps import Step, StepEvent, StepState


class Document:
    """One answer.json that follows its answer's latest state."""

    def __init__(self, record: AnswerRecord) -> None:
        self.record = record
        self.step = Step()

    def rewrite(self, record: AnswerRecord) -> None:
        self.record = record
        if self.step.state is not StepState.IN_FLIGHT:  # else `stored` sees that it is out of date
            self.step.on(StepEvent.REOPENED)

    def stored(self, record: AnswerRecord) -> None:
        self.step.on(StepEvent.SUCCEEDED)
        if record != self.record:
            self.step.on(StepEvent.REOPENED)
