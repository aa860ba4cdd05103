"""How much one ticket, and one address, may ask for: rates that recover, so that no answer is lost by them."""

import logging
import math
import time
from collections.abc import Sequence

from limits import RateLimitItem, RateLimitItemPerHour, parse_many
from limits.errors import ConfigurationError, StorageError
from limits.storage import Storage as Counters
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter

from app.contract import MIB, Interview, UploadPolicy
from server.errors import TooManyRequests
from server.settings import SettingsError
from server.signer.object_keys import SessionKeys
from server.signer.part_sizes import max_bytes

_log = logging.getLogger("slipstream")
_UPLOADS_PER_TRACK = 12  # begun in an hour: takes, reloads, lost replies; the page begins one when a take begins
_SENT_TIMES = 4  # how often in an hour everything may be signed for: parts are sent again on bad lines
_ALWAYS = 2048 * MIB  # signed for in an hour whatever the interview: large parts, tried again and again
_KIB = 1024
_PATIENCE = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}  # seconds; a call waits for them
_REPORT_EVERY_S = 60.0


def rates_of(text: str) -> tuple[RateLimitItem, ...]:
    """Return the rates in e.g. "100/second;3000/minute"; none for "". Raises SettingsError."""
    try:
        return tuple(parse_many(text)) if text.strip() else ()
    except ValueError:
        raise SettingsError(f"{text!r} is no rate such as 100/second;3000/minute.") from None


class Budgets:
    """Count calls, uploads and bytes, in this process or, for many signers, in Redis."""

    def __init__(self, per_ticket: str, per_address: str, counters: str) -> None:
        """`counters` is where they are kept, e.g. "memory://". Raises SettingsError."""
        self._per_ticket, self._per_address = rates_of(per_ticket), rates_of(per_address)
        self._limiter = SlidingWindowCounterRateLimiter(_counters(counters))
        self._reported_at = -math.inf

    def count_address(self, address: str) -> None:
        """Count a call from an address. Raises TooManyRequests."""
        self._count(self._per_address, "address", address)

    def count_call(self, keys: SessionKeys) -> None:
        """Count a call with a ticket. Raises TooManyRequests."""
        self._count(self._per_ticket, "calls", keys.prefix)

    def count_upload(self, keys: SessionKeys, interview: Interview) -> None:
        """Count an upload that begins. Raises TooManyRequests."""
        tracks = sum(len(question.tracks) for question in interview.questions)
        self._count([RateLimitItemPerHour(_UPLOADS_PER_TRACK * max(1, tracks))], "uploads", keys.prefix)

    def count_bytes(self, keys: SessionKeys, interview: Interview, policy: UploadPolicy, size: int) -> None:
        """Count bytes that URLs are signed for. Raises TooManyRequests."""
        budget = _SENT_TIMES * needed_bytes(interview, policy) + _ALWAYS
        self._count([RateLimitItemPerHour(budget // _KIB)], "bytes", keys.prefix, -(-size // _KIB))

    def _count(self, rates: Sequence[RateLimitItem], what: str, who: str, cost: int = 1) -> None:
        for rate in rates:
            try:
                if self._limiter.hit(rate, what, who, cost=cost):
                    continue
                left_s = self._limiter.get_window_stats(rate, what, who).reset_time - time.time()
            except StorageError as error:
                self._report(error)
                return  # counters that are away must not end interviews
            raise TooManyRequests(max(1, math.ceil(left_s)))

    def _report(self, error: StorageError) -> None:
        """Tell the operator, but not with each call."""
        now = time.monotonic()
        if now - self._reported_at > _REPORT_EVERY_S:
            self._reported_at = now
            _log.error("the counters of rates cannot be reached (%s): nothing is limited", type(error).__name__)


def needed_bytes(interview: Interview, policy: UploadPolicy) -> int:
    """Return how many bytes one take of every question has at most."""
    return sum(max_bytes(question, track, policy) for question in interview.questions for track in question.tracks)


def _counters(uri: str) -> Counters:
    patience = {} if uri.startswith("memory:") else _PATIENCE
    try:
        counters = storage_from_string(uri, wrap_exceptions=True, **patience)
    except ConfigurationError as error:
        raise SettingsError(f"SLIPSTREAM_RATE_STORE cannot be used: {error}.") from None
    if not isinstance(counters, Counters):
        raise SettingsError("SLIPSTREAM_RATE_STORE cannot be used: leave out `async+`.")
    return counters
