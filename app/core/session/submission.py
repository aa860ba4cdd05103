"""The states of the submission, from Submit to the receipt, and their transitions."""

from enum import Enum, auto


class SubmissionState(Enum):
    OPEN = auto()  # the candidate is answering
    FINISHING = auto()  # Submit was pressed; the last recording is not completely journalled yet
    STORING = auto()  # no answer is missing; not everything is in the store yet
    SENDING = auto()  # the signer was asked to close the session
    RECEIVED = auto()


class SubmissionStep(Enum):
    PRESS = auto()
    WITHDRAW = auto()  # the candidate has changed an answer instead
    MISS = auto()  # a required answer is missing
    CHECK = auto()  # none is missing
    SEND = auto()  # everything is stored
    FAIL = auto()  # the signer did not accept it; Submit may be pressed again
    RECEIVE = auto()


SUBMISSION = {
    (SubmissionState.OPEN, SubmissionStep.PRESS): SubmissionState.FINISHING,
    (SubmissionState.OPEN, SubmissionStep.WITHDRAW): SubmissionState.OPEN,
    (SubmissionState.FINISHING, SubmissionStep.PRESS): SubmissionState.FINISHING,
    (SubmissionState.FINISHING, SubmissionStep.WITHDRAW): SubmissionState.OPEN,
    (SubmissionState.FINISHING, SubmissionStep.MISS): SubmissionState.OPEN,
    (SubmissionState.FINISHING, SubmissionStep.CHECK): SubmissionState.STORING,
    (SubmissionState.STORING, SubmissionStep.PRESS): SubmissionState.STORING,
    (SubmissionState.STORING, SubmissionStep.WITHDRAW): SubmissionState.OPEN,
    (SubmissionState.STORING, SubmissionStep.SEND): SubmissionState.SENDING,
    (SubmissionState.SENDING, SubmissionStep.PRESS): SubmissionState.SENDING,
    (SubmissionState.SENDING, SubmissionStep.FAIL): SubmissionState.OPEN,
    (SubmissionState.RECEIVED, SubmissionStep.PRESS): SubmissionState.RECEIVED,
    (SubmissionState.SENDING, SubmissionStep.RECEIVE): SubmissionState.RECEIVED,
}


def is_submitting(state: SubmissionState) -> bool:
    """Return whether a submission is in progress."""
    return state in (SubmissionState.FINISHING, SubmissionState.STORING, SubmissionState.SENDING)


def opens_bulk(state: SubmissionState) -> bool:
    """Return whether bulk uploads may run: Submit was pressed, and no answer is missing."""
    return state in (SubmissionState.STORING, SubmissionState.SENDING)
