"""Count failed tries by cause, and how many of the failed commands succeeded later."""

from collections import Counter
from dataclasses import dataclass, field

from app.contract.reasons import Reason
from app.core.embed.reasons import reason_of
from app.core.errors import Aborted, Stalled
from app.core.upload.commands import (
    Command,
    FinishUpload,
    FoldUpload,
    OpenUpload,
    ReconcileUpload,
    SendPart,
    StoreAnswer,
    StreamPart,
)
from app.core.upload.events import (
    AnswerStored,
    CommandFailed,
    Fact,
    PartAcknowledged,
    UploadCompleted,
    UploadCreated,
    UploadFolded,
    UploadReconciled,
)

_REPLIES: dict[type[Fact], type[Command]] = {
    UploadCreated: OpenUpload,
    UploadFolded: FoldUpload,
    UploadCompleted: FinishUpload,
    UploadReconciled: ReconcileUpload,
}


@dataclass
class Retries:
    """The retries of one upload, or of the documents."""

    by_cause: Counter[Reason] = field(default_factory=Counter)
    retried: int = 0  # commands that failed at least once
    recovered: int = 0  # of these, those that succeeded later
    stalls: int = 0
    _failed: set[tuple[object, ...]] = field(default_factory=set)  # have failed, and not succeeded yet

    def note(self, fact: Fact) -> None:
        if isinstance(fact, CommandFailed):
            self._fail(fact)
        elif (key := _key_of_reply(fact)) in self._failed and key is not None:
            self._failed.discard(key)
            self.recovered += 1

    def _fail(self, fact: CommandFailed) -> None:
        key = _key_of_command(fact.command)
        if key is None or isinstance(fact.error, Aborted):  # the page itself gave it up
            return
        self.by_cause[reason_of(fact.error)] += 1
        self.stalls += isinstance(fact.error, Stalled)
        if key not in self._failed:
            self._failed.add(key)
            self.retried += 1


def _key_of_command(command: Command) -> tuple[object, ...] | None:
    """Return what the reply to `command` is recognised by; None: its tries are not counted."""
    match command:
        case SendPart():
            return "part", command.upload, command.part.number
        case StreamPart():
            return "part", command.upload, command.number
        case OpenUpload() | FoldUpload() | FinishUpload() | ReconcileUpload():
            return type(command), command.upload
        case StoreAnswer(record=record):
            return "answer", record.question, record.take
        case _:  # probes are there to fail, and nobody waits for an upload to be dropped
            return None


def _key_of_reply(fact: Fact) -> tuple[object, ...] | None:
    match fact:
        case PartAcknowledged():
            return "part", fact.upload, fact.number
        case UploadCreated() | UploadFolded() | UploadCompleted() | UploadReconciled():
            return _REPLIES[type(fact)], fact.upload
        case AnswerStored(record=record):
            return "answer", record.question, record.take
        case _:
            return None
