"""Apply what `decision.py` decides about a failed command to the upload or document that it belongs to."""

from app.contract import TroubleKind
from app.core.errors import NetworkFailed, PartStuck, StoreBusy, UploadError, UploadLost, UrlExpired
from app.core.upload.book import UploadBook
from app.core.upload.commands import (
    Command,
    FinishUpload,
    FoldUpload,
    ReconcileUpload,
    SendPart,
    StoreAnswer,
    StreamPart,
)
from app.core.upload.decision import Decision, Remedy, Situation, decide
from app.core.upload.events import CommandFailed
from app.core.upload.steps import Step

_TO_STORE = (SendPart, StreamPart, StoreAnswer)  # the others go to the signer
_OF_UPLOAD = (SendPart, StreamPart, FoldUpload, FinishUpload, ReconcileUpload)  # the store may have lost their upload


def note_failure(book: UploadBook, fact: CommandFailed, now: float, jitter: float) -> None:
    """Apply a failed command. `now` is in clock seconds, `jitter` from 0 to below 1."""
    command, error = fact.command, fact.error
    if isinstance(command, SendPart | StreamPart):
        book.in_flight.note_end(command)
    step = book.step_of(command)
    if step is None or not step.is_in_flight:
        return  # out of date: a retake or a new upload has replaced it
    book.hear(error, of_store=isinstance(command, _TO_STORE))
    decision = decide(error, _situation(book, command, error, step), book.policy, jitter)
    if isinstance(error, StoreBusy):
        book.in_flight.ease(now + decision.asked_s)
    if isinstance(command, StreamPart):
        book.stream_health.note(error)
        if step is book.uploads[command.upload].streaming.step:
            book.uploads[command.upload].streaming.open = None  # nothing of it counts: it is streamed again
    _apply(book, fact, step, decision, now)


def _situation(book: UploadBook, command: Command, error: UploadError, step: Step) -> Situation:
    """Count the failure, and return what is known about it."""
    if isinstance(error, UploadLost) and isinstance(command, _OF_UPLOAD):
        lost = book.uploads[command.upload]
        return Situation(failures=0, losses=lost.losses + 1, vain_losses=lost.vain_losses + 1)
    unanswered = book.unanswered_of(command)
    unanswered.note(error)
    is_silent = book.in_flight.connectivity.is_silent
    if not (is_silent and isinstance(error, NetworkFailed)):  # offline, a missing reply is no try
        step.count(error)
    upload = book.uploads[command.upload] if isinstance(command, SendPart) else None
    if upload is not None and isinstance(error, UrlExpired):
        upload.refusals += 1
    return Situation(
        failures=step.failures,
        refusals=step.refusals,
        refusals_of_all=upload.refusals if upload is not None else 0,
        is_silent=is_silent,
        is_completion=isinstance(command, FinishUpload),
        is_to_store=isinstance(command, SendPart | StoreAnswer),
        is_stream=isinstance(command, StreamPart),
        has_passed=upload is not None and bool(upload.parts.acknowledged),
        may_shrink=upload is not None and upload.may_shrink,
        unanswered=unanswered,
    )


def _apply(book: UploadBook, fact: CommandFailed, step: Step, decision: Decision, now: float) -> None:
    command, error = fact.command, fact.error
    match decision.remedy, command:
        case Remedy.REOPEN, SendPart() | StreamPart() | FoldUpload() | FinishUpload() | ReconcileUpload():
            book.uploads[command.upload].lose(str(error), decision.wait_s or 0.0, decision.trouble, now)
            book.in_flight.stop(command.upload)
        case Remedy.SHRINK, SendPart():
            book.uploads[command.upload].shrink(command.part.size)
            book.in_flight.stop(command.upload)
        case Remedy.REPORT, _ if decision.trouble is not None:
            step.refuse(_sentence_of(decision.trouble, error), decision.trouble, decision.wait_s or 0.0, now)
        case remedy, _:
            if remedy is Remedy.COMPARE and isinstance(command, FinishUpload):
                book.uploads[command.upload].doubt()
            step.fail(str(error), decision.wait_s, now, decision.asked_s)
            if isinstance(error, PartStuck) and isinstance(command, FoldUpload):
                book.uploads[command.upload].note_stuck(error)


def _sentence_of(trouble: TroubleKind, error: UploadError) -> str:
    if trouble is TroubleKind.BLOCKED:  # the error only says that there was no reply
        return "The store answers, but takes nothing from this page: its CORS rule, or a gateway's limit."
    return str(error)
