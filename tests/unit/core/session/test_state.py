"""Events are folded into one value; what a state does not allow changes nothing."""

import pytest

from app.contract import Question, TextRules, Track, TrackRecord
from app.core.session.answers import MoveRefused, Phase
from app.core.session.events import (
    FileChosen,
    PreparationStarted,
    QuestionOpened,
    RecordingStored,
    SessionEvent,
    SubmissionStepped,
    TakeKept,
    TakeReplaced,
    TakeRestored,
    TakeSetAside,
    TakeStarted,
    TakeStopped,
    TextEdited,
    TextHandedOn,
)
from app.core.session.machine import SessionMachine
from app.core.session.state import SessionState, fold, opened
from app.core.session.submission import SubmissionState, SubmissionStep
from app.core.transitions import TransitionRefused
from app.core.upload.events import TakeMoved
from app.core.upload.recording_id import RecordingId

SPOKEN = Question(id="q1", prompt="Who are you?", tracks=(Track.VIDEO,), takes=3)
WRITTEN = Question(id="q2", prompt="Why?", text=TextRules())
START = opened((SPOKEN, WRITTEN))
VIDEO = frozenset({Track.VIDEO})
RECORD = TrackRecord(key="k", size=3, sha256="0" * 64, content_type="video/webm", duration_s=1.0)
TAKEN = (TakeStarted("q1", "a"), TakeStopped("q1"), TakeKept("q1", VIDEO, 2.0))


def after(*events: SessionEvent, start: SessionState = START) -> SessionState:
    state = start
    for event in events:
        state = fold(state, event)
    return state


def stored(key: str) -> RecordingStored:
    return RecordingStored(RecordingId("q1", Track.VIDEO, key), RECORD)


def test_state_is_a_value_that_no_event_changes():
    before = after(*TAKEN)
    fold(before, TakeSetAside("q1"))
    assert before == after(*TAKEN)


def test_take_counts_from_its_start_to_its_end():
    assert after(TakeStarted("q1", "a")).is_speaking
    state = after(*TAKEN)
    assert (state.answers["q1"].phase, state.is_speaking, state.missing) == (Phase.TAKEN, False, ("q2",))


def test_chosen_file_is_a_take_that_ends_as_it_begins():
    answer = after(FileChosen("q1", "a")).answers["q1"]
    assert (answer.phase, answer.key) == (Phase.FINISHING, "a")


def test_preparation_is_found_by_its_question():
    assert (START.preparing, after(PreparationStarted("q1")).preparing) == (None, "q1")


def test_stored_recording_counts_for_the_take_that_it_belongs_to_whatever_its_number():
    state = after(*TAKEN, TakeMoved(RecordingId("q1", Track.VIDEO, "a"), 2), stored("a"))
    assert (state.answers["q1"].take, state.answers["q1"].is_stored) == (2, True)
    state = after(TakeSetAside("q1"), TakeStarted("q1", "b"), stored("a"), start=after(*TAKEN))
    assert state.answers["q1"].tracks == {}
    assert state.answers["q1"].discarded is not None
    assert state.answers["q1"].discarded.tracks == {Track.VIDEO: RECORD}


def test_discarded_take_is_restored_as_it_was_until_another_has_replaced_it():
    taken = after(*TAKEN, stored("a"))
    assert after(TakeSetAside("q1"), TakeRestored("q1"), start=taken) == taken
    with pytest.raises(MoveRefused):
        after(TakeSetAside("q1"), TakeReplaced("q1"), TakeRestored("q1"), start=taken)


def test_words_are_an_answer_and_count_their_revisions():
    state = after(TextEdited("q2", "Because."), TextHandedOn("q2"), start=after(*TAKEN))
    assert state.missing == ()
    assert [(answer.question, answer.revision) for answer in state.to_submit().answers] == [("q1", 0), ("q2", 1)]


def test_question_comes_to_the_front():
    assert (START.front, after(QuestionOpened("q2")).front) == (None, "q2")


def test_machine_tells_each_event_with_the_state_before_it_and_nothing_of_a_refused_one():
    told: list[tuple[SessionEvent, SubmissionState]] = []
    machine = SessionMachine(START, lambda event, before: told.append((event, before.submission)))
    machine.tell(SubmissionStepped(SubmissionStep.PRESS))
    with pytest.raises(TransitionRefused):
        machine.tell(SubmissionStepped(SubmissionStep.SEND))
    with pytest.raises(MoveRefused):
        machine.tell(TakeStopped("q1"))
    assert told == [(SubmissionStepped(SubmissionStep.PRESS), SubmissionState.OPEN)]
    assert machine.state.submission is SubmissionState.FINISHING
