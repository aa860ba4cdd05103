"""Read the documents of a session. Pages wrote some of them through signed URLs, so nothing in them is trusted."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from app.contract import MIB, AnswerRecord, SessionRecord, SubmissionReceipt
from server.archive.stored_session import StoredSession
from server.signer.object_keys import SessionKeys
from server.store.storage import Storage

_MAX_BYTES = 8 * MIB  # of one document; a signed answer.json has at most 4
_READ_AT_ONCE = 16
_Model = TypeVar("_Model", bound=BaseModel)


class Records:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def session(self, keys: SessionKeys) -> SessionRecord | None:
        """Return session.json; None if an older signer has written none, or if it is not this session's."""
        found = self._read(keys.record, SessionRecord)
        is_its = found is not None and (found.interview, found.session) == (keys.interview, keys.session)
        return found if is_its else None

    def sessions(self, stored: Iterable[StoredSession]) -> list[SessionRecord | None]:
        """Return session.json of each session, many at once."""
        with ThreadPoolExecutor(_READ_AT_ONCE) as threads:
            return list(threads.map(lambda one: self.session(one.keys) if one.has(one.keys.record) else None, stored))

    def receipt(self, keys: SessionKeys) -> SubmissionReceipt | None:
        """Return submission.json; None if there is none, or it is damaged."""
        return self._read(keys.submission, SubmissionReceipt)

    def answers(self, stored: StoredSession) -> list[AnswerRecord]:
        """Return every answer.json that can be read, by question and take."""
        documents = [
            (place, one)
            for place, one in stored.answers()
            if place.track is None and one.size <= _MAX_BYTES  # a larger one is not the page's
        ]
        with ThreadPoolExecutor(_READ_AT_ONCE) as threads:
            read = threads.map(lambda found: self._read(found[1].key, AnswerRecord), documents)
            return [
                record
                for (place, _), record in zip(documents, read, strict=True)
                if record is not None and (record.question, record.take) == (place.question, place.take)
            ]

    def _read(self, key: str, model: type[_Model]) -> _Model | None:
        body = self._storage.objects.read(key)
        try:
            return None if body is None else model.model_validate_json(body)
        except ValidationError:
            return None
