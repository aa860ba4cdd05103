"""Answers that a session has already stored: a candidate can continue with them on another device."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from pydantic import ValidationError

from app.contract import AnswerRecord
from server.errors import SignerError
from server.signer.answer_rules import check_answer
from server.signer.document_sizes import max_answer_bytes
from server.signer.sessions import SPARE_TAKES, Session
from server.store.storage import Storage

_NOT_READ = 2**63  # bytes, of what is not there
_LOOKUPS = 8  # documents read at the same time


def previous_answers(storage: Storage, session: Session, sizes: Mapping[str, int]) -> tuple[AnswerRecord, ...]:
    """Return the latest answer.json of each question that has one. `sizes` are of the session's objects, by key.

    The page wrote them through signed URLs, so they are not trusted: what does not fit the interview is left out, and
    what is longer than an answer can be is not even read.
    """
    latest = []
    for question in session.interview.questions:
        keys = [session.keys.answer(question.id, take) for take in range(1, question.takes + SPARE_TAKES + 1)]
        latest += [key for key in keys if sizes.get(key, _NOT_READ) <= max_answer_bytes(question)][-1:]
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
