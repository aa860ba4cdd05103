"""Discard a take, restore it, and delete it once another one counts."""

import asyncio

from app.core.ports import Ports
from app.core.session.answers import MoveRefused
from app.core.session.events import TakeReplaced, TakeRestored, TakeSetAside
from app.core.session.machine import SessionMachine
from app.core.upload.events import AnswerWritten, TakeDiscarded
from app.journal.journal import try_note
from app.recording.playback import TakePlayback
from app.upload.uploader import Uploader


class Discard:
    def __init__(self, machine: SessionMachine, ports: Ports, uploader: Uploader, tasks: asyncio.TaskGroup) -> None:
        self._machine = machine
        self._ports = ports
        self._uploader = uploader
        self._tasks = tasks
        self.playback = TakePlayback(ports)

    def discard(self, question: str) -> None:
        """Discard the last take, stored or not, so that it does not count. Do nothing if no take is left."""
        try:
            self._machine.tell(TakeSetAside(question))
        except MoveRefused:
            return  # a second click, or one before the button was hidden
        self.playback.put_away(question)
        self.remember(question)
        self._uploader.wake()

    def restore(self, question: str) -> None:
        """Make the discarded take count again. Do nothing if there is none, or if another take is being made."""
        try:
            self._machine.tell(TakeRestored(question))
        except MoveRefused:
            return
        self.playback.bring_back(question)
        answer = self._machine.answer(question)
        if answer.is_stored:  # an upload that completes while its take is discarded writes no answer.json
            self._uploader.tell(AnswerWritten(answer.record()))
        self._note(TakeDiscarded(question, 0))
        self._uploader.wake()

    def replace(self, question: str) -> None:
        """Delete the discarded take, because another one counts now."""
        if self._machine.answer(question).discarded is not None:
            self.playback.close(question)
            self._machine.tell(TakeReplaced(question))

    def remember(self, question: str) -> None:
        """Journal the present number of a discarded take, so that a reload shows the same state."""
        if (discarded := self._machine.answer(question).discarded) is not None:
            self._note(TakeDiscarded(question, discarded.take))

    def _note(self, fact: TakeDiscarded) -> None:
        async def note() -> None:
            await try_note(self._ports.journal, fact)

        self._tasks.create_task(note())
