"""Decide what cures a failed command, and when it is given again."""

from dataclasses import dataclass
from enum import Enum, auto

from app.contract import UploadPolicy
from app.core.errors import (
    Aborted,
    Corrupted,
    Fatal,
    NetworkFailed,
    Retryable,
    SignerInvalid,
    StoreBusy,
    UploadError,
    UploadLost,
    UrlExpired,
)
from app.core.upload.connectivity import PROBE_S

RETRY_AFTER_CAP_S = 60.0  # no store may silence the page for longer than this
REFUSED_CAPS = 2  # caps between two tries of what is refused: an operator may mend it at any time
FRESH_URLS = 5  # refusals in a row after which a new signature is not the cure


class Cure(Enum):
    AT_ONCE = auto()  # nothing was wrong
    BACK_OFF = auto()  # it passes: again, later each time
    FRESH_URL = auto()  # again at once with a new signature, then later each time, and not for ever
    AS_ASKED = auto()  # backing off, but never earlier than the other side wants it
    PERSON = auto()  # waiting does not help


# The first row that fits holds. No limit on tries stands here: an answer cannot be given again.
_CURES: tuple[tuple[type[UploadError], Cure], ...] = (
    (Aborted, Cure.AT_ONCE),
    (UrlExpired, Cure.FRESH_URL),
    (StoreBusy, Cure.AS_ASKED),
    (NetworkFailed, Cure.BACK_OFF),
    (Corrupted, Cure.BACK_OFF),
    (SignerInvalid, Cure.BACK_OFF),
    (UploadLost, Cure.BACK_OFF),  # of the new upload that is then begun
    (Retryable, Cure.BACK_OFF),
    (Fatal, Cure.PERSON),
)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait; of it, how much the other side has asked for."""

    duration_s: float | None  # None: a person must act first
    asked_s: float = 0.0


def cure_of(error: UploadError) -> Cure:
    return next((cure for kind, cure in _CURES if isinstance(error, kind)), Cure.PERSON)


def backoff_s(policy: UploadPolicy, failures: int, jitter: float) -> float:
    """Return the wait before try number `failures + 1`, in seconds.

    Full jitter: even over 0 to base × 2^(failures - 1), capped (Marc Brooker, "Exponential Backoff
    And Jitter", AWS Architecture Blog, 2015). `jitter` is from 0 to below 1.
    """
    doublings = min(failures - 1, 32)  # more would only overflow; the cap was reached long before
    return jitter * min(policy.retry_cap_s, policy.retry_base_s * 2.0**doublings)


def refused_wait_s(policy: UploadPolicy) -> float:
    """Return the wait before something that only the operator can mend is tried again."""
    return REFUSED_CAPS * policy.retry_cap_s


def wait_for(
    error: UploadError, policy: UploadPolicy, failures: int, jitter: float, *, is_offline: bool = False
) -> Wait:
    """Return the wait before the command is given again.

    `failures` counts this one, since the last success; for UrlExpired, URLs refused in a row: what a network did
    before says nothing of them. Offline, silence is no failure of the command: it is looked for again every PROBE_S.
    """
    if is_offline and isinstance(error, NetworkFailed):
        return Wait(PROBE_S)
    cure, asked_s = cure_of(error), 0.0
    if cure is Cure.PERSON or (cure is Cure.FRESH_URL and failures > FRESH_URLS):
        return Wait(None)
    if cure is Cure.AT_ONCE or (cure is Cure.FRESH_URL and failures == 1):
        return Wait(0.0)  # a URL has most often simply expired: a fresh one cures it at once
    if isinstance(error, StoreBusy):
        asked_s = min(error.retry_after_s, RETRY_AFTER_CAP_S)
    return Wait(asked_s + backoff_s(policy, failures, jitter), asked_s)
