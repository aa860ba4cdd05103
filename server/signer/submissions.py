"""answer.json documents, and submission.json, which closes a session."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock

from pydantic import JsonValue, ValidationError

from app.contract import (
    NamedObject,
    SignDocument,
    SignedDocument,
    Submission,
    SubmissionReceipt,
    Track,
    TrackRecord,
)
from server.errors import (
    AlreadySubmitted,
    InvalidRequest,
    SignerError,
    StoreMisconfigured,
    StoreUnavailable,
    SubmissionIncomplete,
)
from server.signer.answer_rules import check_answer, unanswered
from server.signer.devices import Devices
from server.signer.document_sizes import max_answer_bytes
from server.signer.sessions import SPARE_TAKES, Session
from server.signer.webhooks import Webhooks
from server.store.objects import StoredObject
from server.store.storage import Storage

_JSON = "application/json"
# No store proves them: the checksum of an upload in parts is one of its parts' checksums.
CLAIMED = ("sha256", "duration_s", "gaps", "interrupted", "prepared")
_LOOKUPS = 8  # objects looked up at the same time
_LOCKS = 64  # shared by all sessions; two with the same lock wait for each other
_LOCK_TIMEOUT_S = 5.0
_SETTLE_S = 0.5  # longer than another signer takes from checking for submission.json to writing it
_DOCUMENT_LIFE_S = 60  # the page uses the URL at once, and it should not outlive the session


@dataclass(frozen=True, slots=True)
class _NamedTrack:
    """A recording that a submission names."""

    question: str
    track: Track
    record: TrackRecord


class Submissions:
    def __init__(self, storage: Storage, devices: Devices, webhooks: Webhooks | None = None) -> None:
        """`webhooks`: None means that nobody wants to be told."""
        self._storage = storage
        self._devices = devices
        self._webhooks = webhooks
        self._closing = tuple(Lock() for _ in range(_LOCKS))

    def sign_document(self, session: Session, request: SignDocument) -> SignedDocument:
        """Return a URL for a take's answer.json. The document may be written again until the session is closed."""
        question = session.question(request.question, request.take, SPARE_TAKES)
        if request.size > (most := max_answer_bytes(question)):
            raise InvalidRequest(f"The answer.json of this question has at most {most} bytes.")
        self._devices.check(session.keys, session.device)
        key = session.keys.answer(request.question, request.take)
        life_s = min(session.url_life_s(), _DOCUMENT_LIFE_S)
        url, headers = self._storage.urls.sign_document(key, _JSON, size=request.size, md5=request.md5, life_s=life_s)
        return SignedDocument(
            key=key,
            url=url,
            headers=headers,
            life_s=life_s,
            has_md5_etags=self._storage.access.has_md5_etags,
        )

    def submit(self, session: Session, request: Submission) -> SubmissionReceipt:
        """Close the session and return its receipt; the same receipt if the same answers are submitted again."""
        if (closed := self._receipt(session)) is not None:
            receipt = _receipt_of(closed, request)
            self._abort_open_uploads(session)  # the call that closed the session may have failed before this
            return receipt
        self._devices.check(session.keys, session.device)
        for answer in request.answers:
            check_answer(session, answer)
        found = self._look_up(request)
        if missing := [*unanswered(session, request), *_missing(found)]:
            raise SubmissionIncomplete(errors=missing)
        receipt = SubmissionReceipt(
            interview=session.interview.id,
            session=session.ticket.sub,
            reference=session.ticket.reference,
            submitted_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            answers=request.answers,
            objects=tuple(
                NamedObject(
                    key=one.record.key,
                    size=stored.size,
                    etag=stored.etag,
                    version=stored.version,
                    claimed=CLAIMED,
                )
                for one, stored in found
                if stored is not None
            ),
        )
        if self._webhooks is not None:
            self._webhooks.promise(session)  # first: a signer that is killed here must not forget it
        closed = self._write_receipt(session, receipt)
        if self._webhooks is not None:
            self._webhooks.keep(session)
        self._abort_open_uploads(session)
        return _receipt_of(closed, request)

    def _abort_open_uploads(self, session: Session) -> None:
        """Abort what a retake or a lost reply left open: it would cost storage and is never used."""
        with suppress(SignerError):  # the receipt is valid in any case
            for key, upload in self._storage.multipart.open_uploads(session.keys.prefix):
                self._storage.multipart.abort(key, upload)

    def _write_receipt(self, session: Session, receipt: SubmissionReceipt) -> SubmissionReceipt:
        """Write submission.json unless it exists; return the one that is stored.

        A store with conditional writes decides between two submissions. For others a lock serializes the threads of one
        signer, and two signers that write within `_SETTLE_S` both read the later one afterwards. More is not promised.
        """
        body = receipt.model_dump_json(indent=2).encode()
        with self._locked(session):
            is_first_kept = self._storage.objects.write_once(session.keys.submission, body, _JSON)
        if not is_first_kept:
            time.sleep(_SETTLE_S)
        closed = self._receipt(session)
        if closed is None:
            raise StoreUnavailable  # another one is being written
        return closed

    @contextmanager
    def _locked(self, session: Session) -> Iterator[None]:
        """Keep a second thread from closing the same session."""
        lock = self._closing[hash(session.keys.prefix) % _LOCKS]
        if not lock.acquire(timeout=_LOCK_TIMEOUT_S):
            raise StoreUnavailable
        try:
            yield
        finally:
            lock.release()

    def _receipt(self, session: Session) -> SubmissionReceipt | None:
        body = self._storage.objects.read(session.keys.submission)
        if body is None:
            return None
        try:
            return SubmissionReceipt.model_validate_json(body)
        except ValidationError:
            raise StoreMisconfigured.because("submission.json is damaged") from None

    def _look_up(self, request: Submission) -> list[tuple[_NamedTrack, StoredObject | None]]:
        named = [
            _NamedTrack(answer.question, track, record)
            for answer in request.answers
            for track, record in answer.tracks.items()
        ]
        with ThreadPoolExecutor(_LOOKUPS) as pool:
            return [*zip(named, pool.map(self._storage.objects.head, [one.record.key for one in named]), strict=True)]


def _missing(found: Iterable[tuple[_NamedTrack, StoredObject | None]]) -> Iterator[dict[str, JsonValue]]:
    for one, stored in found:
        if stored is None or stored.size != one.record.size:
            yield {
                "question": one.question,
                "track": str(one.track),
                "msg": "not stored" if stored is None else "stored with another size",
            }


def _receipt_of(closed: SubmissionReceipt, request: Submission) -> SubmissionReceipt:
    """Return the receipt if it is for these answers. Raises AlreadySubmitted."""
    if closed.answers != request.answers:
        raise AlreadySubmitted
    return closed
