"""The Submit button: say what it waits for, and submit once there is nothing left to wait for."""

from app.contract import UploadMode
from app.core.session.actions import Submit
from app.core.session.view import ScreenState
from app.core.upload.progress import SessionProgress
from app.page.interview.status import is_recording, waiting_label
from app.page.kit.click_guard import ClickGuard
from app.page.kit.context import ViewContext
from app.page.kit.dom import Template
from app.page.kit.language import _, ngettext


class SubmitView:
    def __init__(self, mode: UploadMode, context: ViewContext) -> None:
        self._mode = mode
        self._context = context
        self._screen = ScreenState()  # the state rendered last
        made = Template("submit")
        self.node, self._why = made.node, made.part("why")
        self._button = made.button("submit", context.listeners, _("Submit your answers"), self._press)
        self._click_guard = ClickGuard(self.node, context, ".submit")
        self._settle()

    def render(self, screen: ScreenState) -> None:
        self._screen = screen
        self._settle()

    def focus(self) -> None:
        """Focus the button, and block it for a moment: it may appear where the candidate has just clicked."""
        self._click_guard.begin()
        self._button.focus()

    @property
    def _is_ready(self) -> bool:
        progress = self._screen.progress
        if progress is None or self._is_submitting or self._runs(progress):
            return False
        return progress.is_safe or self._mode is UploadMode.BULK

    @property
    def _is_submitting(self) -> bool:
        progress = self._screen.progress
        return self._screen.is_submitting and not (progress is not None and is_recording(progress))

    def _runs(self, progress: SessionProgress) -> bool:
        return self._screen.recording is not None or is_recording(progress)  # `progress` follows a moment later

    def _press(self) -> None:
        if self._is_ready:
            self._context.dispatch(Submit())
        else:
            self._context.announce(f"{self._label()}. {self._reason()}")

    def _settle(self) -> None:
        self._button.label(self._label())
        self._button.refuse(not self._is_ready)
        self._button.attribute("data-busy", "true" if self._is_submitting else None)
        self._button.attribute("data-missing", "true" if self._screen.missing else None)
        self._why.text(self._reason())

    def _missing_words(self) -> str:
        missing = self._screen.missing
        pattern = ngettext(
            "{number} question still needs an answer.", "{number} questions still need an answer.", missing
        )
        return pattern.format(number=missing)

    def _label(self) -> str:
        progress = self._screen.progress
        if progress is None:
            return _("Submit your answers")
        if self._is_submitting and progress.is_safe:
            return _("Submitting…")
        if self._runs(progress):
            return _("Submit your answers")
        if self._is_ready:
            return _("Submit your answers") if progress.is_safe else _("Upload and submit")
        return waiting_label(progress)

    def _reason(self) -> str:
        progress = self._screen.progress
        if progress is None:
            return ""
        checks = (
            (self._runs(progress), _("Stop the recording first. What you say is stored while you speak.")),
            (self._is_submitting, _("Please keep this page open.")),
            (self._is_ready and self._screen.missing > 0, self._missing_words()),
            (self._is_ready, _("You may go back to any question first. After submitting nothing can be changed.")),
            (
                bool(progress.refusals),
                _("The storage does not take everything yet. You can submit as soon as it does."),
            ),
            (progress.has_failed, _("An upload has stopped. Press Try again; then you can submit.")),
            (progress.is_paused, _("Press Resume to store the rest; then you can submit.")),
        )
        otherwise = _("You can submit as soon as everything is stored. There is nothing you need to do.")
        return next((sentence for holds, sentence in checks if holds), otherwise)
