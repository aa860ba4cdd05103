"""Show what stands in the way, where it stands in the way, with the one thing to do about it."""

from collections.abc import Mapping

import js

from app.browser.interop import Listeners
from app.core.notices import Notice, Topic
from app.core.session.actions import Action, CheckDevices, GoTo, RetryUploads, Submit, TakeOver
from app.page.kit.context import Dispatch
from app.page.kit.dom import Button, Node, element, icon
from app.page.notices.browser_family import Browser, browser_of
from app.page.notices.notice import NoticeAction, NoticeWords, Weight
from app.page.notices.notice_words import detail_of, words_for
from app.page.notices.permission_steps import steps_for

ICONS = {Weight.DONE: "check", Weight.INFO: "info", Weight.WARNING: "alert", Weight.ALERT: "alert"}
_ACTIONS: Mapping[NoticeAction, Action] = {
    NoticeAction.CHECK_DEVICES: CheckDevices(),
    NoticeAction.RETRY_UPLOADS: RetryUploads(),
    NoticeAction.SUBMIT: Submit(),
    NoticeAction.TAKE_OVER: TakeOver(),
}


class NoticeBoard:
    """Hold the notices of one place, at most one a topic and question."""

    def __init__(self, names: Mapping[str, str], dispatch: Dispatch) -> None:
        """`names` tells how each question is called in a link to it."""
        self.node = element("div", class_="notices")
        self._names = names
        self._dispatch = dispatch
        self._shown: dict[tuple[Topic, str | None], tuple[Notice, Node, Listeners]] = {}

    def show(self, notice: Notice, *, takes_focus: bool = False) -> None:
        key = (notice.topic, notice.question)
        if key in self._shown and self._shown[key][0] == notice and not takes_focus:
            return  # saying it again would make a screen reader say it again
        self.hide(*key)
        listeners = Listeners()
        node = self._make(notice, listeners)
        self._shown[key] = (notice, node, listeners)
        self.node.put(node)
        if takes_focus:
            node.focus()

    def hide(self, topic: Topic, question: str | None = None) -> None:
        if (shown := self._shown.pop((topic, question), None)) is not None:
            _notice, node, listeners = shown
            listeners.close()
            node.remove()

    def close(self) -> None:
        for key in list(self._shown):
            self.hide(*key)

    def _make(self, notice: Notice, listeners: Listeners) -> Node:
        found = words_for(notice)
        text = element(
            "div", element("p", found.title, class_="notice-title"), element("p", found.body), class_="notice-text"
        )
        if steps := steps_for(notice.topic, _browser()):
            text.put(element("ol", *(element("li", step) for step in steps), class_="notice-steps"))
        if notice.questions:
            text.put(self._links(notice.questions, listeners))
        if detail := detail_of(notice):
            text.put(element("p", detail, class_="notice-detail"))
        if found.action is not NoticeAction.NONE:
            text.put(action_button(found, self._dispatch, listeners))
        return element(
            "section",
            icon(ICONS[found.weight]),
            text,
            class_="notice",
            tabindex="-1",
            role="alert" if found.weight is Weight.ALERT else "status",
            data_notice=notice.topic.value,
            data_weight=found.weight.name.lower(),
        )

    def _links(self, questions: tuple[str, ...], listeners: Listeners) -> Node:
        return element("ul", *(element("li", self._link(question, listeners)) for question in questions))

    def _link(self, question: str, listeners: Listeners) -> Node:
        name = self._names.get(question, question)
        return Button(
            listeners,
            name,
            lambda: self._dispatch(GoTo(question)),
            label_dir="auto",
            class_="link",
            data_goto=question,
        )


def _browser() -> Browser:
    return browser_of(str(js.navigator.userAgent), int(js.navigator.maxTouchPoints or 0))


def action_button(found: NoticeWords, dispatch: Dispatch, listeners: Listeners) -> Button:
    """Make the button of a notice's one action."""

    def press() -> None:
        if found.action is NoticeAction.RELOAD:
            js.location.reload()  # the fragment, and so the ticket, stays
        else:
            dispatch(_ACTIONS[found.action])

    return Button(listeners, found.action_label, press, class_="button")
