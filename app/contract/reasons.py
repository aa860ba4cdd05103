"""Why a try failed, in words that host pages and reports may rely on."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a try failed. A page that cannot continue at all sends the name of its dead end instead."""

    NETWORK = "network"  # no reply
    STALLED = "stalled"  # no byte moved for too long
    CAPTIVE_PORTAL = "intercepted"  # a sign-in page answers instead of the store
    EXPIRED = "expired"  # the signed URL; the page gets a fresh one
    BUSY = "busy"  # store or signer asks the page to wait
    CORRUPTED = "corrupted"  # the store received other bytes than the page sent
    LOST = "lost"  # the store no longer knows the upload; it is started again
    ETAG_HIDDEN = "etag-hidden"  # the bucket's CORS rule must expose ETag
    REFUSED = "refused"  # permanently, by store or signer
    # Only the operator can fix these four. They have TroubleKind's names.
    TOO_LARGE = "too-large"
    BLOCKED = "blocked"
    FORBIDDEN = "forbidden"
    UNABLE = "unable"
    TICKET_REFUSED = "ticket-refused"
    ALREADY_SUBMITTED = "already-submitted"
    TAKEN_OVER = "taken-over"  # the session continues on another device
    STORAGE = "storage"  # the device's own storage fails
    OTHER = "other"
