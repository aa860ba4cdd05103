"""All views of one interview, built once: device check, questions, overview, totals, submit."""

from collections.abc import Sequence

from app.contract import InterviewGrant, Question
from app.core.notices import Notice, Topic
from app.core.recording.devices import DevicesView, Stream
from app.core.session.answers import AnswerView, Phase
from app.core.upload.progress import SessionProgress, TrackProgress
from app.page.devices.device_check import DeviceCheck
from app.page.interview.overview import Overview
from app.page.interview.progress import Totals
from app.page.interview.status import status_of
from app.page.interview.submit import SubmitView
from app.page.kit import words
from app.page.kit.click_guard import ClickGuard
from app.page.kit.context import ViewContext
from app.page.kit.dom import element
from app.page.kit.language import _
from app.page.notices.board import NoticeBoard
from app.page.notices.device_words import DEVICES
from app.page.question.navigation import Navigation
from app.page.question.question import QuestionView


class InterviewView:
    def __init__(self, grant: InterviewGrant, names: dict[str, str], context: ViewContext) -> None:
        """Fill `names` with what each question is called elsewhere on the page."""
        questions = grant.interview.questions
        mode = grant.policy.mode
        self.mode = mode
        self._questions = {question.id: question for question in questions}
        names.update({question.id: f"{n}. {words.excerpt(question.prompt)}" for n, question in enumerate(questions, 1)})
        self._answers: dict[str, AnswerView] = {}
        self.progress: SessionProgress | None = None
        self.current: str | None = None  # None: the device check is in front
        self.device_check = DeviceCheck(grant, names, context)
        self._overview = Overview(questions, context)
        self.views = {
            question.id: QuestionView(question, _place(number, len(questions)), mode, self._overview.focus, context)
            for number, question in enumerate(questions, 1)
        }
        self.submit = SubmitView(mode, context)
        self._navigation = self._make_navigation(questions, context)
        self._totals = Totals(mode, context)
        self._aside = element(
            "aside",
            self._overview.node,
            self._totals.node,
            self.submit.node,
            class_="beside",
            aria_label=_("Your interview"),
            hidden=True,
        )
        front = element("div", self.device_check.node, *(view.node for view in self.views.values()), class_="front")
        self._click_guard = ClickGuard(front, context, "[data-step], .device-check button")
        self.node = element("div", front, self._aside, class_="interview")
        for question in questions:
            self._show_status(question.id)

    def _make_navigation(self, questions: Sequence[Question], context: ViewContext) -> list[Navigation]:
        made = []
        for index, question in enumerate(questions):
            navigation = Navigation(questions, index, self.submit.focus, context)
            self.views[question.id].node.put(navigation.node)
            made.append(navigation)
        return made

    @property
    def recording(self) -> str | None:
        """The question whose recording runs; None for none."""
        running = (answer.question for answer in self._answers.values() if answer.phase is Phase.RECORDING)
        return next(running, None)

    def show_device_check(self, view: DevicesView, stream: Stream | None) -> None:
        is_new = not self.device_check.is_in_front
        self.current = None
        for question_view in self.views.values():
            question_view.show(False, None)
        self._aside.show(False)
        self.device_check.show(view, stream)
        if is_new:
            self.device_check.focus()

    def show_question(self, question: str, stream: Stream | None) -> None:
        is_new = self.current != question
        self.current = question
        self.device_check.hide()
        for id_, view in self.views.items():
            view.show(id_ == question, stream)
        self._aside.show()
        self._overview.show_current(question)
        if is_new:
            self._click_guard.begin()
            self.views[question].focus()

    def show_answer(self, answer: AnswerView) -> None:
        self._answers[answer.question] = answer
        self.views[answer.question].show_answer(answer)
        self._show_status(answer.question)
        is_recording = self.recording is not None
        self._overview.refuse(is_recording)
        self.submit.show_recording(is_recording)
        self.submit.show_missing(
            sum(question.required and not self.is_answered(question.id) for question in self._questions.values())
        )
        for navigation in self._navigation:
            navigation.refuse(is_recording)

    def show_progress(self, progress: SessionProgress) -> None:
        self.progress = progress
        self._totals.show(progress)
        self.submit.show(progress)
        is_held_up = progress.is_paused or progress.is_offline or progress.has_failed
        for id_, view in self.views.items():
            view.show_tracks(self._tracks_of(id_), progress.bytes_per_second)
            view.show_stored(id_ not in progress.unstored, is_held_up)
            self._show_status(id_)

    def show_level(self, level: float | None) -> None:
        (self.device_check if self.current is None else self.views[self.current]).show_level(level)

    def show_notice(self, notice: Notice, board: NoticeBoard) -> None:
        """Show it nearest to what it is about; on `board` where it concerns the whole page."""
        if notice.question is not None:
            self.views[notice.question].board.show(notice)
        elif notice.topic is Topic.CUT_OFF:  # each question says it itself
            self.device_check.board.show(notice)
        elif self.current is None and notice.topic in DEVICES:
            self.device_check.show_notice(notice)
        else:
            board.show(notice)

    def hide_notice(self, topic: Topic, question: str | None) -> None:
        for board in (self.device_check.board, *(view.board for view in self.views.values())):
            board.hide(topic, question)

    def close(self) -> None:
        self.device_check.hide()
        for view in self.views.values():
            view.close()

    def _show_status(self, id_: str) -> None:
        is_stored = self.progress is None or id_ not in self.progress.unstored
        status = status_of(
            self._questions[id_], self._answers.get(id_), self._tracks_of(id_), is_stored=is_stored, mode=self.mode
        )
        self._overview.show_status(id_, status)

    def is_answered(self, id_: str) -> bool:
        return id_ in self._answers and self._answers[id_].is_answered

    def _tracks_of(self, id_: str) -> list[TrackProgress]:
        """Return the tracks of the take that counts; those given up are on their way out."""
        if self.progress is None:
            return []
        take = self._answers[id_].take if id_ in self._answers else 1
        return [track for track in self.progress.tracks if track.upload.question == id_ and track.take >= take]


def _place(number: int, all_: int) -> str:
    return _("Question {number} of {all}").format(number=number, all=all_)
