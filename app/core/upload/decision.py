"""The one place where it is decided what happens after a failure, and when.

For parts, creates, completions, comparisons, documents, and the signer's other calls alike. `retry.py` has the waits,
`refusals.py` tells a store that refuses from a network that is away.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from app.contract import TroubleKind, UploadPolicy
from app.core.errors import Corrupted, NetworkFailed, UploadError, UploadLost, UrlExpired, UrlRejected
from app.core.upload.refusals import Unanswered, trouble_of
from app.core.upload.retry import FRESH_URLS, backoff_s, refused_wait_s, wait_for

# Refusals of a completion after which the store is asked what it has, instead of being told again.
_DOUBTFUL = (UrlRejected, Corrupted)
COMPARISONS = 4  # tries of one completion; then a person is told


class Remedy(Enum):
    WAIT = auto()  # the same again, after the wait; None: a person must act first
    COMPARE = auto()  # as WAIT, and the store is asked before it what it has
    SHRINK = auto()  # smaller parts, in a new upload
    REOPEN = auto()  # a new upload: the store has lost this one
    REPORT = auto()  # only the operator can mend it; tried again all the same


@dataclass(frozen=True, slots=True)
class Decision:
    remedy: Remedy
    wait_s: float | None = None  # None: waiting does not help
    asked_s: float = 0.0  # of the wait, how much the other side has asked for
    trouble: TroubleKind | None = None  # what an operator has to mend


@dataclass(frozen=True, slots=True)
class Situation:
    """What was known when a command failed. Of most calls nothing but the number of tries is."""

    failures: int  # of this command since its last success, this one included
    refusals: int = 0  # URLs refused in a row: of this command
    refusals_of_all: int = 0  # the same, of all parts of its upload: each new one would ask as often again
    is_silent: bool = False  # the network as a whole is silent
    losses: int = 0  # how often the store has lost its upload, this time included; 0: it is not about one
    vain_losses: int = 0  # of these, since a part was last acknowledged
    is_completion: bool = False
    is_to_store: bool = False  # the request went to the store, and not to the signer
    has_passed: bool = False  # parts of this upload have arrived
    may_shrink: bool = False  # smaller parts can be asked for
    unanswered: Unanswered = field(default_factory=Unanswered)


def decide(error: UploadError, situation: Situation, policy: UploadPolicy, jitter: float) -> Decision:
    """Return what to do about `error`. `jitter` is from 0 to below 1."""
    if isinstance(error, UploadLost) and situation.losses:
        # A store that loses every upload must not be asked for new ones in a rush; one that loses them before it has
        # taken a part will never take one.
        if situation.vain_losses > FRESH_URLS:
            return Decision(Remedy.REOPEN, refused_wait_s(policy), trouble=TroubleKind.UNABLE)
        return Decision(Remedy.REOPEN, backoff_s(policy, situation.losses, jitter))
    is_silence = situation.is_silent and isinstance(error, NetworkFailed)
    failures = situation.refusals if isinstance(error, UrlExpired) else situation.failures
    if situation.is_completion and isinstance(error, _DOUBTFUL):
        return Decision(Remedy.COMPARE, backoff_s(policy, failures, jitter) if failures < COMPARISONS else None)
    wait = wait_for(error, policy, failures, jitter, is_offline=is_silence)
    counted = max(failures, situation.refusals_of_all) if isinstance(error, UrlExpired) else failures
    trouble = trouble_of(error, situation.unanswered, counted, has_passed=situation.has_passed)
    if trouble is None or not situation.is_to_store:
        return Decision(Remedy.WAIT, wait.duration_s, wait.asked_s)
    if situation.may_shrink and trouble in (TroubleKind.TOO_LARGE, TroubleKind.BLOCKED):
        return Decision(Remedy.SHRINK)
    return Decision(Remedy.REPORT, refused_wait_s(policy), wait.asked_s, trouble)
