"""Continue where an earlier visit of this page ended: replay the facts of the journal."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from app.contract import AnswerRecord
from app.core.errors import JournalFull, JournalUnread
from app.core.ports import Ports
from app.core.session.events import AnswersRecovered
from app.core.session.machine import SessionMachine
from app.core.session.recovery import EarlierVisit
from app.core.upload.events import AnswerWritten, RecordingStopped, Restored
from app.core.upload.recording_id import RecordingId
from app.core.upload.steps import StepRefused
from app.journal.journal import try_forget
from app.upload.checksums import sha256_of
from app.upload.uploader import Uploader


@dataclass(frozen=True, slots=True)
class Recovered:
    """Name the uploads and the cut-off recordings that an earlier visit left."""

    uploads: frozenset[RecordingId]  # they continue in this visit
    cut_off: dict[str, float]  # question → seconds recorded before the page closed


async def restore(
    machine: SessionMachine, stored: Iterable[AnswerRecord], ports: Ports, uploader: Uploader
) -> Recovered:
    """Replay the journal into the session's state and, through `uploader`, into the scheduler.

    A recording that was never stopped ended when the page closed: end it here, as interrupted. Skip facts that belong
    to no question of this interview.
    """
    visit = EarlierVisit(machine.state.answers, stored, await ports.journal.replay())
    for fact in visit.to_tell():
        with suppress(StepRefused):  # a damaged row, or the row of a chunk that was not written: skip it
            uploader.tell(fact)
            visit.note(fact)
    # Do all of this before the first await: an upload may complete meanwhile.
    visit.restore_takes()
    replaced = visit.replaced()
    for ref in replaced:
        uploader.scheduler.abandon(ref.question, ref.key, visit.take_of(ref))
    for answer in visit.answers.values():
        if answer.discarded is not None:
            uploader.scheduler.discard(answer.question.id, answer.discarded.key)
    machine.tell(AnswersRecovered(visit.answers))
    for record in visit.records():
        uploader.tell(AnswerWritten(record))
    uploader.tell(Restored())
    for ref in visit.gone:
        await try_forget(ports.journal, ref)
    for ref, (size, elapsed_s) in visit.unfinished().items():
        if ref not in replaced:
            await _end(ref, size, elapsed_s, ports, uploader)
    return Recovered(visit.going_on(), visit.cut_off())


async def _end(ref: RecordingId, size: int, elapsed_s: float, ports: Ports, uploader: Uploader) -> None:
    """End a recording that was running when the page closed."""
    try:
        sha256 = await sha256_of(ports.journal, ports.digester, ref, size)
    except JournalUnread:
        sha256 = None  # keep the recording although it has no digest
    stopped = RecordingStopped(ref, sha256, elapsed_s, interrupted=True, size=size)
    with suppress(JournalFull):  # the next visit ends it again
        if size:
            await ports.journal.note(stopped)
        else:
            await ports.journal.forget(ref)  # else its end would be replayed for the next recording of this take
    uploader.tell(stopped)
