"""Take a file that was recorded elsewhere as an answer: the same journal, the same uploads."""

import hashlib

from app.contract import Question
from app.core.answers import Answer, Move, Phase
from app.core.events import ChunkJournalled, Fact, RecordingStarted, RecordingStopped, UploadRef
from app.core.notices import Notice, Topic
from app.core.ports import FileGone, Media, Ports
from app.core.prepared_file import FileFacts, FileFault, content_type_of, fault_of, track_of
from app.keeping import forget, keep
from app.recording import Ending, Recorded

TOPICS = {
    FileFault.EMPTY: Topic.FILE_UNREADABLE,
    FileFault.UNREADABLE: Topic.FILE_UNREADABLE,
    FileFault.WRONG_TYPE: Topic.FILE_WRONG_TYPE,
    FileFault.TOO_LARGE: Topic.FILE_TOO_LARGE,
    FileFault.TOO_LONG: Topic.FILE_TOO_LONG,
}


class Choosing:
    """Copy chosen files into the journal, one at a time."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def look(self, question: Question, file: Media) -> FileFacts | None:
        """Return what is known of the file; None if it cannot be taken, which the candidate is told."""
        for topic in TOPICS.values():
            self._ports.view.hide_notice(topic, question.id)
        try:
            facts = await self._ports.files.facts(file)
        except FileGone:
            self._refuse(question, FileFault.UNREADABLE)
            return None
        fault = fault_of(facts, question)
        if fault is not None:
            self._refuse(question, fault)
            return None
        return facts

    async def take_in(self, answer: Answer, file: Media, facts: FileFacts) -> tuple[list[Fact], Recorded] | None:
        """Journal the whole file, and return what the uploads must be told of it; None if it went meanwhile.

        They hear nothing of it before: half a film is no answer, so after a crash it is chosen again. Its beginning is
        noted last, and rows without a beginning are swept.
        """
        journal, question = self._ports.journal, answer.question
        ref = UploadRef(question.id, answer.take, track_of(question))
        answer.move(Move.START)
        answer.move(Move.STOP)
        self._ports.view.show_answer(answer.view())
        content_type = content_type_of(facts, question) or ""
        told: list[Fact] = [RecordingStarted(ref, content_type)]
        digest, size = hashlib.sha256(), 0
        duration_s = facts.duration_s or 0.0
        try:
            async for piece in self._ports.files.pieces(file):
                size += piece.size
                fact = ChunkJournalled(ref, piece.size, round(duration_s * size / facts.size, 3))
                await journal.append(fact, piece.media)
                told.append(fact)
                async for block in self._ports.digester.blocks(piece.media):
                    digest.update(block)
        except FileGone:
            size = -1
        if size != facts.size:  # shortened, grown or deleted while we read it
            await forget(journal, ref)
            answer.move(Move.DISCARD)
            self._refuse(question, FileFault.UNREADABLE)
            self._ports.view.show_answer(answer.view())
            return None
        await keep(journal, RecordingStarted(ref, content_type))  # else a reload does not know of it
        stopped = RecordingStopped(ref, digest.hexdigest(), duration_s, size=size, prepared=True)
        return told, Recorded(ref, size, Ending.STOPPED, stopped)

    def _refuse(self, question: Question, fault: FileFault) -> None:
        limits = {
            FileFault.TOO_LARGE: float(question.file.max_bytes) if question.file else 0.0,
            FileFault.TOO_LONG: float(question.limit_s),
        }
        self._ports.view.show_notice(Notice(TOPICS[fault], question.id, limit=limits.get(fault)))


def may_choose(answer: Answer) -> bool:
    """Whether a file may be chosen now: where a recording might begin."""
    return answer.question.file is not None and answer.phase is Phase.READY and answer.takes_left > 0
