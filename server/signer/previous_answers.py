"""Answers that a session has already stored: a candidate can continue with them on another device."""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

from pydantic import ValidationError

from app.contract import AnswerRecord
from server.errors import SignerError
from server.signer.answer_rules import check_answer
from server.signer.sessions import Session
from server.store.storage import Storage

_LOOKUPS = 8  # documents read at the same time


def previous_answers(storage: Storage, session: Session, keys: Collection[str]) -> tuple[AnswerRecord, ...]:
    """Return the latest answer.json of each question that has one. `keys` are those of the session's objects.

    The page wrote them through signed URLs, so they are not trusted: what does not fit the interview is left out.
    """
    latest = []
    for question in session.interview.questions:
        found = [
            key for take in range(1, question.takes + 1) if (key := session.keys.answer(question.id, take)) in keys
        ]
        latest += found[-1:]
    with ThreadPoolExecutor(_LOOKUPS) as pool:
        records = [_record(session, body) for body in pool.map(storage.objects.read, latest)]
    return tuple(record for record in records if record is not None)


def _record(session: Session, body: bytes | None) -> AnswerRecord | None:
    try:
        record = AnswerRecord.model_validate_json(body or b"")
        check_answer(session, record)
    except (ValidationError, SignerError):
        return None
    return record
