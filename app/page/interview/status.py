"""Where a question, a track, the session stands: one word and one shape."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.contract import Question, UploadMode
from app.core.session.answers import AnswerView, Phase
from app.core.upload.progress import SessionProgress, TrackProgress, TrackState, percent_of
from app.page.kit import words
from app.page.kit.language import _, mark


@dataclass(frozen=True, slots=True)
class Standing:
    icon: str  # its shape: a file in static/icons
    word: str


def standing_of(
    question: Question, answer: AnswerView | None, tracks: Sequence[TrackProgress], is_stored: bool, mode: UploadMode
) -> Standing:
    """Return what the overview says. `is_stored` tells whether the written answer is in the store."""
    if answer is None:
        return _open(question)
    if answer.phase is Phase.PREPARING:
        return Standing("clock", _("Preparing"))
    if answer.phase is Phase.RECORDING:
        return Standing("record", _("Recording"))
    if answer.phase is Phase.FINISHING:
        return Standing("clock", _("Finishing"))
    if not answer.is_answered:
        return _open(question)
    return _of_tracks(tracks, mode) if tracks else _of_text(is_stored)


def _open(question: Question) -> Standing:
    return Standing("circle", _("Not answered") if question.required else _("Optional"))


def _of_text(is_stored: bool) -> Standing:
    return Standing("check", _("Stored")) if is_stored else Standing("upload", _("Saving"))


def _of_tracks(tracks: Sequence[TrackProgress], mode: UploadMode) -> Standing:
    states = {track.state for track in tracks}
    if states == {TrackState.COMPLETED}:
        return Standing("check", _("Stored"))
    for state in (TrackState.FAILED, TrackState.OFFLINE, TrackState.PAUSED, TrackState.RETRYING):
        if state in states:
            return track_standing(state, mode)
    if mode is UploadMode.BULK and states == {TrackState.QUEUED}:
        return track_standing(TrackState.QUEUED, mode)
    share = percent_of(sum(track.acknowledged for track in tracks), sum(track.recorded for track in tracks))
    return Standing("upload", _("Uploading {percent}").format(percent=words.percent(share)))


_OF_TRACK = {
    TrackState.IDLE: Standing("circle", mark("Not recorded")),
    TrackState.RECORDING: Standing("record", mark("Recording")),
    TrackState.QUEUED: Standing("clock", mark("Waiting its turn")),
    TrackState.UPLOADING: Standing("upload", mark("Uploading")),
    TrackState.RETRYING: Standing("retake", mark("Trying again")),
    TrackState.PAUSED: Standing("pause", mark("Paused")),
    TrackState.OFFLINE: Standing("offline", mark("Offline, goes on by itself")),
    TrackState.COMPLETED: Standing("check", mark("Stored")),
    TrackState.FAILED: Standing("alert", mark("Upload stopped")),
}


def track_standing(state: TrackState, mode: UploadMode) -> Standing:
    """Return what a track's row says of its state."""
    if state is TrackState.QUEUED and mode is UploadMode.BULK:
        return Standing("clock", _("Goes out when you submit"))
    found = _OF_TRACK[state]
    return Standing(found.icon, _(found.word))


def session_standing(progress: SessionProgress, mode: UploadMode) -> Standing:
    """Say how the session's uploads stand, most pressing first."""
    is_kept = mode is UploadMode.BULK and progress.bytes_per_second is None
    checks = (
        (progress.has_failed, Standing("alert", _("Upload stopped"))),
        (progress.is_safe and not progress.recorded, Standing("check", _("Nothing recorded yet"))),
        (progress.is_safe, Standing("check", _("All is stored"))),
        (progress.is_offline, Standing("offline", _("Offline"))),
        (progress.is_paused, Standing("pause", _("Paused"))),
        (progress.is_store_away, Standing("retake", _("Trying again"))),
        (not progress.backlog, Standing("upload", _("Storing"))),
        (is_kept, Standing("clock", _("Goes out when you submit"))),
    )
    return next((standing for holds, standing in checks if holds), Standing("upload", _("Uploading")))
