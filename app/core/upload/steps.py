"""One remote action, which may take several tries."""

from dataclasses import dataclass
from enum import Enum, auto

from app.contract import TroubleKind
from app.core.errors import UploadError, UrlExpired


class StepState(Enum):
    WAITING = auto()
    IN_FLIGHT = auto()
    FAILED = auto()  # a person must act
    CHECKING = auto()  # a failed action is being tried again without a person
    DONE = auto()


class StepEvent(Enum):
    STARTED = auto()
    SUCCEEDED = auto()
    FAILED = auto()  # the failure is temporary
    REFUSED = auto()  # the failure is lasting
    RETRIED = auto()  # the candidate asked for another try
    REOPENED = auto()  # the result was lost, or there is something newer to do


_NEXT = {
    (StepState.WAITING, StepEvent.STARTED): StepState.IN_FLIGHT,
    (StepState.WAITING, StepEvent.SUCCEEDED): StepState.DONE,  # from the journal: done before a reload
    (StepState.WAITING, StepEvent.RETRIED): StepState.WAITING,
    (StepState.WAITING, StepEvent.REOPENED): StepState.WAITING,
    (StepState.IN_FLIGHT, StepEvent.SUCCEEDED): StepState.DONE,
    (StepState.IN_FLIGHT, StepEvent.FAILED): StepState.WAITING,
    (StepState.IN_FLIGHT, StepEvent.REFUSED): StepState.FAILED,
    (StepState.IN_FLIGHT, StepEvent.RETRIED): StepState.IN_FLIGHT,
    (StepState.FAILED, StepEvent.STARTED): StepState.CHECKING,
    (StepState.FAILED, StepEvent.RETRIED): StepState.WAITING,
    (StepState.FAILED, StepEvent.REOPENED): StepState.WAITING,
    (StepState.CHECKING, StepEvent.SUCCEEDED): StepState.DONE,
    (StepState.CHECKING, StepEvent.FAILED): StepState.FAILED,  # a temporary failure; the refusal may still hold
    (StepState.CHECKING, StepEvent.REFUSED): StepState.FAILED,
    (StepState.CHECKING, StepEvent.RETRIED): StepState.IN_FLIGHT,
    (StepState.DONE, StepEvent.RETRIED): StepState.DONE,
    (StepState.DONE, StepEvent.REOPENED): StepState.WAITING,
}


class StepRefused(Exception):
    """The step's state does not allow the event; nothing has changed."""


NOW, NEVER = float("-inf"), float("inf")


@dataclass(slots=True)
class Step:
    """Follow one create, part, complete or document through its tries."""

    state: StepState = StepState.WAITING
    failures: int = 0  # since the last success
    refusals: int = 0  # URLs refused in a row
    not_before: float = NOW  # clock seconds
    asked_for: float = NOW  # clock seconds: the server asked for no earlier try
    problem: str = ""  # the sentence of the last failure; "": none
    trouble: TroubleKind | None = None  # what the operator has to fix; None: nothing

    def on(self, event: StepEvent) -> None:
        """Change the state by an event. Raises StepRefused if the state does not allow it."""
        following = _NEXT.get((self.state, event))
        if following is None:
            raise StepRefused(f"{event.name} while {self.state.name}")
        self.state = following
        if event in (StepEvent.SUCCEEDED, StepEvent.RETRIED, StepEvent.REOPENED):
            self.failures, self.refusals, self.problem, self.trouble = 0, 0, "", None
            self.not_before = self.asked_for = NOW

    def count(self, error: UploadError) -> None:
        """Count one more failed try."""
        self.failures += 1
        self.refusals = self.refusals + 1 if isinstance(error, UrlExpired) else 0

    def fail(self, problem: str, wait_s: float | None, now: float, asked_s: float = 0.0) -> None:
        """Note a failed try; None for `wait_s` means that waiting will not help.

        The server asked for `asked_s` of the wait: `skip_backoff` does not shorten these.
        """
        self.on(StepEvent.REFUSED if wait_s is None else StepEvent.FAILED)
        self.problem = problem
        if wait_s is None:
            self.trouble = None  # an earlier refusal is not the reason of this failure
        self.not_before = NEVER if wait_s is None else now + wait_s
        self.asked_for = now + asked_s if asked_s > 0 else NOW

    def refuse(self, problem: str, trouble: TroubleKind, wait_s: float, now: float) -> None:
        """Note a try whose failure only the operator can fix; it is repeated after `wait_s` all the same."""
        self.on(StepEvent.REFUSED)
        self.problem, self.trouble = problem, trouble
        self.not_before, self.asked_for = now + wait_s, NOW

    def skip_backoff(self) -> None:
        """Wait no longer than the server asked for: the obstacle has gone. A step that needs a person keeps waiting."""
        if self.not_before != NEVER:
            self.not_before = min(self.not_before, self.asked_for)

    def is_ready(self, now: float) -> bool:
        return self.state in (StepState.WAITING, StepState.FAILED) and self.not_before <= now

    @property
    def is_in_flight(self) -> bool:
        return self.state in (StepState.IN_FLIGHT, StepState.CHECKING)

    @property
    def has_failed(self) -> bool:
        """Whether the failure is shown to a person."""
        return self.state in (StepState.FAILED, StepState.CHECKING)
