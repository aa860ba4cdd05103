"""The submission's table: what is known is made, everything else is refused."""

import itertools

import pytest

from app.core.session.submission import (
    SUBMISSION,
    SubmissionState,
    SubmissionStep,
    is_submitting,
    opens_bulk,
)
from app.core.transitions import TransitionRefused, following

OPEN, FINISHING, STORING, SENDING, RECEIVED = SubmissionState
KNOWN = {
    (OPEN, SubmissionStep.PRESS): FINISHING,
    (OPEN, SubmissionStep.WITHDRAW): OPEN,
    (FINISHING, SubmissionStep.PRESS): FINISHING,
    (FINISHING, SubmissionStep.WITHDRAW): OPEN,
    (FINISHING, SubmissionStep.MISS): OPEN,
    (FINISHING, SubmissionStep.CHECK): STORING,
    (STORING, SubmissionStep.PRESS): STORING,
    (STORING, SubmissionStep.WITHDRAW): OPEN,
    (STORING, SubmissionStep.SEND): SENDING,
    (SENDING, SubmissionStep.PRESS): SENDING,
    (SENDING, SubmissionStep.FAIL): OPEN,
    (SENDING, SubmissionStep.RECEIVE): RECEIVED,
    (RECEIVED, SubmissionStep.PRESS): RECEIVED,
}


@pytest.mark.parametrize(("state", "step"), list(itertools.product(SubmissionState, SubmissionStep)))
def test_known_step_is_made_and_another_is_refused(state, step):
    if (state, step) in KNOWN:
        assert following(SUBMISSION, state, step) is KNOWN[state, step]
    else:
        with pytest.raises(TransitionRefused):
            following(SUBMISSION, state, step)


def test_bulk_uploads_wait_until_no_answer_is_missing():
    assert [opens_bulk(state) for state in SubmissionState] == [False, False, True, True, False]
    assert [is_submitting(state) for state in SubmissionState] == [False, True, True, True, False]
