"""A page told anew is told in an order that leads to the same page."""

import pytest

from app.contract import Interview, InterviewGrant, Question, Track, UploadPolicy
from app.core.notices import Notice, Topic
from app.core.recording.devices import DevicesView
from app.core.session.answers import AnswerView, Phase
from app.page.interview.retold import RetoldView
from tests.support.fake_page import FakeView

BLOCKED, MISSING = Notice(Topic.PERMISSION_DENIED), Notice(Topic.SUBMIT_MISSING, questions=("q1", "q2"))


class FakePage(FakeView):
    """Write down in which order it is told."""

    def __init__(self):
        super().__init__()
        self.told = []

    def show_interview(self, grant):
        super().show_interview(grant)
        self.told.append("interview")

    def show_device_check(self, view, stream):
        super().show_device_check(view, stream)
        self.told.append("device check")

    def show_question(self, question, stream):
        super().show_question(question, stream)
        self.told.append("question")

    def show_answer(self, answer):
        super().show_answer(answer)
        self.told.append(answer.question)

    def show_clock(self, question, elapsed_s, remaining_s):
        super().show_clock(question, elapsed_s, remaining_s)
        self.told.append("clock")

    def show_notice(self, notice):
        super().show_notice(notice)
        self.told.append(notice.topic)

    def show_dead_end(self, notice):
        super().show_dead_end(notice)
        self.told.append("end")

    def close(self):
        self.told.append("closed")


@pytest.fixture
def pages():
    return []


@pytest.fixture
def view(pages):
    def make():
        pages.append(FakePage())
        return pages[-1]

    return RetoldView(make, lambda topic: None)


def begin(view):
    questions = tuple(Question(id=id_, prompt="Why?", tracks=(Track.VIDEO,)) for id_ in ("q1", "q2"))
    interview = Interview(id="d", title="D", questions=questions)
    view.show_interview(
        InterviewGrant(
            session="s", interview=interview, policy=UploadPolicy(), store_origin="http://store", expires_in_s=1.0
        )
    )
    view.show_device_check(DevicesView(needs_camera=True), None)


def answer(question):
    return AnswerView(question=question, phase=Phase.RECORDING, take=1, takes_left=0, text="", is_answered=False)


def test_a_device_that_was_refused_at_a_question_is_told_at_the_question(view, pages):
    begin(view)
    view.show_question("q1", None)
    view.show_notice(BLOCKED)
    view.show_question("q2", None)

    view.retell()

    assert pages[-1].told == ["interview", "question", Topic.PERMISSION_DENIED]
    assert pages[0].told[-1] == "closed"


def test_what_was_in_the_way_of_the_device_check_is_not_told_after_it(view, pages):
    begin(view)
    view.show_notice(BLOCKED)
    view.retell()
    assert pages[-1].told == ["interview", "device check", Topic.PERMISSION_DENIED]

    view.show_question("q1", None)
    view.retell()

    assert pages[-1].notices == {}


def test_a_clock_is_told_behind_its_answer(view, pages):
    begin(view)
    view.show_clock("q1", 57.0, 3.0)
    view.show_answer(answer("q1"))

    view.retell()

    assert pages[-1].told == ["interview", "device check", "q1", "clock"]


def test_missing_answers_are_told_before_those_that_were_given_since(view, pages):
    begin(view)
    view.show_question("q1", None)
    view.show_answer(answer("q1"))
    view.show_notice(MISSING)
    view.show_answer(answer("q2"))

    view.retell()

    assert pages[-1].told == ["interview", "question", "q1", Topic.SUBMIT_MISSING, "q2"]


def test_a_dead_end_stays_the_last_word_until_the_interview_is_taken_over(view, pages):
    view.show_dead_end(Notice(Topic.OTHER_TAB))
    begin(view)
    view.retell()
    assert pages[-1].told == ["interview", "device check"]

    view.show_dead_end(Notice(Topic.TAKEN_OVER))
    view.retell()
    assert pages[-1].told == ["interview", "end"]
