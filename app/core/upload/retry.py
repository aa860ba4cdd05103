"""Decide what helps after a failed command, and when it is given again."""

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

RETRY_AFTER_CAP_S = 60.0  # the longest wait that the page grants to a server
REFUSED_CAPS = 2  # times the cap, between two tries of what is refused: the operator may fix it at any time
FRESH_URLS = 5  # refusals in a row; after more of them, a new signature does not help

PATIENCE = 4  # times the first wait, where quick tries have failed one after the other


class Cure(Enum):
    AT_ONCE = auto()  # try again at once: nothing was wrong
    BACK_OFF = auto()  # the failure is temporary: try again, after a longer wait each time
    FRESH_URL = auto()  # try again at once with a new signature, then as BACK_OFF, but not for ever
    AS_ASKED = auto()  # as BACK_OFF, but never earlier than the server asked for
    PERSON = auto()  # waiting does not help: a person must act


# The first row that matches holds. The number of tries has no limit here: an interview answer cannot be asked again.
_CURES: tuple[tuple[type[UploadError], Cure], ...] = (
    (Aborted, Cure.AT_ONCE),
    (UrlExpired, Cure.FRESH_URL),
    (StoreBusy, Cure.AS_ASKED),
    (NetworkFailed, Cure.BACK_OFF),
    (Corrupted, Cure.BACK_OFF),
    (SignerInvalid, Cure.BACK_OFF),
    (UploadLost, Cure.BACK_OFF),  # before the new upload is opened
    (Retryable, Cure.BACK_OFF),
    (Fatal, Cure.PERSON),
)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long to wait, and how much of that the server asked for."""

    duration_s: float | None  # None: a person must act first
    asked_s: float = 0.0


def cure_of(error: UploadError) -> Cure:
    return next((cure for kind, cure in _CURES if isinstance(error, kind)), Cure.PERSON)


def backoff_s(policy: UploadPolicy, failures: int, jitter: float) -> float:
    """Return the wait before try number `failures + 1`, in seconds.

    Full jitter: even over 0 to base × 2^(failures - 1), capped (Marc Brooker, "Exponential Backoff
    And Jitter", AWS Architecture Blog, 2015). `jitter` is from 0 to below 1.
    """
    doublings = min(failures - 1, 32)  # more would only overflow; the cap is reached long before
    return jitter * min(policy.retry_cap_s, policy.retry_base_s * 2.0**doublings)


def patient(policy: UploadPolicy) -> UploadPolicy:
    """Return the policy with longer waits between tries; the longest one stays."""
    return policy.model_copy(update={"retry_base_s": min(policy.retry_cap_s, PATIENCE * policy.retry_base_s)})


def refused_wait_s(policy: UploadPolicy) -> float:
    """Return the wait in seconds before something that only the operator can fix is tried again."""
    return REFUSED_CAPS * policy.retry_cap_s


def wait_for(
    error: UploadError, policy: UploadPolicy, failures: int, jitter: float, *, is_offline: bool = False
) -> Wait:
    """Return the wait before the command is given again.

    `failures` counts the failures since the last success, this one included; for UrlExpired, the URLs refused in a
    row, because earlier network failures say nothing about URLs. Offline, a missing reply is no failure of the
    command: it is given again every PROBE_S.
    """
    if is_offline and isinstance(error, NetworkFailed):
        return Wait(PROBE_S)
    cure, asked_s = cure_of(error), 0.0
    if cure is Cure.PERSON or (cure is Cure.FRESH_URL and failures > FRESH_URLS):
        return Wait(None)
    if cure is Cure.AT_ONCE or (cure is Cure.FRESH_URL and failures == 1):
        return Wait(0.0)  # most often the URL has simply expired: a fresh one helps at once
    if isinstance(error, StoreBusy):
        asked_s = min(error.retry_after_s, RETRY_AFTER_CAP_S)
    return Wait(asked_s + backoff_s(policy, failures, jitter), asked_s)
