"""Written answers: stored while they are typed, a moment after each pause."""

import asyncio
from collections.abc import Callable, Mapping

from app.core.answers import Answer
from app.core.events import AnswerWritten, Fact
from app.core.ports import Clock

QUIET_S = 0.8  # a pause in typing; shorter ones would store every word


class Writing:
    """Follow what is typed and tell `AnswerWritten` when the candidate pauses."""

    def __init__(self, answers: Mapping[str, Answer], clock: Clock, tell: Callable[[Fact], None]) -> None:
        self._answers = answers
        self._clock = clock
        self._tell = tell
        self._due: dict[str, float] = {}  # question → clock second
        self._edited = asyncio.Event()

    def edit(self, question: str, text: str) -> None:
        """Take the text as it stands; longer than the question allows is cut off, as in the field itself."""
        answer = self._answers[question]
        rules = answer.question.text
        if rules is None or text[: rules.max_characters] == answer.text:
            return
        answer.text = text[: rules.max_characters]
        self._due[question] = self._clock.now() + QUIET_S
        self._edited.set()

    def flush(self) -> None:
        """Store at once what has been typed."""
        for question in list(self._due):
            del self._due[question]
            self._tell(AnswerWritten(self._answers[question].record()))

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
                self.flush()
            else:
                await self._clock.sleep(max(self._due.values()) - now)
