"""Tell a store that refuses from a network that is away: a page is told neither, both are silence to it."""

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

CONTRADICTIONS = 2  # looks at which everybody answered, each after FAILURES sends that nobody answered
_ANSWERS = (BodyTooLarge, Corrupted, EtagMissing, StoreBusy, UrlExpired)


@dataclass(frozen=True, slots=True)
class Reached:
    """Who answered a small question just now, whatever the answer was."""

    signer: bool
    store: bool

    @property
    def is_contradiction(self) -> bool:
        """Whether silence of either needs another reason than that nobody is there."""
        return self.signer and self.store


@dataclass(slots=True)
class Unanswered:
    """Follow what is sent for one thing, an upload's parts or an answer.json, and not answered."""

    sends: int = 0  # in a row, since the last look
    contradictions: int = 0

    def note(self, error: UploadError) -> None:
        if isinstance(error, StoreSilent | Stalled):
            self.sends += 1
        elif isinstance(error, _ANSWERS):
            self.clear()

    def look(self, reached: Reached) -> None:
        """Take in what a look has shown. Whoever does not answer explains the silence."""
        if not reached.is_contradiction:
            self.clear()
        elif self.sends >= FAILURES:
            self.sends, self.contradictions = 0, self.contradictions + 1

    def clear(self) -> None:
        """The store has answered: it refuses nothing unheard."""
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
    """Return what an operator has to mend; None: it is no refusal, or none yet.

    `failures` counts as for `wait_for`. `has_passed`: parts of this size did, so one 413 may be one gateway of many.
    """
    kinds = (
        (TroubleKind.TOO_LARGE, isinstance(error, BodyTooLarge) and failures > (FRESH_URLS if has_passed else 0)),
        (TroubleKind.BLOCKED, isinstance(error, StoreSilent) and unanswered.is_refusal),
        (TroubleKind.UNABLE, isinstance(error, StoreUnable) and failures > FRESH_URLS),
        (TroubleKind.FORBIDDEN, isinstance(error, UrlExpired) and failures > FRESH_URLS),
    )
    return next((kind for kind, fits in kinds if fits), None)
