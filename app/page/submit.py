"""Submit: says what it waits for, and works once there is nothing left to wait for."""

from app.contract import UploadMode
from app.core.events import Submit
from app.core.progress import SessionProgress
from app.page import words
from app.page.dom import Button, element
from app.page.language import _
from app.page.wiring import Wiring


class SubmitView:
    def __init__(self, mode: UploadMode, wiring: Wiring) -> None:
        self._mode = mode
        self._wiring = wiring
        self._progress: SessionProgress | None = None
        self._is_submitting = False
        self._button = Button(
            wiring.listeners,
            _("Submit your answers"),
            self._press,
            "send",
            class_="button submit",
            data_action="submit",
            aria_describedby="submit-why",
        )
        self._why = element("p", id="submit-why", class_="submit-why")
        self.node = element("div", self._button, self._why, class_="submit-view")
        self._settle()

    def show(self, progress: SessionProgress) -> None:
        self._progress = progress
        if _is_recording(progress):  # the candidate has thought again
            self._is_submitting = False
        self._settle()

    def show_submitting(self, is_submitting: bool) -> None:
        self._is_submitting = is_submitting
        self._settle()

    def focus(self) -> None:
        self._button.focus()

    @property
    def _is_ready(self) -> bool:
        progress = self._progress
        if progress is None or self._is_submitting or _is_recording(progress):
            return False
        return progress.is_safe or self._mode is UploadMode.BULK

    def _press(self) -> None:
        if self._is_ready:
            self._wiring.dispatch(Submit())
        else:
            self._wiring.announce(f"{self._label()}. {self._reason()}")

    def _settle(self) -> None:
        self._button.label(self._label())
        self._button.refuse(not self._is_ready)
        self._button.attribute("data-busy", "true" if self._is_submitting else None)
        self._why.text(self._reason())

    def _label(self) -> str:
        progress = self._progress
        if progress is None:
            return _("Submit your answers")
        if self._is_submitting and progress.is_safe:
            return _("Submitting…")
        if self._is_ready:
            return _("Submit your answers") if progress.is_safe else _("Upload and submit")
        return waiting_label(progress)

    def _reason(self) -> str:
        progress = self._progress
        if progress is None:
            return ""
        checks = (
            (_is_recording(progress), _("Stop the recording first. What you say is stored while you speak.")),
            (self._is_submitting, _("Please keep this page open.")),
            (self._is_ready, _("You may go back to any question first. After submitting nothing can be changed.")),
            (progress.has_failed, _("An upload has stopped. Press Try again; then you can submit.")),
            (progress.is_paused, _("Press Resume to store the rest; then you can submit.")),
        )
        otherwise = _("You can submit as soon as everything is stored. There is nothing you need to do.")
        return next((sentence for holds, sentence in checks if holds), otherwise)


def waiting_label(progress: SessionProgress) -> str:
    """Return "Uploading… 87 % · 1.2 MB/s · 5 s left", or why nothing moves."""
    share = words.percent(progress.percent)
    if progress.has_failed:
        return _("Upload stopped at {percent}").format(percent=share)
    if progress.is_offline:
        return _("Offline · {percent} stored").format(percent=share)
    if progress.is_paused:
        return _("Paused · {percent} stored").format(percent=share)
    if not progress.backlog and not _is_recording(progress):
        return _("Storing your answer…")
    figures = [_("Uploading… {percent}").format(percent=share)]
    if progress.bytes_per_second is not None:
        figures.append(words.speed(progress.bytes_per_second))
    if progress.remaining_s is not None and progress.backlog:
        figures.append(words.time_left(progress.remaining_s))
    return " · ".join(figures)


def _is_recording(progress: SessionProgress) -> bool:
    return any(track.is_recording for track in progress.tracks)
