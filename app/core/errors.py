"""The errors of uploads: each class says what failed, and its base class whether a retry can help."""


class UploadError(Exception):
    """Base of all errors of uploads. `str()` is one sentence, which never contains a URL, header or body."""


class Retryable(UploadError):
    """A temporary failure: the same command may be given again."""


class NetworkFailed(Retryable):
    """No reply came. The page cannot know why, or whether the request arrived."""


class StoreSilent(NetworkFailed):
    """The page can read no reply of the store. A network failure, a CORS rule and a gateway's refusal look the same."""


class Stalled(NetworkFailed):
    """No byte was sent during the stall timeout, or no reply came after the last byte."""


class CaptivePortal(NetworkFailed):
    """A captive portal (a hotel's sign-in page) or a proxy answered instead. The page must ignore that reply."""


class SignerInvalid(Retryable):
    """The signer's response is invalid: it is malformed, for another part, or leads to a place other than the store."""


class UrlExpired(Retryable):
    """The store refused the signed URL (403, or 400 from some stores); a fresh one may work."""


class StoreBusy(Retryable):
    """The store or the signer is busy (429, 5xx).

    `retry_after_s` is the wait that it asked for; 0 if it named none.
    """

    def __init__(self, sentence: str, retry_after_s: float = 0) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class PartStuck(StoreBusy):
    """The store has a small part, and fails when it is asked to fold it.

    `may_repeat`: the page still has the bytes, and can send them again.
    """

    def __init__(self, number: int, *, may_repeat: bool) -> None:
        super().__init__("The store cannot put a piece of the recording in its place at the moment.")
        self.number = number
        self.may_repeat = may_repeat


class StoreUnable(StoreBusy):
    """The store cannot do this or has no room (501, 507): a later try may succeed, or none ever will."""


class BodyTooLarge(Retryable):
    """A server on the way to the store refuses a body of this size (413)."""


class Corrupted(Retryable):
    """The store holds other bytes than the page sent: its ETag is not our MD5."""


class UploadLost(Retryable):
    """The store no longer knows the upload: open a new one, and send everything again from the journal."""


class JournalUnread(Retryable):
    """The page's own storage cannot be read at the moment. This says nothing about the network."""


class Fatal(UploadError):
    """A lasting failure: the command is not repeated until a person acts."""


class EtagMissing(Fatal):
    """The bucket's CORS rule or a proxy hides the ETag from the page: ask the signer for it."""


class UrlRejected(Fatal):
    """The store or the signer refuses the request permanently."""


class TicketRefused(Fatal):
    """The ticket is wrong or has expired."""


class AlreadySubmitted(Fatal):
    """The session is closed."""


class TakenOver(Fatal):
    """The session continues on another device."""


class TakeExists(Fatal):
    """Another page has already stored this take."""


class JournalFull(Fatal):
    """The page's own storage accepts no more data."""


class RecordingGone(Fatal):
    """The journal no longer has all of the requested bytes.

    The first `kept` of the requested bytes are still there.
    """

    def __init__(self, sentence: str, kept: int = 0) -> None:
        super().__init__(sentence)
        self.kept = kept


class NotComplete(Fatal):
    """The submission names an object that the store does not hold."""


class Aborted(UploadError):
    """The page itself cancelled the request: neither a failure nor a success."""
