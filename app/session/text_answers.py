"""Written answers: stored while they are typed, a moment after each pause."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from app.core.errors import JournalFull
from app.core.ports import Clock, Journal
from app.core.session.events import TextEdited, TextHandedOn
from app.core.session.machine import SessionMachine
from app.core.upload.events import AnswerWritten, Fact

QUIET_S = 0.8  # a pause in typing; shorter ones would store every word


class TextAnswers:
    """Follow what is typed and tell `AnswerWritten` when the candidate pauses."""

    def __init__(self, machine: SessionMachine, journal: Journal, clock: Clock, tell: Callable[[Fact], None]) -> None:
        self._machine = machine
        self._journal = journal
        self._clock = clock
        self._tell = tell
        self._due: dict[str, float] = {}  # question → clock second
        self._edited = asyncio.Event()

    def edit(self, question: str, text: str) -> None:
        """Take the text as it stands; longer than the question allows is cut off, as in the field itself."""
        answer = self._machine.answer(question)
        rules = answer.question.text
        # JavaScript's strings may hold half a character; neither JSON nor a file can.
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        if rules is None or text[: rules.max_characters] == answer.text:
            return
        self._machine.tell(TextEdited(question, text[: rules.max_characters]))
        self._due[question] = self._clock.now() + QUIET_S
        self._edited.set()

    def hand_on(self, tasks: asyncio.TaskGroup) -> None:
        """Have what has been typed stored at once; nothing waits for the journal."""
        written = self._take_due()
        tasks.create_task(self._keep(written))

    def _take_due(self) -> list[AnswerWritten]:
        """Tell what has been typed; return it."""
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
                await self._journal.note(fact)  # not only with its sending: that may be paused, or wait its turn

    @property
    def is_pending(self) -> bool:
        """True while typed text has not been handed on."""
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
