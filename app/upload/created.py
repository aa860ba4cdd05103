"""The store's name of an upload, for the commands that need one."""

from app.core.errors import Aborted, UploadLost
from app.core.upload.events import RecordingId, UploadCreated
from app.core.upload.scheduler import Scheduler
from app.core.upload.upload import Disposition


def created_upload(scheduler: Scheduler, ref: RecordingId) -> UploadCreated:
    """Return how signer and store call an upload. Raises Aborted if it is abandoned, UploadLost if it is not open."""
    upload = scheduler.uploads.get(ref)
    if upload is None or upload.disposition is Disposition.ABANDONED:
        raise Aborted("The take was given up.")
    if upload.created is None:
        raise UploadLost("The store no longer knows the upload.")
    return upload.created
