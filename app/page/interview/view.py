"""The page as the drivers know it: each figure goes to the view that shows it."""

from collections.abc import Callable, Mapping
from typing import Any

from app.contract import InterviewGrant, SubmissionReceipt, Track
from app.core.notices import Notice, Topic
from app.core.recording.devices import DevicesView, SampleRecording, Stream
from app.core.recording.signal_quality import Advice
from app.core.session.actions import Action, GoTo
from app.core.session.answers import AnswerView
from app.core.upload.progress import SessionProgress
from app.page.interview.interview import InterviewView
from app.page.interview.receipt import receipt_page
from app.page.interview.shell import Shell
from app.page.interview.status import Status, session_status
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node, element
from app.page.kit.language import _
from app.page.notices.board import NoticeBoard
from app.page.notices.dead_end import dead_end


class PageView:
    """Fill `core.view.View` with the DOM. Wishes go to `dispatch`, which must only enqueue.

    Once the final page or a dead end stands, further figures are let pass.
    """

    def __init__(self, js_document: Any, dispatch: Callable[[Action], None]) -> None:
        self._shell = Shell(js_document)
        self._hand_on = dispatch
        self._wiring = ViewContext(self._dispatch, self._shell.announce)
        self._names: dict[str, str] = {}
        self._board = NoticeBoard(self._names, self._dispatch)
        self._interview: InterviewView | None = None
        self._missing: tuple[str, ...] = ()  # questions that a Submit has found without an answer
        self._shell.fill(self._board.node, _loading())

    def show_interview(self, grant: InterviewGrant) -> None:
        self._shell.show_title(grant.interview.title)
        self._interview = InterviewView(grant, self._names, self._wiring)
        self._shell.fill(self._board.node, self._interview.node)

    def show_device_check(self, view: DevicesView, stream: Stream | None) -> None:
        if self._interview:
            self._interview.show_device_check(view, stream)

    def show_level(self, level: float | None) -> None:
        if self._interview:
            self._interview.show_level(level)

    def show_advice(self, advice: frozenset[Advice]) -> None:
        if self._interview:
            self._interview.device_check.show_advice(advice)

    def show_sample(self, sample: SampleRecording) -> None:
        if self._interview:
            self._interview.device_check.show_sample(sample)

    def show_devices(self, view: DevicesView) -> None:
        if self._interview:
            for question in self._interview.views.values():
                question.show_devices(view)

    def show_question(self, question: str, stream: Stream | None) -> None:
        if self._interview:
            self._interview.show_question(question, stream)

    def show_answer(self, answer: AnswerView) -> None:
        if self._interview:
            self._interview.show_answer(answer)
            self._follow_missing(self._interview)
            is_recording = self._interview.recording is not None
            self._shell.show_flag("recording", is_recording)
            self._shell.show_tab(_("● Recording") if is_recording else "")
            self._show_status(self._interview)

    def show_clock(self, question: str, elapsed_s: float, remaining_s: float) -> None:
        if self._interview:
            self._interview.views[question].show_clock(elapsed_s, remaining_s)

    def show_playback(self, question: str, urls: Mapping[Track, str]) -> None:
        if self._interview:
            self._interview.views[question].show_playback(urls)

    def show_progress(self, progress: SessionProgress) -> None:
        if self._interview:
            self._interview.show_progress(progress)
            self._shell.show_flag("safe", progress.is_safe)
            self._show_status(self._interview)

    def show_notice(self, notice: Notice) -> None:
        if notice.topic is Topic.SUBMIT_MISSING:
            self._missing = notice.questions
            self._board.show(notice, takes_focus=True)  # the candidate has just pressed Submit, elsewhere on the page
        elif self._interview is None:
            self._board.show(notice)
        else:
            self._interview.show_notice(notice, self._board)

    def hide_notice(self, topic: Topic, question: str | None = None) -> None:
        if topic is Topic.SUBMIT_MISSING:
            self._missing = ()
        self._board.hide(topic, question)
        if self._interview:
            self._interview.hide_notice(topic, question)

    def show_submitting(self, is_submitting: bool) -> None:
        if self._interview:
            self._interview.submit.show_submitting(is_submitting)

    def show_receipt(self, receipt: SubmissionReceipt) -> None:
        self.close()
        self._finish(receipt_page(receipt, self._names))
        self._shell.show_flag("safe", True)
        self._shell.show_tab(_("Submitted"))

    def show_dead_end(self, notice: Notice) -> None:
        self.close()
        self._finish(dead_end(notice, self._dispatch, self._wiring.listeners))

    def close(self) -> None:
        """Detach everything; may be called twice."""
        self._board.close()
        if self._interview is not None:
            self._interview.close()
            self._interview = None
        self._wiring.listeners.close()

    def _finish(self, page: Node) -> None:
        """Replace everything by `page`."""
        self._shell.show_status(None)
        self._shell.show_flag("recording", False)
        self._shell.show_tab("")
        self._shell.fill(self._board.node, page)
        self._shell.focus_heading()

    def _show_status(self, interview: InterviewView) -> None:
        """Tell at the top of the page what matters most; nothing while there is nothing to tell."""
        progress = interview.progress
        if interview.recording is not None:
            self._shell.show_status(Status("record", _("Recording")))
        elif progress is None or (progress.is_safe and not progress.recorded):
            self._shell.show_status(None)
        else:
            self._shell.show_status(session_status(progress, interview.mode))

    def _dispatch(self, action: Action) -> None:
        """Hand a wish on, unless it would leave a recording that runs."""
        recording = self._interview.recording if self._interview else None
        if isinstance(action, GoTo) and recording is not None and recording != action.question:
            self._shell.announce(_("Stop the recording before you go on."))
        else:
            self._hand_on(action)

    def _follow_missing(self, interview: InterviewView) -> None:
        """Take answers off the list of missing ones as they are given; with the last, the list itself."""
        left = tuple(question for question in self._missing if not interview.is_answered(question))
        if left == self._missing:
            return
        if left:
            self._board.show(Notice(Topic.SUBMIT_MISSING, questions=left))
        else:
            self._board.hide(Topic.SUBMIT_MISSING)
        self._missing = left


def _loading() -> Node:
    """Bridge the time until the signer has answered."""
    words = element("p", _("Fetching your interview…"), role="status")
    return element("div", words, element("progress", aria_label=_("Loading")), class_="loading")
