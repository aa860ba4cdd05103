"""Decide whether streams get through. If not, ordinary parts are sent for the rest of the session."""

from app.core.errors import (
    BodyTooLarge,
    CaptivePortal,
    Corrupted,
    EtagMissing,
    SignerInvalid,
    Stalled,
    StoreBusy,
    StoreSilent,
    UploadError,
    UrlExpired,
    UrlRejected,
)
from app.core.upload.refusals import CONTRADICTIONS, Unanswered

# Replies that will stay the same: a proxy that wants a length, a gateway that is no gateway.
HOPELESS = (BodyTooLarge, EtagMissing, UrlRejected)
_FAILURES = (CaptivePortal, Corrupted, SignerInvalid, Stalled, StoreBusy, UrlExpired)
TRIES = 2  # failures in a row before the first success
PROVEN_TRIES = 4  # the same after it: then a passing fault is more likely


class StreamHealth:
    """Count what streams meet.

    A browser that cannot stream here (HTTP/1.1), a gateway that is away and a network that is away look the same to a
    page. So silence counts only once signer and store have both answered a probe in between.
    """

    def __init__(self) -> None:
        self.unanswered = Unanswered()
        self.is_given_up = False
        self._failures = 0  # in a row
        self._has_passed = False

    def give_up(self) -> None:
        """Stream no more in this session."""
        self.is_given_up = True
        self.unanswered.clear()

    def succeed(self) -> None:
        """Note that the store has acknowledged what was streamed."""
        self._has_passed = True
        self._failures = 0
        self.unanswered.clear()

    def note(self, error: UploadError) -> None:
        """Note a failed stream. Errors that say nothing about streams do not count."""
        if isinstance(error, StoreSilent):
            self.unanswered.note(error)
        elif isinstance(error, _FAILURES):
            self._failures += 1
        if isinstance(error, HOPELESS) or self._failures >= (PROVEN_TRIES if self._has_passed else TRIES):
            self.give_up()

    def note_probe(self) -> None:
        """Note that a probe has ended; `unanswered` knows its result."""
        if self.unanswered.contradictions >= (CONTRADICTIONS if self._has_passed else 1):
            self.give_up()
