"""What Submit says while it waits."""

from app.core.upload.progress import SessionProgress
from app.page.kit import words
from app.page.kit.language import _


def waiting_label(progress: SessionProgress) -> str:
    """Return "Uploading… 87 % · 1.2 MB/s · 5 s left", or why nothing moves."""
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
