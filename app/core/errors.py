"""Every failure of an upload by whose fault it is and what may be done about it."""


class UploadError(Exception):
    """Carry a sentence in `str()`; never a URL, header or body."""


class Retryable(UploadError):
    """Pass by itself: the same command may be given again."""


class NetworkFailed(Retryable):
    """No reply. The page cannot know why, nor whether the request arrived."""


class StoreSilent(NetworkFailed):
    """No reply of the store that a page may read: the network, its CORS rule and a gateway's refusal look the same."""


class Stalled(NetworkFailed):
    """No byte moved for the stall timeout, or no reply came after the last byte."""


class CaptivePortal(NetworkFailed):
    """Somebody else answered: a hotel's sign-in page, a proxy. Nothing of it counts."""


class SignerInvalid(Retryable):
    """The signer's answer cannot be followed: it names another place than the store, or is none of ours."""


class UrlExpired(Retryable):
    """The store refused the signed URL (403, or 400 on some); a fresh one may do."""


class StoreBusy(Retryable):
    """The store or the signer asks for patience (429, 5xx).

    `retry_after_s` is what it asked for; 0 when it named no time.
    """

    def __init__(self, sentence: str, retry_after_s: float = 0) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class StoreUnable(StoreBusy):
    """The store says that it cannot, or has no room (501, 507): perhaps soon, perhaps never."""


class BodyTooLarge(Retryable):
    """Something before the store takes no body of this size (413)."""


class Corrupted(Retryable):
    """The store holds other bytes than were sent: its ETag is not our MD5."""


class UploadLost(Retryable):
    """The store no longer knows the upload; begin a new one from the journal."""


class JournalUnread(Retryable):
    """The page's own storage does not show what it holds. It says nothing of the network."""


class Fatal(UploadError):
    """Stay until a person acts: the command is not repeated by itself."""


class EtagMissing(Fatal):
    """The ETag is hidden from the page, by the bucket's CORS rule or a proxy: the signer has to be asked."""


class UrlRejected(Fatal):
    """The store or the signer refuses for good."""


class TicketRefused(Fatal):
    """The ticket is wrong or has expired."""


class AlreadySubmitted(Fatal):
    """The session is closed."""


class TakenOver(Fatal):
    """The session goes on on another device."""


class TakeExists(Fatal):
    """Another page has already stored this take."""


class JournalFull(Fatal):
    """The page's own storage takes no more."""


class RecordingGone(Fatal):
    """The journal no longer has bytes that would have to be sent.

    Of those that were asked for, the first `kept` bytes are still there.
    """

    def __init__(self, sentence: str, kept: int = 0) -> None:
        super().__init__(sentence)
        self.kept = kept


class NotComplete(Fatal):
    """The submission names an object that the store does not hold."""


class Aborted(UploadError):
    """We cancelled it ourselves: neither a failure nor a success."""
