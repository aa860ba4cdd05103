"""Use a file that was recorded elsewhere as an answer, through the same journal and uploads."""

import hashlib

from app.contract import Question
from app.core.errors import JournalUnread
from app.core.media import Media
from app.core.ports import Ports
from app.core.recording.file_rules import FileFacts, FileFault, content_type_of, fault_of, track_of
from app.core.recording.ports import FileGone
from app.core.session.answers import Answer, Phase
from app.core.session.events import FileChosen, TakeDropped
from app.core.session.machine import SessionMachine
from app.core.session.notice_events import FileRefused
from app.core.upload.events import ChunkJournalled, Fact, RecordingStarted, RecordingStopped
from app.core.upload.recording_id import RecordingId
from app.journal.journal import try_forget, try_note
from app.recording.recorded import Ending, Recorded


class FileImport:
    """Copy chosen files into the journal, one at a time."""

    def __init__(self, machine: SessionMachine, ports: Ports) -> None:
        self._machine = machine
        self._ports = ports

    async def take_in(self, answer: Answer, file: Media) -> tuple[list[Fact], Recorded] | None:
        """Check and journal the whole file; return the facts for the uploads, and what was recorded.

        None if the file cannot be used; a notice tells the candidate why. The uploads get no fact before the whole file
        is journalled: half a film is no answer, so after a crash the candidate chooses the file again. Its
        RecordingStarted is journalled last, and rows without one are swept.
        """
        key = self._ports.randomness.recording_key(answer.question.id)
        self._machine.tell(FileChosen(answer.question.id, key))
        ref = RecordingId(answer.question.id, track_of(answer.question), key)
        fault = FileFault.UNREADABLE
        try:
            facts = await self._ports.files.facts(file)
            found = fault_of(facts, answer.question)
            taken = await self._copy(ref, file, facts, answer) if found is None else None
            fault = found or fault
        except (FileGone, JournalUnread):
            taken = None
        if taken is None:
            await try_forget(self._ports.journal, ref)
            self._machine.tell(TakeDropped(answer.question.id))
            self._refuse(answer.question, fault)
        return taken

    async def _copy(
        self, ref: RecordingId, file: Media, facts: FileFacts, answer: Answer
    ) -> tuple[list[Fact], Recorded] | None:
        """Journal the file; return None if its size has changed while it was read. Raises FileGone or JournalUnread."""
        journal = self._ports.journal
        await try_forget(journal, ref)  # rows that an earlier try may have left
        started = RecordingStarted(ref, content_type_of(facts, answer.question) or "", answer.take)
        told: list[Fact] = [started]
        digest, size = hashlib.sha256(), 0
        duration_s = facts.duration_s or 0.0
        async for piece in self._ports.files.pieces(file):
            size += piece.size
            fact = ChunkJournalled(ref, piece.size, round(duration_s * size / facts.size, 3))
            await journal.append(fact, piece.media)
            told.append(fact)
            async for block in self._ports.digester.blocks(piece.media):
                digest.update(block)
        if size != facts.size:
            return None
        await try_note(journal, started)  # without it a reload would not find the recording
        stopped = RecordingStopped(ref, digest.hexdigest(), duration_s, size=size, prepared=True)
        return told, Recorded(ref, size, Ending.STOPPED, stopped)

    def _refuse(self, question: Question, fault: FileFault) -> None:
        limits = {
            FileFault.TOO_LARGE: float(question.file.max_bytes) if question.file else 0.0,
            FileFault.TOO_LONG: float(question.limit_s),
        }
        self._ports.view.note(FileRefused(question.id, fault, limits.get(fault)))


def may_choose(answer: Answer) -> bool:
    """Whether a file may be chosen now: the question allows files, and a recording could begin."""
    return answer.question.file is not None and answer.phase is Phase.READY and answer.takes_left > 0
