"""Name why an upload fails, with the reasons that a host page may rely on."""

from app.contract import Track
from app.contract.reasons import Reason
from app.core import errors
from app.core.upload.progress import SessionProgress, TrackState
from app.core.upload.recording_id import RecordingId

# The first match holds, so a subclass comes before its base class.
_REASONS = {
    errors.CaptivePortal: Reason.CAPTIVE_PORTAL,
    errors.Stalled: Reason.STALLED,
    errors.NetworkFailed: Reason.NETWORK,
    errors.BodyTooLarge: Reason.TOO_LARGE,
    errors.StoreUnable: Reason.UNABLE,
    errors.UrlExpired: Reason.EXPIRED,
    errors.StoreBusy: Reason.BUSY,
    errors.Corrupted: Reason.CORRUPTED,
    errors.UploadLost: Reason.LOST,
    errors.JournalUnread: Reason.STORAGE,
    errors.EtagMissing: Reason.ETAG_HIDDEN,
    errors.UrlRejected: Reason.REFUSED,
    errors.TicketRefused: Reason.TICKET_REFUSED,
    errors.AlreadySubmitted: Reason.ALREADY_SUBMITTED,
    errors.TakenOver: Reason.TAKEN_OVER,
    errors.JournalFull: Reason.STORAGE,
    errors.RecordingGone: Reason.STORAGE,
}


def reason_of(error: errors.UploadError) -> Reason:
    return next((reason for kind, reason in _REASONS.items() if isinstance(error, kind)), Reason.OTHER)


def failed_tracks(progress: SessionProgress | None) -> dict[RecordingId, int]:
    """Return the recordings whose upload has failed, each with its take number."""
    tracks = progress.tracks if progress else ()
    return {track.upload: track.take for track in tracks if track.state is TrackState.FAILED}


def refused_objects(progress: SessionProgress | None) -> dict[tuple[str, int, Track | None], Reason]:
    """Return why the store refuses objects, by question, take and track (None: answer.json)."""
    refusals = progress.refusals if progress else ()
    return {(one.question, one.take, one.track): Reason(one.kind) for one in refusals}
