"""Tell the operator's own application that a session was submitted: at least once, signed, with an id to tell repeats.

The form is Standard Webhooks (standardwebhooks.com). What is still to be told lies in the bucket under `_outbox/`: it
is put there before submission.json is written and deleted once the application has taken it, so a signer that is killed
in between loses nothing, and any other signer goes on with it.
"""

import hashlib
import logging
import threading
import time
from datetime import UTC, datetime
from queue import SimpleQueue

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError
from standardwebhooks import Webhook

from app.contract import Identifier, SubmissionReceipt
from server.errors import StoreError
from server.signer.object_keys import SessionKeys
from server.signer.sessions import Session
from server.store.bucket_rules import OUTBOX_PREFIX
from server.store.storage import Storage

_log = logging.getLogger("slipstream.webhook")
_JSON = "application/json"
_SWEEP_S = 60.0  # how often the bucket is asked for what is left
_POLL_S = 1.0
_OTHERS_S = 90.0  # so old an entry is that no other signer is at it any more
_WAITS_S = (5.0, 30.0, 120.0, 600.0, 3600.0)  # after each failure; the last one again and again
_GIVEN_UP_S = 7 * 24 * 3600.0
_UNSUBMITTED_S = 3600.0  # an entry without its submission.json: the call that wrote it has failed
_PATIENCE_S = 10.0  # for the application's reply


class Entry(BaseModel):
    """An object under `_outbox/`."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    interview: Identifier
    session: Identifier
    name: str = ""
    reference: str = ""
    written_at: float  # Unix time in seconds


class Submitted(BaseModel):
    """The body of the request."""

    type: str = "session.submitted"
    timestamp: str  # RFC 3339: when the session was submitted
    data: dict[str, object]


class Webhooks:
    """Deliver in one thread of the signer's own. Candidates never wait for it."""

    def __init__(self, storage: Storage, url: str, secret: str) -> None:
        self._storage = storage
        self._url = url
        self._signing = Webhook(secret)
        self._new: SimpleQueue[str] = SimpleQueue()  # keys of entries, from the threads that close sessions
        self._due: dict[str, float] = {}  # by key of an entry: when to try (again), in monotonic seconds
        self._failures: dict[str, int] = {}
        self._wake = threading.Event()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End after the delivery that is under way; what is left stays in the bucket."""
        self._has_ended.set()
        self._wake.set()
        self._thread.join(_PATIENCE_S)

    def promise(self, session: Session) -> None:
        """Note, before a session is closed, that it is to be told. Raises StoreError."""
        entry = Entry(
            interview=session.interview.id,
            session=session.ticket.sub,
            name=session.ticket.name,
            reference=session.ticket.reference,
            written_at=time.time(),
        )
        self._storage.objects.write(session.keys.outbox, entry.model_dump_json().encode(), _JSON)

    def keep(self, session: Session) -> None:
        """Tell it now, or as soon as the application takes it."""
        self._new.put(session.keys.outbox)
        self._wake.set()

    def _run(self) -> None:
        swept_at = -_SWEEP_S
        while not self._has_ended.is_set():
            try:
                if time.monotonic() - swept_at >= _SWEEP_S:
                    swept_at = time.monotonic()
                    self._sweep()
                self._deliver_due()
            except StoreError as error:
                _log.warning("the outbox cannot be read, it is tried again: %s", error)
            self._wake.wait(_POLL_S)
            self._wake.clear()

    def _sweep(self) -> None:
        """Find what an earlier run, or another signer, has left."""
        for key in self._storage.objects.sizes(OUTBOX_PREFIX):
            entry = self._read(key) if key not in self._due else None
            if entry is not None and time.time() - entry.written_at > _OTHERS_S:
                self._due[key] = time.monotonic()

    def _deliver_due(self) -> None:
        while not self._new.empty():
            self._due[self._new.get()] = time.monotonic()
        for key in [key for key, at in self._due.items() if at <= time.monotonic()]:
            if self._has_ended.is_set():
                return
            if self._deliver(key):
                self._due.pop(key, None)
                self._failures.pop(key, None)
            else:
                failures = self._failures[key] = self._failures.get(key, 0) + 1
                self._due[key] = time.monotonic() + _WAITS_S[min(failures, len(_WAITS_S)) - 1]

    def _deliver(self, key: str) -> bool:
        """Return whether the entry is done with. Raises StoreError."""
        entry = self._read(key)
        if entry is None:
            return True  # another signer has delivered it
        age_s = time.time() - entry.written_at
        receipt = self._receipt(entry)
        if receipt is None:
            if age_s > _UNSUBMITTED_S:
                self._storage.objects.delete(key)
                return True
            return False
        if self._post(entry, receipt):
            self._storage.objects.delete(key)
            return True
        if age_s > _GIVEN_UP_S:
            _log.error("%s/%s: not told for a week, given up", entry.interview, entry.session)
            self._storage.objects.delete(key)
            return True
        return False

    def _post(self, entry: Entry, receipt: SubmissionReceipt) -> bool:
        body = body_of(entry, receipt)
        now, id_ = datetime.now(UTC), message_id(receipt)
        headers = {
            "content-type": _JSON,
            "webhook-id": id_,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signing.sign(id_, now, body),
        }
        try:
            reply = httpx.post(self._url, content=body, headers=headers, timeout=_PATIENCE_S)
        except httpx.HTTPError as error:
            _log.warning("%s/%s: nobody answers (%s)", entry.interview, entry.session, type(error).__name__)
            return False
        if not reply.is_success:
            _log.warning("%s/%s: refused (%d)", entry.interview, entry.session, reply.status_code)
        return reply.is_success

    def _read(self, key: str) -> Entry | None:
        body = self._storage.objects.read(key)
        try:
            return None if body is None else Entry.model_validate_json(body)
        except ValidationError:
            _log.error("an entry of the outbox is damaged and left alone")
            return None

    def _receipt(self, entry: Entry) -> SubmissionReceipt | None:
        body = self._storage.objects.read(SessionKeys(entry.interview, entry.session).submission)
        try:
            return None if body is None else SubmissionReceipt.model_validate_json(body)
        except ValidationError:
            return None


def message_id(receipt: SubmissionReceipt) -> str:
    """Return the id of a session's one message: the same however often it is sent, by whichever signer."""
    named = f"{receipt.interview}/{receipt.session}/{receipt.submitted_at}"
    return f"msg_{hashlib.sha256(named.encode()).hexdigest()[:24]}"


def body_of(entry: Entry, receipt: SubmissionReceipt) -> str:
    keys = SessionKeys(receipt.interview, receipt.session)
    data: dict[str, object] = {
        "interview": receipt.interview,
        "session": receipt.session,
        "name": entry.name,
        "reference": entry.reference,
        "submission": keys.submission,
        "answers": len(receipt.answers),
        "recordings": [named.key for named in receipt.objects],
    }
    return Submitted(timestamp=receipt.submitted_at, data=data).model_dump_json()
