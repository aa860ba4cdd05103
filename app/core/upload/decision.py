"""Decide what happens after a failure, and when; nothing else decides this.

The same rules hold for parts, creates, completions, comparisons, documents, and the signer's other calls. `retry.py`
has the waits; `refusals.py` distinguishes a store that refuses from a network that has failed.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from app.contract import TroubleKind, UploadPolicy
from app.core.errors import Corrupted, NetworkFailed, UploadError, UploadLost, UrlExpired, UrlRejected
from app.core.upload.refusals import Unanswered, trouble_of
from app.core.upload.retry import FRESH_URLS, Wait, backoff_s, refused_wait_s, wait_for
from app.core.upload.stream_health import HOPELESS

# After these refusals of a completion, the store is asked which parts it has before the completion is repeated.
_DOUBTFUL = (UrlRejected, Corrupted)
COMPARISONS = 4  # tries of one completion; then a person must act


class Remedy(Enum):
    WAIT = auto()  # repeat the command after the wait; None: a person must act first
    COMPARE = auto()  # as WAIT, but first ask the store which parts it has
    SHRINK = auto()  # open a new upload with smaller parts
    REOPEN = auto()  # open a new upload: the store has lost this one
    REPORT = auto()  # only the operator can fix it; repeat the command all the same


@dataclass(frozen=True, slots=True)
class Decision:
    remedy: Remedy
    wait_s: float | None = None  # None: waiting does not help
    asked_s: float = 0.0  # how much of the wait the server asked for
    trouble: TroubleKind | None = None  # what the operator has to fix; None: nothing


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when a command has failed. For most calls this is only the number of tries."""

    failures: int  # of this command since its last success, this one included
    refusals: int = 0  # URLs of this command refused in a row
    refusals_of_all: int = 0  # URLs of all parts of its upload; else each new part would count from 0
    is_silent: bool = False  # the network as a whole is silent
    losses: int = 0  # how often the store has lost its upload, this time included; 0: this is no such loss
    vain_losses: int = 0  # losses since a part was last acknowledged
    is_completion: bool = False
    is_to_store: bool = False  # the request went to the store, not to the signer
    has_passed: bool = False  # parts of this upload were acknowledged
    may_shrink: bool = False  # smaller parts can be requested
    is_stream: bool = False  # what a gateway refuses in this form can be sent as an ordinary part
    unanswered: Unanswered = field(default_factory=Unanswered)


def decide(error: UploadError, situation: Situation, policy: UploadPolicy, jitter: float) -> Decision:
    """Return what to do about `error`. `jitter` is from 0 to below 1."""
    if isinstance(error, UploadLost) and situation.losses:
        # A store may lose every upload: wait before opening a new one. A store that loses several uploads before it
        # has acknowledged a part will never accept one.
        if situation.vain_losses > FRESH_URLS:
            return Decision(Remedy.REOPEN, refused_wait_s(policy), trouble=TroubleKind.UNABLE)
        return Decision(Remedy.REOPEN, backoff_s(policy, situation.losses, jitter))
    is_silence = situation.is_silent and isinstance(error, NetworkFailed)
    failures = situation.refusals if isinstance(error, UrlExpired) else situation.failures
    if situation.is_completion and isinstance(error, _DOUBTFUL):
        return Decision(Remedy.COMPARE, backoff_s(policy, failures, jitter) if failures < COMPARISONS else None)
    wait = wait_for(error, policy, failures, jitter, is_offline=is_silence)
    if situation.is_stream and isinstance(error, HOPELESS):
        wait = Wait(backoff_s(policy, failures, jitter))
    counted = max(failures, situation.refusals_of_all) if isinstance(error, UrlExpired) else failures
    trouble = trouble_of(error, situation.unanswered, counted, has_passed=situation.has_passed)
    if trouble is None or not situation.is_to_store:
        return Decision(Remedy.WAIT, wait.duration_s, wait.asked_s)
    if situation.may_shrink and trouble in (TroubleKind.TOO_LARGE, TroubleKind.BLOCKED):
        return Decision(Remedy.SHRINK)
    return Decision(Remedy.REPORT, refused_wait_s(policy), wait.asked_s, trouble)
