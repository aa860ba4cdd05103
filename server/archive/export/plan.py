"""What of a session is exported: every question of its interview, and the answer that counts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.contract import AnswerRecord, Interview, Question, Track, TrackRecord
from server.archive.answer_files import AnswerFiles
from server.archive.export.file_names import file_name
from server.archive.overview import SessionRow, row_of
from server.archive.records import Records
from server.archive.stored_session import State, StoredSession
from server.store.inventory import ListedObject


@dataclass(frozen=True, slots=True)
class PlannedTrack:
    track: Track
    record: TrackRecord
    path: PurePosixPath  # below the export's folder
    stored: ListedObject | None  # None: the bucket does not have it (any more)
    version: str | None = None  # the one that was submitted; None: the bucket keeps none

    @property
    def is_there(self) -> bool:
        return self.stored is not None or self.version is not None


@dataclass(frozen=True, slots=True)
class PlannedAnswer:
    number: int  # of the question, from 1
    question: str
    prompt: str  # "": the interview is not here any more, or has no such question now
    is_required: bool
    answer: AnswerRecord | None
    tracks: tuple[PlannedTrack, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedSession:
    row: SessionRow
    title: str  # of the interview
    folder: PurePosixPath
    answers: tuple[PlannedAnswer, ...]
    is_closed_by_operator: bool = False
    problems: tuple[str, ...] = ()

    @property
    def given(self) -> int:
        return sum(one.answer is not None for one in self.answers)


class Planner:
    def __init__(self, records: Records, files: AnswerFiles) -> None:
        self._records = records
        self._files = files

    def plan(self, stored: StoredSession, interview: Interview | None, folder: PurePosixPath) -> PlannedSession:
        """Return what to export of a session. `interview` None: its file is not here any more. Raises StoreError."""
        row = row_of(stored, self._records.session(stored.keys))
        receipt = self._records.receipt(stored.keys) if row.state is State.SUBMITTED else None
        answers = receipt.answers if receipt else _latest(self._files.answers(stored))
        if receipt is not None:
            row = row.model_copy(
                update={"submitted_at": receipt.submitted_at, "reference": receipt.reference or row.reference}
            )
        problems = []
        if receipt is None and row.state is State.SUBMITTED:
            problems.append("submission.json cannot be read. Shown is the latest take of each question.")
        versions = {one.key: one.version for one in receipt.objects} if receipt else {}
        return PlannedSession(
            row=row,
            title=interview.title if interview else row.interview,
            folder=folder,
            answers=tuple(_answers(stored, interview.questions if interview else (), answers, folder, versions)),
            is_closed_by_operator=bool(receipt and receipt.closed_by_operator),
            problems=tuple(problems),
        )


def _latest(answers: Iterable[AnswerRecord]) -> tuple[AnswerRecord, ...]:
    """Return the latest take at each question of which something is there."""
    given = [one for one in answers if one.tracks or one.text]
    return tuple({one.question: one for one in sorted(given, key=lambda one: one.take)}.values())


def _answers(
    stored: StoredSession,
    questions: Sequence[Question],
    answers: Iterable[AnswerRecord],
    folder: PurePosixPath,
    versions: Mapping[str, str | None],
) -> Iterable[PlannedAnswer]:
    """Yield every question in the interview's order, then answers to questions that it has no more."""
    given = {one.question: one for one in answers}
    known = {one.id: one for one in questions}
    for number, id_ in enumerate([*known, *sorted(given.keys() - known.keys())], start=1):
        question, answer = known.get(id_), given.get(id_)
        yield PlannedAnswer(
            number=number,
            question=id_,
            prompt=question.prompt if question else "",
            is_required=question.required if question else False,
            answer=answer,
            tracks=tuple(_tracks(stored, number, answer, folder, versions)) if answer else (),
        )


def _tracks(
    stored: StoredSession,
    number: int,
    answer: AnswerRecord,
    folder: PurePosixPath,
    versions: Mapping[str, str | None],
) -> Iterable[PlannedTrack]:
    objects = {one.key: one for one in stored.objects}
    for track in Track:
        record = answer.tracks.get(track)
        # A page wrote the key: only one that the signer could have given to this very take is read, or names a file.
        if record is None or record.key not in stored.keys.recordings(answer.question, answer.take, track):
            continue
        path = folder / file_name(number, answer, track, record)
        yield PlannedTrack(track, record, path, objects.get(record.key), versions.get(record.key))
