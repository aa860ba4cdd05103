"""The status of a question, a track or the session: one word and one icon."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.contract import Question, UploadMode
from app.core.session.answers import AnswerView, Phase
from app.core.upload.progress import SessionProgress, TrackProgress, TrackState, percent_of
from app.page.kit import words
from app.page.kit.language import _, mark


@dataclass(frozen=True, slots=True)
class Status:
    icon: str  # a file in static/icons
    word: str


def status_of(
    question: Question, answer: AnswerView | None, tracks: Sequence[TrackProgress], is_stored: bool, mode: UploadMode
) -> Status:
    """Return the status that the overview shows. `is_stored` tells whether the written answer is in the store."""
    if answer is None:
        return _open(question)
    if answer.phase is Phase.PREPARING:
        return Status("clock", _("Preparing"))
    if answer.phase is Phase.RECORDING:
        return Status("record", _("Recording"))
    if answer.phase is Phase.FINISHING:
        return Status("clock", _("Finishing"))
    if not answer.is_answered:
        return _open(question)
    return _of_tracks(tracks, mode) if tracks else _of_text(is_stored)


def _open(question: Question) -> Status:
    return Status("circle", _("Not answered") if question.required else _("Optional"))


def _of_text(is_stored: bool) -> Status:
    return Status("check", _("Stored")) if is_stored else Status("upload", _("Saving"))


def _of_tracks(tracks: Sequence[TrackProgress], mode: UploadMode) -> Status:
    states = {track.state for track in tracks}
    if states == {TrackState.COMPLETED}:
        return Status("check", _("Stored"))
    for state in (TrackState.FAILED, TrackState.OFFLINE, TrackState.PAUSED, TrackState.RETRYING):
        if state in states:
            return track_status(state, mode)
    if mode is UploadMode.BULK and states == {TrackState.QUEUED}:
        return track_status(TrackState.QUEUED, mode)
    share = percent_of(sum(track.acknowledged for track in tracks), sum(track.recorded for track in tracks))
    return Status("upload", _("Uploading {percent}").format(percent=words.percent(share)))


_OF_TRACK = {
    TrackState.IDLE: Status("circle", mark("Not recorded")),
    TrackState.RECORDING: Status("record", mark("Recording")),
    TrackState.QUEUED: Status("clock", mark("Waiting its turn")),
    TrackState.UPLOADING: Status("upload", mark("Uploading")),
    TrackState.RETRYING: Status("retake", mark("Trying again")),
    TrackState.PAUSED: Status("pause", mark("Paused")),
    TrackState.OFFLINE: Status("offline", mark("Offline, goes on by itself")),
    TrackState.COMPLETED: Status("check", mark("Stored")),
    TrackState.FAILED: Status("alert", mark("Upload stopped")),
}


def track_status(state: TrackState, mode: UploadMode) -> Status:
    """Return the status that a track's row shows."""
    if state is TrackState.QUEUED and mode is UploadMode.BULK:
        return Status("clock", _("Goes out when you submit"))
    found = _OF_TRACK[state]
    return Status(found.icon, _(found.word))


def session_status(progress: SessionProgress, mode: UploadMode) -> Status:
    """Return the most urgent status of the session's uploads."""
    is_kept = mode is UploadMode.BULK and progress.bytes_per_second is None
    checks = (
        (progress.has_failed, Status("alert", _("Upload stopped"))),
        (progress.is_safe and not progress.recorded, Status("check", _("Nothing recorded yet"))),
        (progress.is_safe, Status("check", _("All is stored"))),
        (progress.is_offline, Status("offline", _("Offline"))),
        (progress.is_paused, Status("pause", _("Paused"))),
        (progress.is_store_away, Status("retake", _("Trying again"))),
        (not progress.backlog, Status("upload", _("Storing"))),
        (is_kept, Status("clock", _("Goes out when you submit"))),
    )
    return next((status for holds, status in checks if holds), Status("upload", _("Uploading")))


def waiting_label(progress: SessionProgress) -> str:
    """Return "Uploading… 87 % · 1.2 MB/s · 5 s left", or why nothing is being sent."""
    share = words.percent(progress.percent)
    if progress.has_failed:
        return _("Upload stopped at {percent}").format(percent=share)
    if progress.is_offline:
        return _("Offline · {percent} stored").format(percent=share)
    if progress.is_paused:
        return _("Paused · {percent} stored").format(percent=share)
    if progress.is_store_away:
        return _("Trying again · {percent} stored").format(percent=share)
    if not progress.backlog and not is_recording(progress):
        return _("Storing your answer…")
    figures = [_("Uploading… {percent}").format(percent=share)]
    if progress.bytes_per_second is not None:
        figures.append(words.speed(progress.bytes_per_second))
    if progress.remaining_s is not None and progress.backlog:
        figures.append(words.time_left(progress.remaining_s))
    return " · ".join(figures)


def is_recording(progress: SessionProgress) -> bool:
    return any(track.is_recording for track in progress.tracks)
