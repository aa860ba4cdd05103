"""The screen is one value, and is rendered at most once a frame."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.contract import Interview, InterviewGrant, Question, SubmissionReceipt, Track, UploadPolicy
from app.contract.efficiency import Efficiency
from app.core.notices import DEVICE_TOPICS, Notice, Topic
from app.core.recording.devices import DevicesView
from app.core.session.answers import Answer, Phase
from app.core.session.events import QuestionOpened, SubmissionStepped
from app.core.session.notice_events import DevicesAnswered, DevicesRefused, RecordingCutOff, StorageMissing
from app.core.session.screen import Screen
from app.core.session.state import SessionState
from app.core.session.submission import SubmissionState, SubmissionStep
from app.core.session.view import ScreenState
from app.page.notices.device_words import DEVICES

BLOCKED = DevicesRefused(Topic.PERMISSION_DENIED)
RECEIPT = SubmissionReceipt(interview="d", session="s", submitted_at="2026-11-22T12:00:00Z", answers=())
REPORT = Efficiency(mode="progressive", step="submitted", questions=1, answered=1, open_s=1.0)


class Page:
    def __init__(self) -> None:
        self.rendered: list[ScreenState] = []
        self.is_closed = False

    def render(self, screen: ScreenState) -> None:
        self.rendered.append(screen)

    def close(self) -> None:
        self.is_closed = True


class Paper:
    """Frames that come when the test wants them, and the pages that were made."""

    def __init__(self) -> None:
        self.asked: list[Callable[[], None]] = []
        self.pages: list[Page] = []
        self.dead_ends: list[Topic] = []
        self.screen = Screen(self._make, self, self.dead_ends.append)
        self.screen.redraw()

    def request(self, draw: Callable[[], None]) -> None:
        self.asked.append(draw)

    def paint(self) -> None:
        (draw,) = self.asked
        self.asked.clear()
        draw()

    @property
    def last(self) -> ScreenState:
        return self.pages[-1].rendered[-1]

    def _make(self) -> Page:
        self.pages.append(Page())
        return self.pages[-1]


@pytest.fixture
def paper():
    return Paper()


def grant() -> InterviewGrant:
    questions = tuple(Question(id=id_, prompt="Why?", tracks=(Track.VIDEO,)) for id_ in ("q1", "q2"))
    interview = Interview(id="d", title="D", questions=questions)
    return InterviewGrant(
        session="s", interview=interview, policy=UploadPolicy(), store_origin="http://store", expires_in_s=1.0
    )


def session(**answers: Answer) -> SessionState:
    return SessionState({question.id: Answer(question) for question in grant().interview.questions} | answers)


def answer(question: str, phase: Phase = Phase.TAKEN) -> Answer:
    given = frozenset({Track.VIDEO}) if phase is Phase.TAKEN else frozenset()
    question_ = next(one for one in grant().interview.questions if one.id == question)
    return Answer(question_, phase=phase, take=1, given=given)


def test_however_much_changes_it_is_rendered_once_a_frame(paper):
    paper.screen.show_interview(grant())
    for level in (0.1, 0.2, 0.3):
        paper.screen.show_level(level)
    paper.screen.show_clock("q1", 1.0, 59.0)
    assert len(paper.pages[0].rendered) == 1, "only as it was made"
    paper.paint()
    assert len(paper.pages[0].rendered) == 2
    assert paper.last.level is not None
    assert (paper.last.level.level, paper.last.clocks["q1"].elapsed_s) == (0.3, 1.0)
    assert paper.asked == []
    paper.screen.show_level(0.4)
    assert len(paper.asked) == 1


def test_another_language_renders_the_same_screen_on_a_new_page(paper):
    paper.screen.show_interview(grant())
    paper.screen.note(BLOCKED)
    paper.screen.redraw()
    assert [page.is_closed for page in paper.pages] == [True, False]
    assert paper.last is paper.screen.state
    paper.paint()
    assert len(paper.pages[1].rendered) == 1, "nothing is new"


@pytest.mark.parametrize("is_receipt", [True, False])
def test_end_is_rendered_at_once_and_keeps_of_the_rest_only_the_interview(paper, is_receipt):
    paper.screen.show_interview(grant())
    paper.screen.note(BLOCKED)
    if is_receipt:
        paper.screen.show_receipt(RECEIPT, REPORT)
    else:
        paper.screen.show_dead_end(Notice(Topic.TAKEN_OVER))
    assert paper.last.is_over
    assert (paper.last.notices, paper.last.grant) == ({}, grant())
    assert paper.dead_ends == ([] if is_receipt else [Topic.TAKEN_OVER])


def test_dead_end_gives_way_when_the_interview_is_taken_over_and_notices_since_are_there(paper):
    paper.screen.show_dead_end(Notice(Topic.OTHER_TAB))
    paper.screen.note(StorageMissing())
    paper.screen.show_interview(grant())
    paper.paint()
    assert (paper.last.is_over, list(paper.last.notices)) == (False, [(Topic.NO_BACKUP, None)])


def test_what_was_in_the_way_of_the_device_check_goes_with_it(paper):
    paper.screen.show_interview(grant())
    paper.screen.show_device_check(DevicesView(needs_camera=True), None)
    paper.screen.note(BLOCKED)
    paper.screen.note(RecordingCutOff("q1", 3.0))
    paper.screen.show_question("q1", None)
    assert list(paper.screen.state.notices) == [(Topic.CUT_OFF, "q1")]
    paper.screen.note(BLOCKED)
    paper.screen.show_question("q2", None)
    assert (Topic.PERMISSION_DENIED, None) in paper.screen.state.notices, "a question keeps what was said at another"


def test_list_of_missing_answers_gets_shorter_as_they_are_given(paper):
    paper.screen.show_interview(grant())
    paper.screen.follow(SubmissionStepped(SubmissionStep.MISS), session())
    assert paper.screen.state.notices[Topic.SUBMIT_MISSING, None].questions == ("q1", "q2")
    paper.screen.follow(QuestionOpened("q1"), session(q1=answer("q1")))
    assert paper.screen.state.notices[Topic.SUBMIT_MISSING, None].questions == ("q2",)
    paper.screen.follow(QuestionOpened("q1"), session(q1=answer("q1", Phase.READY)))
    assert paper.screen.state.notices[Topic.SUBMIT_MISSING, None].questions == ("q2",)
    paper.screen.follow(QuestionOpened("q1"), session(q2=answer("q2")))
    assert paper.screen.state.notices == {}


def test_answers_and_submission_are_those_of_the_session(paper):
    paper.screen.show_interview(grant())
    assert (paper.screen.state.missing, paper.screen.state.recording) == (2, None)
    state = session(q1=answer("q1", Phase.RECORDING), q2=answer("q2"))
    paper.screen.follow(QuestionOpened("q1"), state)
    assert (paper.screen.state.missing, paper.screen.state.recording) == (1, "q1")
    shown = paper.screen.state.answers
    paper.screen.follow(SubmissionStepped(SubmissionStep.SEND), replace(state, submission=SubmissionState.SENDING))
    assert paper.screen.state.is_submitting
    assert all(view is shown[id_] for id_, view in paper.screen.state.answers.items()), (
        "the page skips what is the same"
    )


def test_event_that_changes_no_notice_asks_for_no_frame(paper):
    paper.screen.show_interview(grant())
    paper.paint()
    paper.screen.note(DevicesAnswered())
    assert paper.asked == []


def test_every_topic_of_devices_has_its_words():
    assert DEVICES.keys() == DEVICE_TOPICS
