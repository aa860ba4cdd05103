"""The page in one language: render the whole ScreenState, dispatch actions."""

from collections.abc import Callable
from typing import Any

from app.contract import InterviewGrant, SubmissionReceipt
from app.core.notices import Notice, Topic
from app.core.session.actions import Action, GoTo
from app.core.session.view import ScreenState
from app.page.interview.interview import InterviewView
from app.page.interview.receipt import receipt_page
from app.page.interview.shell import Shell
from app.page.interview.status import Status, session_status
from app.page.kit import early
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node, Template
from app.page.kit.language import _
from app.page.notices.board import NoticeBoard
from app.page.notices.dead_end import dead_end


class PageView:
    """Implement `core.session.view.Page` with the DOM. Actions go to `dispatch`, which must only enqueue."""

    def __init__(self, js_document: Any, dispatch: Callable[[Action], None]) -> None:
        self._shell = Shell(js_document)
        self._hand_on = dispatch
        self._context = ViewContext(self._dispatch, self._shell.announce)
        self._names: dict[str, str] = {}
        self._board = NoticeBoard(self._names, self._dispatch)
        self._interview: InterviewView | None = None  # None: no interview is shown
        self._screen = ScreenState()  # the state rendered last, only to find out what has changed
        self._shell.fill(self._board.node, early.standing() or _loading())

    def render(self, screen: ScreenState) -> None:
        before, self._screen = self._screen, screen
        if screen.is_over:
            if (screen.receipt, screen.dead_end) != (before.receipt, before.dead_end):
                self._render_end(screen)
            return
        if screen.grant is not None and (self._interview is None or screen.grant is not before.grant):
            before = ScreenState()
            self._interview = self._make_interview(screen.grant)
        if self._interview is not None:
            self._interview.render(screen, before)
            self._render_shell(screen, self._interview)
        self._render_notices(screen, before)

    def close(self) -> None:
        """Detach everything; may be called twice."""
        self._board.close()
        if self._interview is not None:
            self._interview.close()
            self._interview = None
        self._context.listeners.close()

    def _make_interview(self, grant: InterviewGrant) -> InterviewView:
        self._shell.show_title(grant.interview.title)
        interview = InterviewView(grant, self._names, self._context, early.standing())
        self._shell.fill(self._board.node, interview.node)
        return interview

    def _render_shell(self, screen: ScreenState, interview: InterviewView) -> None:
        """Show the most important status at the top of the page and in the browser's tab."""
        is_recording = screen.recording is not None
        self._shell.show_flag("recording", is_recording)
        self._shell.show_tab(_("● Recording") if is_recording else "")
        progress = screen.progress
        if progress is not None:
            self._shell.show_flag("safe", progress.is_safe)
        if is_recording:
            self._shell.show_status(Status("record", _("Recording")))
        elif progress is None or (progress.is_safe and not progress.recorded):
            self._shell.show_status(None)
        else:
            self._shell.show_status(session_status(progress, interview.mode))

    def _render_notices(self, screen: ScreenState, before: ScreenState) -> None:
        for key in before.notices.keys() - screen.notices.keys():
            self._hide_notice(*key)
        moved = screen.is_checking_devices != before.is_checking_devices  # some notices now belong elsewhere
        for key, notice in screen.notices.items():
            if moved or before.notices.get(key) is not notice:
                self._show_notice(notice, before.notices.get(key))

    def _show_notice(self, notice: Notice, before: Notice | None) -> None:
        if notice.topic is Topic.SUBMIT_MISSING:
            # After a press of Submit, elsewhere on the page, the list takes the focus; not if an answer shortened it.
            is_shorter = before is not None and set(notice.questions) < set(before.questions)
            self._board.show(notice, takes_focus=not is_shorter)
        elif self._interview is None:
            self._board.show(notice)
        else:
            self._interview.show_notice(notice, self._board, is_checking=self._screen.is_checking_devices)

    def _hide_notice(self, topic: Topic, question: str | None) -> None:
        self._board.hide(topic, question)
        if self._interview is not None:
            self._interview.hide_notice(topic, question)

    def _render_end(self, screen: ScreenState) -> None:
        """Replace the whole page with the receipt or with one notice."""
        early.end()
        self.close()
        if screen.receipt is not None:
            self._finish(self._receipt(screen.grant, screen.receipt))
            self._shell.show_flag("safe", True)
            self._shell.show_tab(_("Submitted"))
        elif screen.dead_end is not None:
            self._finish(dead_end(screen.dead_end, self._dispatch, self._context.listeners))

    def _receipt(self, grant: InterviewGrant | None, receipt: SubmissionReceipt) -> Node:
        if grant is not None and not self._names:  # the page was made anew at the end, in another language
            self._make_interview(grant).close()
        return receipt_page(receipt, self._screen.efficiency, self._names)

    def _finish(self, page: Node) -> None:
        self._shell.show_status(None)
        self._shell.show_flag("recording", False)
        self._shell.show_tab("")
        self._shell.fill(self._board.node, page)
        self._shell.focus_heading()

    def _dispatch(self, action: Action) -> None:
        """Pass an action on, unless it would leave a question whose recording runs."""
        recording = self._screen.recording
        if isinstance(action, GoTo) and recording is not None and recording != action.question:
            self._shell.announce(_("Stop the recording before you go on."))
        else:
            self._hand_on(action)


def _loading() -> Node:
    """Make the view that is shown until the signer has answered."""
    made = Template("loading")
    made.text(words=_("Fetching your interview…"))
    made.part("bar").attribute("aria-label", _("Loading"))
    return made.node
