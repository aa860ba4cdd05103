"""The totals of all uploads: how much is stored, how fast, and the time left."""

from app.contract import UploadMode
from app.core.session.actions import PauseUploads, ResumeUploads, RetryUploads
from app.core.upload.progress import SessionProgress
from app.page.interview.status import session_status
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Node, Template
from app.page.kit.language import _


class Totals:
    def __init__(self, mode: UploadMode, context: ViewContext) -> None:
        self._mode = mode
        made = Template("totals")
        self.node = made.node
        self._shape, self._word, self._percent = made.part("shape"), made.part("word"), made.part("percent")
        self._bar = made.part("bar")
        self._bar.attribute("aria-label", _("All answers stored"))
        self._stored, self._backlog = made.part("stored"), made.part("backlog")
        self._speed, self._left = made.part("speed"), made.part("left")
        self._pace, self._time, self._figures = made.part("pace"), made.part("time"), made.part("figures")
        listeners, dispatch = context.listeners, context.dispatch
        self._pause = made.button("pause", listeners, _("Pause"), lambda: dispatch(PauseUploads()))
        self._resume = made.button("resume", listeners, _("Resume"), lambda: dispatch(ResumeUploads()))
        self._retry = made.button("retry", listeners, _("Try again"), lambda: dispatch(RetryUploads()))
        self._actions, self._promise = made.part("actions"), made.part("promise")
        self._heading = made.part("heading")
        self._heading.text(_("Your recordings"))
        made.text(stored_name=_("Stored"), backlog_name=_("To go"), speed_name=_("Speed"), left_name=_("Time"))

    def show(self, progress: SessionProgress) -> None:
        status = session_status(progress, self._mode)
        self._shape.attribute("data-icon", status.icon)
        self._word.text(status.word)
        self._percent.text(words.percent(progress.percent) if progress.recorded else "")
        stored, recorded = words.stored_of(progress.acknowledged, progress.recorded)
        share = _("{stored} of {recorded}").format(stored=stored, recorded=recorded)
        self._bar.attribute("max", str(max(1, progress.recorded)))
        self._bar.attribute("value", str(progress.acknowledged))
        self._bar.attribute("aria-valuetext", _("{share} stored").format(share=share))
        self._stored.text(share)
        self._backlog.attribute("value", str(progress.backlog))
        self._backlog.attribute("data-backlog", str(progress.backlog))
        self._backlog.text(words.size_up(progress.backlog))
        self._figures.show(bool(progress.recorded))
        self._show_pace(progress)
        self._show_actions(progress)
        self._promise.text(_promise(progress))

    def _show_pace(self, progress: SessionProgress) -> None:
        is_held_up = progress.is_paused or progress.is_offline or progress.has_failed
        is_moving = progress.backlog > 0 and not is_held_up
        pace, left = progress.bytes_per_second, progress.remaining_s
        self._speed.text(words.speed(pace) if is_moving and pace is not None else "–")
        self._pace.show(not progress.is_safe)
        self._time.show(not progress.is_safe)
        self._left.text(words.time_left(left) if is_moving and left is not None else "–")

    def _show_actions(self, progress: SessionProgress) -> None:
        is_paused = progress.is_paused
        had_focus = any(button.has_focus() for button in (self._pause, self._resume, self._retry))
        self._actions.show(not progress.is_safe or is_paused)
        self._pause.show(not is_paused and not progress.has_failed)
        self._resume.show(is_paused)
        self._retry.show(progress.has_failed)
        if had_focus:
            self._next_focus(progress).focus()

    def _next_focus(self, progress: SessionProgress) -> Node:
        """Return the element that takes over the focus from a button that may have gone."""
        if progress.is_paused:
            return self._resume
        if progress.has_failed:
            return self._retry
        return self._heading if progress.is_safe else self._pause


def _promise(progress: SessionProgress) -> str:
    if progress.is_safe and not progress.recorded:
        return _("What you record is stored while you speak. Here you see how far it is.")
    if progress.is_safe:
        return _("Everything is stored. Closing this page loses nothing.")
    if progress.is_offline:
        return _("Please keep this page open. It goes on by itself when you are back online.")
    if progress.is_paused:
        return _("Please keep this page open. Nothing goes out until you press Resume.")
    return _("Please keep this page open until everything is stored.")
