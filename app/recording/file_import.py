"""Use a file that was recorded elsewhere as an answer, through the same journal and uploads."""

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from app.contract import Question, UploadPolicy
from app.core.errors import JournalUnread
from app.core.media import Media
from app.core.ports import Ports
from app.core.recording.file_rules import FileFacts, FileFault, content_type_of, fault_of, track_of
from app.core.recording.ports import Chunk, FileGone, ShrinkFailed, Shrinking
from app.core.recording.shrink_rules import ShrinkBounds, is_too_large, shrink_bounds, shrink_view
from app.core.session.answers import Answer, Phase
from app.core.session.events import FileChosen, TakeDropped
from app.core.session.machine import SessionMachine
from app.core.session.notice_events import FileRefused, FileSentAsItIs
from app.core.upload.events import ChunkJournalled, RecordingStarted, RecordingStopped
from app.core.upload.recording_id import RecordingId
from app.journal.journal import try_forget, try_note
from app.recording.recorded import Ending, Recorded


@dataclass(frozen=True, slots=True)
class Taken:
    started: RecordingStarted
    chunks: list[ChunkJournalled]
    recorded: Recorded


class _Refused(Exception):
    def __init__(self, fault: FileFault) -> None:
        super().__init__(fault)
        self.fault = fault


class _Dropped(Exception):
    """The candidate has dropped the file."""


@dataclass(frozen=True, slots=True)
class _Film:
    """A chosen file, and what it is to become."""

    file: Media
    facts: FileFacts
    question: Question
    ref: RecordingId
    take: int

    @property
    def duration_s(self) -> float:
        return self.facts.duration_s or 0.0


class FileImport:
    """Copy chosen files into the journal, or what they are encoded to, one at a time."""

    def __init__(self, machine: SessionMachine, policy: UploadPolicy, ports: Ports) -> None:
        self._machine = machine
        self._policy = policy
        self._ports = ports
        self._shrinking: Shrinking | None = None  # None: nothing is being encoded
        self._sends_as_is: bool | None = None  # how the candidate has stopped the encoding; None: not at all

    async def take_in(self, answer: Answer, file: Media) -> Taken | None:
        """Check and journal the whole file.

        None if the file cannot be used, and a notice tells the candidate why; or if the candidate has dropped it. The
        uploads get no fact before the whole file is journalled: half a film is no answer, so after a crash the
        candidate chooses the file again. Its RecordingStarted is journalled last, and rows without one are swept.
        """
        question = answer.question
        key = self._ports.randomness.recording_key(question.id)
        self._machine.tell(FileChosen(question.id, key))
        ref = RecordingId(question.id, track_of(question), key)
        try:
            return await self._taken(ref, answer, file)
        except (FileGone, JournalUnread):
            fault: FileFault | None = FileFault.UNREADABLE
        except _Refused as refused:
            fault = refused.fault
        except _Dropped:
            fault = None
        await try_forget(self._ports.journal, ref)
        self._machine.tell(TakeDropped(question.id))
        if fault is not None:
            self._refuse(question, fault)
        return None

    def stop_shrinking(self, *, sends_as_is: bool) -> None:
        """Drop the video that is being encoded, or use the file as it is. Do nothing if none is."""
        if self._shrinking is not None:
            self._sends_as_is = sends_as_is
            self._shrinking.close()

    async def _taken(self, ref: RecordingId, answer: Answer, file: Media) -> Taken:
        """Return the journalled file, encoded again if it is large. Raises FileGone, JournalUnread and our own."""
        film = _Film(file, await self._ports.files.facts(file), answer.question, ref, answer.take)
        bounds = shrink_bounds(film.facts, film.question, self._policy)
        _check(fault_of(film.facts, film.question, is_shrinkable=bounds is not None))
        taken = await (self._shrink_or_copy(film, bounds) if bounds is not None else self._copy(film))
        # Only now, and without it a reload would not find the recording.
        await try_note(self._ports.journal, taken.started)
        return taken

    async def _shrink_or_copy(self, film: _Film, bounds: ShrinkBounds) -> Taken:
        """Return the journalled video: smaller; or as it is, if the candidate wants that or the browser fails."""
        try:
            taken = await self._shrink(film, bounds)
        except ShrinkFailed as failed:
            self._ports.console.say(f"a chosen video is not made smaller: {failed}")
            _check(FileFault.STAYS_TOO_LARGE if fault_of(film.facts, film.question) else None)
            taken = await self._copy(film)
            self._ports.view.note(FileSentAsItIs(film.question.id))  # only now: the file might have been gone
        if taken is None:
            _check(fault_of(film.facts, film.question))
            taken = await self._copy(film)
        return taken

    async def _copy(self, film: _Film) -> Taken:
        content_type = content_type_of(film.facts, film.question) or ""
        size = film.facts.size
        taken = await self._journal(film, self._ports.files.pieces(film.file), lambda read: read / size, content_type)
        if taken is None or taken.recorded.size != size:
            raise FileGone  # it has changed while it was read
        return taken

    async def _shrink(self, film: _Film, bounds: ShrinkBounds) -> Taken | None:
        """Journal what the video is encoded to; None if the candidate sends it as it is.

        Raises ShrinkFailed, and _Dropped.
        """
        question, view = film.question, self._ports.view
        self._sends_as_is = None
        self._shrinking = shrinking = self._ports.files.shrink(film.file, bounds)

        def follow(size: int) -> float:
            if is_too_large(size, film.facts, question):
                raise ShrinkFailed("it stays too large")
            view.show_shrinking(question.id, shrink_view(shrinking.progress, film.facts, question))
            return shrinking.progress

        taken: Taken | None = None
        try:
            follow(0)
            taken = await self._journal(film, shrinking.pieces(), follow)
        except ShrinkFailed:
            if self._sends_as_is is None:
                raise
        finally:
            shrinking.close()
            self._shrinking = None
            view.show_shrinking(question.id, None)
        if self._sends_as_is is False:
            raise _Dropped
        if self._sends_as_is:
            return None
        if taken is None:
            raise ShrinkFailed("nothing was encoded")
        return taken

    async def _journal(
        self, film: _Film, pieces: AsyncIterator[Chunk], share: Callable[[int], float], content_type: str | None = None
    ) -> Taken | None:
        """Journal all pieces; None if there are none. Nothing that is journalled counts before its RecordingStarted is.

        `share` tells which share of the film (0 to 1) the first so many bytes are. Without a `content_type`, the first
        piece's counts. Raises JournalUnread, and what `pieces` and `share` raise.
        """
        journal = self._ports.journal
        await try_forget(journal, film.ref)  # rows that an earlier try may have left
        started: RecordingStarted | None = None
        chunks: list[ChunkJournalled] = []
        digest, size = hashlib.sha256(), 0
        async for piece in pieces:
            started = started or RecordingStarted(film.ref, content_type or piece.content_type, film.take)
            size += piece.size
            fact = ChunkJournalled(film.ref, piece.size, round(film.duration_s * share(size), 3))
            await journal.append(fact, piece.media)
            chunks.append(fact)
            async for block in self._ports.digester.blocks(piece.media):
                digest.update(block)
        stopped = RecordingStopped(film.ref, digest.hexdigest(), film.duration_s, size=size, prepared=True)
        return Taken(started, chunks, Recorded(film.ref, size, Ending.STOPPED, stopped)) if started else None

    def _refuse(self, question: Question, fault: FileFault) -> None:
        max_bytes = float(question.file.max_bytes) if question.file else 0.0
        limits = {
            FileFault.TOO_LARGE: max_bytes,
            FileFault.STAYS_TOO_LARGE: max_bytes,
            FileFault.TOO_LONG: float(question.limit_s),
        }
        self._ports.view.note(FileRefused(question.id, fault, limits.get(fault)))


def may_choose(answer: Answer) -> bool:
    """Whether a file may be chosen now: the question allows files, and a recording could begin."""
    return answer.question.file is not None and answer.phase is Phase.READY and answer.takes_left > 0


def _check(fault: FileFault | None) -> None:
    """Raises _Refused."""
    if fault is not None:
        raise _Refused(fault)
