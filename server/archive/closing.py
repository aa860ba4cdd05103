"""Close a session for a candidate who will not come back: submission.json, marked as closed by the operator."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from app.contract import AnswerRecord, NamedObject, SessionRecord, SubmissionReceipt
from server.archive.overview import moment
from server.archive.records import Records
from server.archive.stored_session import StoredSession
from server.errors import StoreError, StoreUnavailable
from server.signer.submissions import CLAIMED
from server.store.inventory import ListedObject
from server.store.storage import Storage

_JSON = "application/json"
_SETTLE_S = 0.5  # as long as the signer waits for another one that writes at the same time


class Closing:
    def __init__(self, storage: Storage, records: Records) -> None:
        self._storage = storage
        self._records = records

    def close(self, stored: StoredSession, answers: Iterable[AnswerRecord], order: Sequence[str]) -> SubmissionReceipt:
        """Write submission.json with the latest take at each question, unless the session is closed; return it.

        `order` are the interview's questions. Open uploads are aborted, as at Submit. Raises StoreError.
        """
        record = self._records.session(stored.keys)
        receipt = self._with_stored(_receipt(stored, _that_count(stored, answers, order), record))
        body = receipt.model_dump_json(indent=2).encode()
        if not self._storage.objects.write_once(stored.keys.submission, body, _JSON):
            time.sleep(_SETTLE_S)
        closed = self._records.receipt(stored.keys)
        if closed is None:
            raise StoreUnavailable
        self._abort_open_uploads(stored)
        return closed

    def _with_stored(self, receipt: SubmissionReceipt) -> SubmissionReceipt:
        """Return the receipt with ETag and version of each recording, as the store has them now."""
        keys = [record.key for answer in receipt.answers for record in answer.tracks.values()]
        found = [(key, self._storage.objects.head(key)) for key in keys]
        return receipt.model_copy(
            update={
                "objects": tuple(
                    NamedObject(key=key, size=one.size, etag=one.etag, version=one.version, claimed=CLAIMED)
                    for key, one in found
                    if one is not None
                )
            }
        )

    def _abort_open_uploads(self, stored: StoredSession) -> None:
        with suppress(StoreError):  # the receipt is valid in any case
            for key, upload in self._storage.multipart.open_uploads(stored.keys.prefix):
                self._storage.multipart.abort(key, upload)


def _receipt(
    stored: StoredSession, answers: tuple[AnswerRecord, ...], record: SessionRecord | None
) -> SubmissionReceipt:
    return SubmissionReceipt(
        interview=stored.keys.interview,
        session=stored.keys.session,
        reference=record.reference if record else "",
        submitted_at=moment(datetime.now(UTC).timestamp()),
        closed_by_operator=True,
        answers=answers,
    )


def _that_count(
    stored: StoredSession, answers: Iterable[AnswerRecord], order: Sequence[str]
) -> tuple[AnswerRecord, ...]:
    """Return the latest take at each question, with the recordings that are stored as it says."""
    objects = {one.key: one for one in stored.objects}
    latest = {
        one.question: there
        for one in sorted(answers, key=lambda one: one.take)
        if (there := _as_stored(one, objects)).tracks or there.text
    }
    places = {question: number for number, question in enumerate(order)}
    return tuple(sorted(latest.values(), key=lambda one: (places.get(one.question, len(places)), one.question)))


def _as_stored(answer: AnswerRecord, objects: dict[str, ListedObject]) -> AnswerRecord:
    tracks = {
        track: record
        for track, record in answer.tracks.items()
        if record.key in objects and objects[record.key].size == record.size
    }
    return answer.model_copy(update={"tracks": tracks})
