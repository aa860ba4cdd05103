"""The small documents beside the media, and the record that closes a session."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http import HTTPStatus

from pydantic import JsonValue, ValidationError

from app.contract import (
    AnswerRecord,
    ProblemType,
    Question,
    SignDocument,
    SignedDocument,
    Submission,
    SubmissionReceipt,
)
from server.devices import Devices
from server.problems import ProblemError, already_submitted, invalid, store_misconfigured
from server.session import Session
from server.storage import Storage

_JSON = "application/json"
_LOOKUPS = 8  # objects looked up at the same time


class Submissions:
    def __init__(self, storage: Storage, devices: Devices) -> None:
        self._storage = storage
        self._devices = devices

    def sign_document(self, session: Session, request: SignDocument) -> SignedDocument:
        """Return a URL for a take's answer.json. It may be written again until the session is closed."""
        session.question(request.question, request.take)
        self._devices.look(session.keys, session.device)
        key = session.keys.answer(request.question, request.take)
        life_s = session.url_life_s()
        url, headers = self._storage.sign_document(key, _JSON, size=request.size, md5=request.md5, life_s=life_s)
        return SignedDocument(key=key, url=url, headers=headers, life_s=life_s)

    def submit(self, session: Session, request: Submission) -> SubmissionReceipt:
        """Close the session. The same submission again gives the same receipt."""
        if (closed := self._closed(session)) is not None:
            if closed.answers != request.answers:
                raise already_submitted()
            return closed
        self._devices.look(session.keys, session.device)
        for answer in request.answers:
            check_answer(session, answer)
        if missing := [*_unanswered(session, request), *self._missing_objects(request)]:
            raise ProblemError(
                ProblemType.INCOMPLETE,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "Something that belongs to this submission is missing.",
                missing,
            )
        receipt = SubmissionReceipt(
            interview=session.interview.id,
            session=session.ticket.sub,
            submitted_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            answers=request.answers,
        )
        body = receipt.model_dump_json(indent=2).encode()
        self._storage.write(session.keys.submission, body, _JSON)
        # What a retake or a lost reply left open would be paid for and never seen.
        for key, upload in self._storage.open_uploads(session.keys.prefix):
            self._storage.abort(key, upload)
        return receipt

    def _closed(self, session: Session) -> SubmissionReceipt | None:
        body = self._storage.read(session.keys.submission)
        if body is None:
            return None
        try:
            return SubmissionReceipt.model_validate_json(body)
        except ValidationError:
            raise store_misconfigured("submission.json is damaged") from None

    def _missing_objects(self, request: Submission) -> list[dict[str, JsonValue]]:
        named = [(answer, track, record) for answer in request.answers for track, record in answer.tracks.items()]
        with ThreadPoolExecutor(_LOOKUPS) as pool:
            found = pool.map(self._storage.head, [record.key for _, _, record in named])
            return [
                {
                    "question": answer.question,
                    "track": str(track),
                    "msg": "not stored" if stored is None else "stored with another size",
                }
                for (answer, track, record), stored in zip(named, found, strict=True)
                if stored is None or stored.size != record.size
            ]


def check_answer(session: Session, answer: AnswerRecord) -> None:
    """Raise ProblemError where a record does not fit the interview, or names another's object."""
    question = session.question(answer.question, answer.take)
    for track, record in answer.tracks.items():
        if track not in question.tracks:
            raise invalid(f"Question {question.id} takes no {track}.")
        if record.key != session.keys.recording(question.id, answer.take, track, record.content_type):
            raise invalid(f"The {track} of question {question.id} does not lie where it is said to.")
    if answer.text:
        if question.text is None:
            raise invalid(f"Question {question.id} takes no text.")
        if len(answer.text) > question.text.max_characters:
            raise invalid(f"Question {question.id} takes {question.text.max_characters} characters.")


def _unanswered(session: Session, request: Submission) -> list[dict[str, JsonValue]]:
    answers = {answer.question: answer for answer in request.answers}
    return [
        {"question": question.id, "msg": "not answered"}
        for question in session.interview.questions
        if question.required and not _is_answered(question, answers.get(question.id))
    ]


def _is_answered(question: Question, answer: AnswerRecord | None) -> bool:
    """Whether something was recorded, or, where nothing is to be, written.

    One track of two is enough: a microphone that gave nothing must not cost a candidate the video.
    """
    if answer is None:
        return False
    if question.tracks:
        return bool(answer.tracks)
    return bool(answer.text and answer.text.strip())
