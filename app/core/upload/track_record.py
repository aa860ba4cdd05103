"""The record of one stored recording in answer.json."""

from app.contract import TrackRecord
from app.core.upload.events import UploadCompleted
from app.core.upload.upload import Upload


def track_record(upload: Upload, completed: UploadCompleted) -> TrackRecord | None:
    """Return the record of an upload; None if the upload was begun again after it was complete."""
    if upload.stopped is None or not upload.is_completed:
        return None
    return TrackRecord(
        key=completed.key,
        size=completed.size,
        sha256=upload.stopped.sha256,
        content_type=upload.content_type,
        duration_s=round(upload.stopped.duration_s, 3),
        interrupted=upload.stopped.interrupted,
        prepared=upload.stopped.prepared,
        gaps=upload.stopped.gaps,
    )
