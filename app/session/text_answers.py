"""Store written answers while the candidate types, after each pause."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from app.core.errors import JournalFull
from app.core.ports import Clock, Journal
from app.core.session.events import TextEdited, TextHandedOn
from app.core.session.machine import SessionMachine
from app.core.upload.events import AnswerWritten, Fact

QUIET_S = 0.8  # a typing pause; a shorter one would store after every word


class TextAnswers:
    """Collect typed text and emit `AnswerWritten` when the candidate pauses."""

    def __init__(self, machine: SessionMachine, journal: Journal, clock: Clock, tell: Callable[[Fact], None]) -> None:
        self._machine = machine
        self._journal = journal
        self._clock = clock
        self._tell = tell
        self._due: dict[str, float] = {}  # question → clock second at which to store its text
        self._edited = asyncio.Event()

    def edit(self, question: str, text: str) -> None:
        """Replace the answer's text; cut it to the question's maximum, as the text field does."""
        answer = self._machine.answer(question)
        rules = answer.question.text
        # JavaScript strings may hold half a surrogate pair; JSON and files cannot.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if rules is None or text[: rules.max_characters] == answer.text:
            return
        self._machine.tell(TextEdited(question, text[: rules.max_characters]))
        self._due[question] = self._clock.now() + QUIET_S
        self._edited.set()

    def hand_on(self, tasks: asyncio.TaskGroup) -> None:
        """Store the typed text at once; a task writes it to the journal."""
        written = self._take_due()
        tasks.create_task(self._keep(written))

    def _take_due(self) -> list[AnswerWritten]:
        """Emit `AnswerWritten` for each edited answer; return these facts."""
        due = list(self._due)
        self._due.clear()
        for question in due:
            self._machine.tell(TextHandedOn(question))
        written = [AnswerWritten(self._machine.answer(question).record()) for question in due]
        for fact in written:
            self._tell(fact)
        return written

    async def _keep(self, written: list[AnswerWritten]) -> None:
        for fact in written:
            with suppress(JournalFull):
                await self._journal.note(fact)  # now, not only when it is sent: sending may be paused or delayed

    @property
    def is_pending(self) -> bool:
        """Whether some typed text has not been handed on yet."""
        return bool(self._due)

    async def run(self) -> None:
        while True:
            await self._edited.wait()
            now = self._clock.now()
            if all(due <= now for due in self._due.values()):
                self._edited.clear()
                await self._keep(self._take_due())
            else:
                await self._clock.sleep(max(self._due.values()) - now)
