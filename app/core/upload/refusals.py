"""Distinguish a store that refuses from a network that has failed: the page gets no reply in either case."""

from dataclasses import dataclass

from app.contract import TroubleKind
from app.core.errors import (
    BodyTooLarge,
    Corrupted,
    EtagMissing,
    Stalled,
    StoreBusy,
    StoreSilent,
    StoreUnable,
    UploadError,
    UrlExpired,
)
from app.core.upload.connectivity import FAILURES
from app.core.upload.retry import FRESH_URLS

CONTRADICTIONS = 2  # probes that signer and store answered, each after FAILURES sends without an answer
_ANSWERS = (BodyTooLarge, Corrupted, EtagMissing, StoreBusy, UrlExpired)


@dataclass(frozen=True, slots=True)
class Reached:
    """Who replied to a probe, whatever the reply was."""

    signer: bool
    store: bool

    @property
    def is_contradiction(self) -> bool:
        """Whether both replied: then an unreachable signer or store does not explain a missing answer."""
        return self.signer and self.store


@dataclass(slots=True)
class Unanswered:
    """Count the unanswered requests for one thing: an upload's parts, or an answer.json."""

    sends: int = 0  # in a row; counted from 0 again after each contradiction
    contradictions: int = 0

    def note(self, error: UploadError) -> None:
        if isinstance(error, StoreSilent | Stalled):
            self.sends += 1
        elif isinstance(error, _ANSWERS):
            self.clear()

    def look(self, reached: Reached) -> None:
        """Note the result of a probe. If signer or store did not reply, that explains the silence."""
        if not reached.is_contradiction:
            self.clear()
        elif self.sends >= FAILURES:
            self.sends, self.contradictions = 0, self.contradictions + 1

    def clear(self) -> None:
        """Count from 0 again: nothing suggests any more that the store refuses silently."""
        self.sends = self.contradictions = 0

    @property
    def wants_probe(self) -> bool:
        return self.sends >= FAILURES and not self.is_refusal

    @property
    def is_refusal(self) -> bool:
        return self.contradictions >= CONTRADICTIONS


def trouble_of(
    error: UploadError, unanswered: Unanswered, failures: int, *, has_passed: bool = False
) -> TroubleKind | None:
    """Return what the operator has to fix; None if this is no refusal, or none yet.

    `failures` counts as for `wait_for`. `has_passed`: parts of this size were acknowledged, so a single 413 may come
    from one of several gateways.
    """
    kinds = (
        (TroubleKind.TOO_LARGE, isinstance(error, BodyTooLarge) and failures > (FRESH_URLS if has_passed else 0)),
        (TroubleKind.BLOCKED, isinstance(error, StoreSilent) and unanswered.is_refusal),
        (TroubleKind.UNABLE, isinstance(error, StoreUnable) and failures > FRESH_URLS),
        (TroubleKind.FORBIDDEN, isinstance(error, UrlExpired) and failures > FRESH_URLS),
    )
    return next((kind for kind, fits in kinds if fits), None)
