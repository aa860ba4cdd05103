"""Say what an open stream sends next, now that the network can take more."""

from app.core.errors import Aborted
from app.core.upload.commands import StreamPart
from app.core.upload.parts import Part
from app.core.upload.scheduler import Scheduler
from app.core.upload.streams import Piece


def pull(scheduler: Scheduler, command: StreamPart, now: float) -> Piece | Part | None:
    """Return what the stream sends next, or the part that it was if it is over; None: wait for more to be recorded.

    Raises Aborted if the stream is no longer wanted; what it has sent is sent again later.
    """
    upload = scheduler.uploads.get(command.upload)
    stream = upload.streaming.open if upload is not None else None
    if upload is None or stream is None or not upload.streaming.is_open_at(command.number, command.offset):
        raise Aborted("Another upload has replaced the stream's.")
    if scheduler.is_paused or not upload.counts:
        if not stream.may_end:
            raise Aborted("The candidate has paused the upload.")
        return stream.part
    return stream.next(upload.recorded, now, has_ended=upload.has_ended)
