"""The errors of the signer and its store. server/http maps each one to a status code, in one place."""

from collections.abc import Iterable
from typing import ClassVar

from pydantic import JsonValue


class SignerError(Exception):
    """End a call; `str()` is a sentence for the caller that quotes nothing from the request."""

    default: ClassVar[str]  # the sentence if `raise` gives none

    def __init__(self, detail: str | None = None, errors: Iterable[dict[str, JsonValue]] = ()) -> None:
        super().__init__(self.default if detail is None else detail)
        self.errors = tuple(errors)  # one entry for each fault


class InvalidRequest(SignerError):
    """The request contradicts the interview, the upload, or the call's own rules."""

    default = "The request is not what this call takes."


class TicketRefused(SignerError):
    """The ticket or the upload handle is wrong. All causes share one sentence: a detail would only help a forger."""

    default = "This link is not valid, or no longer valid."


class UnknownInterview(SignerError):
    default = "This interview is not here, or no longer here."


class UnknownQuestion(SignerError):
    default = "This interview has no such question."


class InterviewUnreadable(SignerError):
    """The interview's file is damaged, and no earlier version of it is cached."""

    default = "This interview cannot be read. Its operator has to correct it."


class AlreadySubmitted(SignerError):
    default = "This interview has already been submitted."


class SubmissionIncomplete(SignerError):
    """`errors` names what is missing."""

    default = "Something that belongs to this submission is missing."


class TakenOver(SignerError):
    """Another device has the session."""

    default = "This interview goes on on another device."


class TakeExists(SignerError):
    default = "This take has already been stored."


class UploadUnknown(SignerError):
    """Neither an open upload nor its completed object is in the store."""

    default = "The store no longer knows this upload. Begin a new one."


class TooManyRequests(SignerError):
    """A ticket or an address has used up its rate; `retry_after_s` is when there is more."""

    default = "Too many requests. Try again a little later."

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class StoreError(SignerError):
    """The object store did not do what the signer asked for."""


class StoreUnavailable(StoreError):
    """The same call may succeed later."""

    default = "The object store cannot be reached at the moment."


class StoreFailed(StoreUnavailable):
    """The store has answered that it has failed (500). It is not only busy."""


class PartsUnfit(StoreError):
    default = "The parts do not make a whole recording."


# The reply to HEAD has no body, and so no code: botocore names its status.
_DENIED = {"AccessDenied", "403", "Forbidden", "UnauthorizedAccess", "AllAccessDisabled"}


class StoreMisconfigured(StoreError):
    """The operator has to change something at the store."""

    default = "The object store does not offer a call that the signer needs."
    code = ""  # the store's own; "": it gave none

    @property
    def is_denied(self) -> bool:
        """Whether the key lacks a permission."""
        return self.code in _DENIED

    @classmethod
    def because(cls, code: str) -> "StoreMisconfigured":
        """Return an error that names the store's own error code, for the operator to look up."""
        error = cls(f"The object store refused the signer ({code}). Its operator has to look into it.")
        error.code = code
        return error

    @classmethod
    def in_region(cls, region: str) -> "StoreMisconfigured":
        """Return an error for a bucket in another region than was set: signed URLs would only be redirected."""
        return cls(f"The bucket is in region {region}: set SLIPSTREAM_S3_REGION={region}.")

    @classmethod
    def expired_credentials(cls) -> "StoreMisconfigured":
        return cls(
            "The signer's temporary credentials for the store have expired, and there are no newer ones: give it "
            "credentials that last, or a role that renews them."
        )


class CallNotOffered(StoreMisconfigured):
    """The store does not have this call at all."""


class ObjectMissing(StoreMisconfigured):
    """Nothing is stored under this key. If no caller catches this, the bucket itself is missing."""

    default = "The bucket does not exist, or the signer may not see it."


class UploadGone(Exception):
    """The store does not know this multipart upload, or no longer does. The caller catches this."""


class ObjectExists(Exception):
    """An object is already stored under this key. The caller, which must not overwrite it, catches this."""
