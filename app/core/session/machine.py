"""Hold the current SessionState, and change it; nothing else does."""

from collections.abc import Callable

from app.core.session.answers import Answer
from app.core.session.events import SessionEvent
from app.core.session.state import SessionState, fold


class SessionMachine:
    """Fold events into the state, and report each one."""

    def __init__(self, state: SessionState, on_change: Callable[[SessionEvent, SessionState], None]) -> None:
        """`on_change` gets each event after it was folded, with the state before it."""
        self.state = state
        self._on_change = on_change

    def tell(self, event: SessionEvent) -> None:
        """Fold an event into the state.

        Raises MoveRefused or TransitionRefused, and changes nothing, if the state does not allow the event.
        """
        before, self.state = self.state, fold(self.state, event)
        self._on_change(event, before)

    def answer(self, question: str) -> Answer:
        return self.state.answers[question]
