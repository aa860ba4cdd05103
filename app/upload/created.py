"""Look up the handle and key of an upload, for the commands that need an open one."""

from app.core.errors import Aborted, UploadLost
from app.core.upload.disposition import Disposition
from app.core.upload.events import UploadCreated
from app.core.upload.recording_id import RecordingId
from app.core.upload.scheduler import Scheduler


def created_upload(scheduler: Scheduler, ref: RecordingId) -> UploadCreated:
    """Return an upload's handle and key. Raises Aborted if it is abandoned or unknown, UploadLost if it is not open."""
    upload = scheduler.uploads.get(ref)
    if upload is None or upload.disposition is Disposition.ABANDONED:
        raise Aborted("The take was given up.")
    if upload.created is None:
        raise UploadLost("The store no longer knows the upload.")
    return upload.created
