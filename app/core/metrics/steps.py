"""Say how far a candidate has got."""

from app.contract.efficiency import Step
from app.core.session.events import (
    AnswersRecovered,
    QuestionOpened,
    SessionEvent,
    SubmissionStepped,
    TakeKept,
    TextEdited,
)
from app.core.session.state import SessionState
from app.core.session.submission import SubmissionStep

STEPS = tuple(Step)  # in order


def further(one: Step, other: Step) -> Step:
    return max(one, other, key=STEPS.index)


def step_of(event: SessionEvent, state: SessionState) -> Step:
    """Return the step that `event`, which has led to `state`, has reached."""
    match event:
        case SubmissionStepped(step=SubmissionStep.PRESS):
            return Step.PRESSED
        case TakeKept() | TextEdited() | AnswersRecovered():
            if not any(answer.is_answered for answer in state.answers.values()):
                return Step.OPENED
            return Step.RECORDED if state.missing else Step.ANSWERED
        case QuestionOpened():
            return Step.BEGUN
        case _:
            return Step.OPENED
