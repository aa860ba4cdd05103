"""Show one notice on a page of its own: the session cannot go on here."""

from app.browser.interop import Listeners
from app.core.notices import Notice
from app.page.kit.context import Dispatch
from app.page.kit.dom import Node, Template
from app.page.notices.board import fill_notice
from app.page.notices.notice_words import words_for


def dead_end(notice: Notice, dispatch: Dispatch, listeners: Listeners) -> Node:
    """Make the page; its heading can take the focus."""
    found = words_for(notice)
    made = Template("dead-end")
    fill_notice(made, notice, found, dispatch, listeners)
    made.node.attribute("data-dead-end", notice.topic.value)
    return made.node
