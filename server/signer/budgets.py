"""How much one ticket, and one address, may ask for: rates that recover, so that no answer is lost by them."""

import ipaddress
import logging
import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from threading import Lock

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
_MORE_UPLOADS = 12  # than takes, begun in an hour for each track: reloads, uploads that the store has forgotten
_SENT_TIMES = 4  # how often in an hour everything may be signed for: parts are sent again on bad lines
_ALWAYS = 2048 * MIB  # signed for in an hour whatever the interview: large parts, tried again and again
_KIB = 1024
_PATIENCE = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}  # seconds; a call waits for them
_AWAY_S = 10.0  # so long counters that do not answer are not asked again


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
        # Those in memory are not made for threads; those in Redis need no lock of ours, and must not wait for one.
        self._counting: AbstractContextManager[object] = Lock() if counters.startswith("memory:") else nullcontext()
        self._away_until = -math.inf  # in monotonic seconds: counters that do not answer are not asked

    def count_refusal(self, address: str) -> None:
        """Count a call from an address that had no good ticket or key. Raises TooManyRequests.

        Calls with a ticket are counted by it: candidates behind one address are not to suffer for one of them.
        """
        self._count(self._per_address, "address", network_of(address))

    def count_call(self, keys: SessionKeys) -> None:
        """Count a call with a ticket. Raises TooManyRequests."""
        self._count(self._per_ticket, "calls", keys.prefix)

    def check_upload(self, keys: SessionKeys, interview: Interview) -> None:
        """Raise TooManyRequests if no upload may begin now."""
        self._count(_uploads(interview), "uploads", keys.prefix, cost=0)

    def count_upload(self, keys: SessionKeys, interview: Interview) -> None:
        """Count an upload that has begun. What has failed before is not counted: the page tries it again."""
        with suppress(TooManyRequests):
            self._count(_uploads(interview), "uploads", keys.prefix)

    def count_bytes(self, keys: SessionKeys, interview: Interview, policy: UploadPolicy, size: int) -> None:
        """Count bytes that URLs are signed for. Raises TooManyRequests."""
        budget = _SENT_TIMES * needed_bytes(interview, policy) + _ALWAYS
        self._count([RateLimitItemPerHour(budget // _KIB)], "bytes", keys.prefix, -(-size // _KIB))

    def _count(self, rates: Sequence[RateLimitItem], what: str, who: str, cost: int = 1) -> None:
        """Count; with `cost` 0 only look."""
        for rate in rates:
            if time.monotonic() < self._away_until:
                return  # counters that are away must not end interviews
            try:
                with self._counting:
                    is_within = (
                        self._limiter.hit(rate, what, who, cost=cost) if cost else self._limiter.test(rate, what, who)
                    )
                    left_s = (
                        0.0 if is_within else self._limiter.get_window_stats(rate, what, who).reset_time - time.time()
                    )
            except StorageError as error:
                self._away_until = time.monotonic() + _AWAY_S
                _log.error("the counters of rates cannot be reached (%s): nothing is limited", type(error).__name__)
                return
            if not is_within:
                raise TooManyRequests(max(1, math.ceil(left_s)))


def _uploads(interview: Interview) -> list[RateLimitItem]:
    """Return how many uploads may begin in an hour: every take of every track, and more for reloads."""
    wanted = sum(len(question.tracks) * (question.takes + _MORE_UPLOADS) for question in interview.questions)
    return [RateLimitItemPerHour(max(1, wanted))]


def network_of(address: str) -> str:
    """Return an address as it is counted: of IPv6 the first 64 bits, as one home or office has all of the others."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # a socket's name
        return address
    return address if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))


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
