"""Everything that is on its way: how much is stored, how fast, how long still."""

from app.contract import UploadMode
from app.core.session.actions import PauseUploads, ResumeUploads, RetryUploads
from app.core.upload.progress import SessionProgress
from app.page.interview.status import session_status
from app.page.kit import words
from app.page.kit.context import ViewContext
from app.page.kit.dom import Button, Node, element, icon
from app.page.kit.language import _


class Totals:
    def __init__(self, mode: UploadMode, context: ViewContext) -> None:
        self._mode = mode
        self._shape = icon("check")
        self._word = element("span")
        self._percent = element("span", class_="totals-percent")
        self._bar = element("progress", aria_label=_("All answers stored"), value="0", max="1", data_total=True)
        self._stored = element("dd")
        self._backlog = element("data", value="0", data_backlog="0")
        self._speed = element("dd")
        self._left = element("dd")
        self._pause = Button(
            context.listeners,
            _("Pause"),
            lambda: context.dispatch(PauseUploads()),
            "pause",
            class_="button quiet",
            data_action="pause",
        )
        self._resume = Button(
            context.listeners,
            _("Resume"),
            lambda: context.dispatch(ResumeUploads()),
            "play",
            class_="button quiet",
            data_action="resume",
            hidden=True,
        )
        self._retry = Button(
            context.listeners,
            _("Try again"),
            lambda: context.dispatch(RetryUploads()),
            "retake",
            class_="button quiet",
            data_action="retry",
            hidden=True,
        )
        self._heading = element("h2", _("Your recordings"), id="totals-title", tabindex="-1")
        self._pace = element("div", element("dt", _("Speed")), self._speed)
        self._time = element("div", element("dt", _("Time")), self._left)
        self._figures = element(
            "dl",
            element("div", element("dt", _("Stored")), self._stored),
            element("div", element("dt", _("To go")), element("dd", self._backlog)),
            self._pace,
            self._time,
        )
        self._actions = element("div", self._pause, self._resume, self._retry, class_="actions")
        self._promise = element("p", class_="totals-promise")
        self.node = element(
            "section",
            element("div", self._heading, self._actions, class_="totals-head"),
            element("p", self._shape, self._word, self._percent, class_="totals-state"),
            self._bar,
            self._figures,
            self._promise,
            class_="totals card",
            aria_labelledby="totals-title",
        )

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
        """Return what takes the focus over from a button that may have gone."""
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
