"""Show notices next to what they concern, each with at most one action."""

from collections.abc import Mapping, Sequence

import js

from app.browser.interop import Listeners
from app.core.notices import Notice, Topic
from app.core.session.actions import Action, CheckDevices, GoTo, RetryUploads, Submit, TakeOver
from app.page.kit.context import Dispatch
from app.page.kit.dom import Node, Template, element
from app.page.notices.browser_family import Browser, browser_of
from app.page.notices.notice import NoticeAction, NoticeWords, Weight
from app.page.notices.notice_words import detail_of, words_for
from app.page.notices.permission_steps import steps_for

_ICONS = {Weight.DONE: "check", Weight.INFO: "info", Weight.WARNING: "alert", Weight.ALERT: "alert"}
_ACTIONS: Mapping[NoticeAction, Action] = {
    NoticeAction.CHECK_DEVICES: CheckDevices(),
    NoticeAction.RETRY_UPLOADS: RetryUploads(),
    NoticeAction.SUBMIT: Submit(),
    NoticeAction.TAKE_OVER: TakeOver(),
}


class NoticeBoard:
    """Hold the notices of one place, at most one per topic and question."""

    def __init__(self, names: Mapping[str, str], dispatch: Dispatch) -> None:
        """`names` gives the text of a link to each question, by id."""
        self.node = element("div", class_="notices")
        self._names = names
        self._dispatch = dispatch
        self._shown: dict[tuple[Topic, str | None], tuple[Notice, Node, Listeners]] = {}

    def show(self, notice: Notice, *, takes_focus: bool = False) -> None:
        key = (notice.topic, notice.question)
        if key in self._shown and self._shown[key][0] == notice and not takes_focus:
            return  # a screen reader would read an unchanged notice again
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
        made, found = Template("notice"), words_for(notice)
        fill_notice(made, notice, found, self._dispatch, listeners)
        made.node.attributes(
            role="alert" if found.weight is Weight.ALERT else "status",
            data_notice=notice.topic.value,
        )
        steps = steps_for(notice.topic, _browser())
        _fill_list(made, "steps", [element("li", step) for step in steps])
        _fill_list(made, "questions", [self._link(question, listeners) for question in notice.questions])
        return made.node

    def _link(self, question: str, listeners: Listeners) -> Node:
        made = Template("notice-question")
        name = self._names.get(question, question)
        link = made.button("go", listeners, name, lambda: self._dispatch(GoTo(question)))
        link.attribute("data-goto", question)
        return made.node


def fill_notice(made: Template, notice: Notice, found: NoticeWords, dispatch: Dispatch, listeners: Listeners) -> None:
    """Fill what a notice and a dead end have in common: icon, words, detail, and the button of the one action."""
    made.node.attribute("data-weight", found.weight.name.lower())
    made.part("shape").attribute("data-icon", _ICONS[found.weight])
    made.text(title=found.title, body=found.body)
    if detail := detail_of(notice):
        made.text(detail=detail)
    else:
        made.drop("detail")
    if found.action is NoticeAction.NONE:
        made.drop("action")
    else:
        made.button("action", listeners, found.action_label, lambda: _act(found.action, dispatch))


def _act(action: NoticeAction, dispatch: Dispatch) -> None:
    if action is NoticeAction.RELOAD:
        js.location.reload()  # this tab has kept the ticket
    else:
        dispatch(_ACTIONS[action])


def _fill_list(made: Template, name: str, items: Sequence[Node]) -> None:
    if items:
        made.part(name).put(*items)
    else:
        made.drop(name)


def _browser() -> Browser:
    return browser_of(str(js.navigator.userAgent), int(js.navigator.maxTouchPoints or 0))
