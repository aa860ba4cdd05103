"""Discard a take, restore it, and let it go once another one counts."""

import asyncio

from app.core.ports import Ports
from app.core.session.answers import MoveRefused
from app.core.session.events import TakeReplaced, TakeRestored, TakeSetAside
from app.core.session.machine import SessionMachine
from app.core.upload.events import AnswerWritten, TakeDiscarded
from app.journal.journal import try_note
from app.recording.playback import TakePlayback
from app.recording.take_notices import hide_news, hide_of_take
from app.upload.uploader import Uploader


class Discard:
    def __init__(self, machine: SessionMachine, ports: Ports, uploader: Uploader, tasks: asyncio.TaskGroup) -> None:
        self._machine = machine
        self._ports = ports
        self._uploader = uploader
        self._tasks = tasks
        self.playback = TakePlayback(ports)

    def discard(self, question: str) -> None:
        """Have the last take not count, stored or not. Nothing happens if none is left."""
        try:
            self._machine.tell(TakeSetAside(question))
        except MoveRefused:
            return  # a second click, or a button that was late to be disabled
        self.playback.put_away(question)
        hide_of_take(question, self._ports.view)  # what they say is kept does not count any more
        self.remember(question)
        self._uploader.wake()

    def restore(self, question: str) -> None:
        """Have the discarded take count again. Nothing happens if there is none, or another is being made."""
        try:
            self._machine.tell(TakeRestored(question))
        except MoveRefused:
            return
        hide_news(question, self._ports.view)
        self.playback.bring_back(question)
        answer = self._machine.answer(question)
        if answer.is_stored:  # its last bytes may have arrived meanwhile, and then nobody was told
            self._uploader.tell(AnswerWritten(answer.record()))
        self._note(TakeDiscarded(question, 0))
        self._uploader.wake()

    def replace(self, question: str) -> None:
        """Let the discarded take go for good: another one counts now."""
        if self._machine.answer(question).discarded is not None:
            self.playback.close(question)
            self._machine.tell(TakeReplaced(question))

    def remember(self, question: str) -> None:
        """Note in the journal by what number a discarded take goes now, or a reload would show another state."""
        if (discarded := self._machine.answer(question).discarded) is not None:
            self._note(TakeDiscarded(question, discarded.take))

    def _note(self, fact: TakeDiscarded) -> None:
        async def note() -> None:
            await try_note(self._ports.journal, fact)

        self._tasks.create_task(note())
