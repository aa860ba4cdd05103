"""Submit: says what it waits for, and works once there is nothing left to wait for."""

from app.contract import UploadMode
from app.core.session.actions import Submit
from app.core.upload.progress import SessionProgress
from app.page.interview.waiting import is_recording, waiting_label
from app.page.kit.click_guard import ClickGuard
from app.page.kit.context import ViewContext
from app.page.kit.dom import Button, element
from app.page.kit.language import _, ngettext


class SubmitView:
    def __init__(self, mode: UploadMode, context: ViewContext) -> None:
        self._mode = mode
        self._wiring = context
        self._progress: SessionProgress | None = None
        self._is_submitting = False
        self._is_recording = False  # its figures come a moment later
        self._missing = 0
        self._button = Button(
            context.listeners,
            _("Submit your answers"),
            self._press,
            "send",
            class_="button submit",
            data_action="submit",
            aria_describedby="submit-why",
        )
        self._why = element("p", id="submit-why", class_="submit-why")
        self.node = element("div", self._button, self._why, class_="submit-view")
        self._click_guard = ClickGuard(self.node, context, ".submit")
        self._settle()

    def show(self, progress: SessionProgress) -> None:
        self._progress = progress
        if is_recording(progress):  # the candidate has thought again
            self._is_submitting = False
        self._settle()

    def show_submitting(self, is_submitting: bool) -> None:
        self._is_submitting = is_submitting
        self._settle()

    def show_recording(self, is_recording: bool) -> None:
        self._is_recording = is_recording
        self._settle()

    def show_missing(self, number: int) -> None:
        """Tell how many questions still need an answer."""
        self._missing = number
        self._settle()

    def focus(self) -> None:
        """Lead to the button; it may come to stand where the way to it was pressed."""
        self._click_guard.begin()
        self._button.focus()

    @property
    def _is_ready(self) -> bool:
        progress = self._progress
        if progress is None or self._is_submitting or self._runs(progress):
            return False
        return progress.is_safe or self._mode is UploadMode.BULK

    def _runs(self, progress: SessionProgress) -> bool:
        return self._is_recording or is_recording(progress)

    def _press(self) -> None:
        if self._is_ready:
            self._wiring.dispatch(Submit())
        else:
            self._wiring.announce(f"{self._label()}. {self._reason()}")

    def _settle(self) -> None:
        self._button.label(self._label())
        self._button.refuse(not self._is_ready)
        self._button.attribute("data-busy", "true" if self._is_submitting else None)
        self._button.attribute("data-missing", "true" if self._missing else None)
        self._why.text(self._reason())

    def _missing_words(self) -> str:
        pattern = ngettext(
            "{number} question still needs an answer.", "{number} questions still need an answer.", self._missing
        )
        return pattern.format(number=self._missing)

    def _label(self) -> str:
        progress = self._progress
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
        progress = self._progress
        if progress is None:
            return ""
        checks = (
            (self._runs(progress), _("Stop the recording first. What you say is stored while you speak.")),
            (self._is_submitting, _("Please keep this page open.")),
            (self._is_ready and self._missing > 0, self._missing_words()),
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
