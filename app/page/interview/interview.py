"""All views of one interview, built once: device check, questions, overview, totals, submit."""

from app.contract import InterviewGrant
from app.core.notices import DEVICE_TOPICS, Notice, Topic
from app.core.session.view import ScreenState
from app.page.devices.device_check import DeviceCheck
from app.page.interview.deletion import DeletionPanel
from app.page.interview.overview import Overview
from app.page.interview.progress import Totals
from app.page.interview.status import status_of
from app.page.interview.submit import SubmitView
from app.page.kit import words
from app.page.kit.click_guard import ClickGuard
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node, Template
from app.page.kit.language import _
from app.page.notices.board import NoticeBoard
from app.page.question.navigation import Navigation
from app.page.question.question import QuestionView


class InterviewView:
    def __init__(
        self, grant: InterviewGrant, names: dict[str, str], context: ViewContext, standing: Node | None
    ) -> None:
        """Fill `names` with the name, by id, that the rest of the page uses for each question.

        `standing` is this view as far as it was drawn before Python was up; None: it was not.
        """
        questions = grant.interview.questions
        mode = grant.policy.mode
        self.mode = mode
        self._questions = {question.id: question for question in questions}
        names.update({question.id: f"{n}. {words.excerpt(question.prompt)}" for n, question in enumerate(questions, 1)})
        made = Template("interview", standing)
        self.device_check = DeviceCheck(grant, names, context, made.standing("device-check"))
        self._overview = Overview(questions, context)
        self.submit = SubmitView(mode, context)
        self._deletion = DeletionPanel(context)
        self.views = {
            question.id: QuestionView(
                question,
                context,
                place=_place(index + 1, len(questions)),
                mode=mode,
                navigation=Navigation(questions, index, self.submit.focus, context),
                to_overview=self._overview.focus,
            )
            for index, question in enumerate(questions)
        }
        self._navigation = [view.navigation for view in self.views.values()]
        self._totals = Totals(mode, context)
        self.node, self._aside = made.node, made.part("aside")
        self._aside.attribute("aria-label", _("Your interview"))
        self._click_guard = ClickGuard(made.part("front"), context, "[data-step], .device-check button")
        made.fill("device-check", self.device_check.node)
        made.fill("questions", *(view.node for view in self.views.values()))
        made.fill("overview", self._overview.node)
        made.fill("totals", self._totals.node)
        made.fill("submit", self.submit.node)
        made.fill("deletion", self._deletion.node)
        if self.device_check.pressed_at_ms:  # a second click would press what comes in the place of "Allow"
            self._click_guard.begin(self.device_check.pressed_at_ms)
        self._render_statuses(ScreenState())

    def render(self, screen: ScreenState, before: ScreenState) -> None:
        """Render `screen`; compare it with `before`, the state rendered last, to update only what has changed."""
        self._render_device_check(screen, before)
        for view in self.views.values():
            view.render(screen, before)
        if screen.question is not None and screen.question != before.question:
            self._come_to(screen.question)
        if screen.answers is not before.answers:
            self._overview.refuse(screen.recording is not None)
            for navigation in self._navigation:
                navigation.refuse(screen.recording is not None)
        if screen.progress is not None and screen.progress is not before.progress:
            self._totals.show(screen.progress)
        if screen.answers is not before.answers or screen.progress is not before.progress:
            self._render_statuses(screen)
        self.submit.render(screen)
        self._deletion.render(screen)
        self._render_device_test(screen, before)

    def _render_device_check(self, screen: ScreenState, before: ScreenState) -> None:
        if not screen.is_checking_devices:
            return
        is_new = not before.is_checking_devices
        if is_new or screen.devices is not before.devices or screen.stream is not before.stream:
            self._aside.show(False)
            self.device_check.show(screen.devices, screen.stream)
        if is_new:
            self.device_check.focus()

    def _come_to(self, question: str) -> None:
        self.device_check.hide()
        self._aside.show()
        self._overview.show_current(question)
        self._click_guard.begin()
        self.views[question].focus()

    def _render_statuses(self, screen: ScreenState) -> None:
        for id_ in self._questions:
            self._show_status(id_, screen)

    def _render_device_test(self, screen: ScreenState, before: ScreenState) -> None:
        if screen.connection is not before.connection:
            self.device_check.show_connection(screen.connection)
        if screen.advice is not before.advice:
            self.device_check.show_advice(screen.advice)
        if screen.sample is not before.sample:
            self.device_check.show_sample(screen.sample)
        if screen.level is not before.level and screen.level is not None:
            place = self.device_check if screen.question is None else self.views[screen.question]
            place.show_level(screen.level.level)

    def show_notice(self, notice: Notice, board: NoticeBoard, *, is_checking: bool) -> None:
        """Show a notice next to what it is about, or on `board` if it concerns the whole page."""
        if notice.question is not None:
            self.views[notice.question].board.show(notice)
        elif notice.topic is Topic.CUT_OFF:  # each question shows its own notice, too
            self.device_check.board.show(notice)
        elif is_checking and notice.topic in DEVICE_TOPICS:
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

    def _show_status(self, id_: str, screen: ScreenState) -> None:
        is_stored = screen.progress is None or id_ not in screen.progress.unstored
        status = status_of(
            self._questions[id_], screen.answers.get(id_), screen.tracks_of(id_), is_stored=is_stored, mode=self.mode
        )
        self._overview.show_status(id_, status)


def _place(number: int, all_: int) -> str:
    return _("Question {number} of {all}").format(number=number, all=all_)
