"""One notice on a page of its own: nothing here can go on."""

from app.browser.interop import Listeners
from app.core.notices import Notice
from app.page.kit.context import Dispatch
from app.page.kit.dom import Node, element, icon
from app.page.notices.board import ICONS, action_button
from app.page.notices.notice import NoticeAction
from app.page.notices.notice_words import detail_of, words_for


def dead_end(notice: Notice, dispatch: Dispatch, listeners: Listeners) -> Node:
    """Make the page; its heading takes the focus."""
    found = words_for(notice)
    page = element(
        "section",
        icon(ICONS[found.weight]),
        element("h2", found.title, tabindex="-1"),
        element("p", found.body, class_="lead"),
        class_="final",
        data_dead_end=notice.topic.value,
        data_weight=found.weight.name.lower(),
    )
    if detail := detail_of(notice):
        page.put(element("p", detail, class_="notice-detail"))
    if found.action is not NoticeAction.NONE:
        page.put(action_button(found, dispatch, listeners))
    return page
