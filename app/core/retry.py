"""Decide when a failed command is given again."""

from app.contract import UploadPolicy
from app.core.errors import Aborted, Retryable, StoreBusy, UploadError, UrlExpired

RETRY_AFTER_CAP_S = 60.0  # no store may silence the page for longer than this
FRESH_URLS = 5  # refusals in a row after which a new signature is not the cure


def backoff_s(policy: UploadPolicy, failures: int, jitter: float) -> float:
    """Return the wait before try number `failures + 1`, in seconds.

    Full jitter: even over 0 to base × 2^(failures - 1), capped (Marc Brooker, "Exponential Backoff
    And Jitter", AWS Architecture Blog, 2015). `jitter` is from 0 to below 1.
    """
    doublings = min(failures - 1, 32)  # more would only overflow; the cap was reached long before
    return jitter * min(policy.retry_cap_s, policy.retry_base_s * 2.0**doublings)


def wait_s(error: UploadError, policy: UploadPolicy, failures: int, jitter: float) -> float | None:
    """Return the wait in seconds before the command is given again; None: a person must act first.

    `failures` counts this one; for UrlExpired, URLs refused in a row: what a network did before says nothing of them.
    There is no limit while the failure may pass by itself.
    """
    match error:
        case Aborted():
            return 0.0
        case UrlExpired() if failures > FRESH_URLS:
            return None
        case UrlExpired() if failures == 1:
            return 0.0  # most often it has simply expired: a fresh one cures it at once
        case StoreBusy(retry_after_s=asked) if asked > 0:
            return min(asked, RETRY_AFTER_CAP_S) + backoff_s(policy, failures, jitter)
        case Retryable():
            return backoff_s(policy, failures, jitter)
        case _:
            return None
