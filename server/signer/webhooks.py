"""Tell the operator's own application that a session was submitted: at least once, signed, with an id to tell repeats.

The form is Standard Webhooks (standardwebhooks.com). What is still to be told lies in the bucket under `_outbox/`: it
is put there before submission.json is written and deleted once the application has taken it, so a signer that is killed
in between loses nothing, and any other signer goes on with it.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
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
        self._told: set[str] = set()  # keys of entries that the store has not deleted yet
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
            if time.monotonic() - swept_at >= _SWEEP_S:
                swept_at = time.monotonic()
                self._try("the outbox", self._sweep)
            self._deliver_due()
            self._wake.wait(_POLL_S)
            self._wake.clear()

    def _sweep(self) -> bool:
        """Find what an earlier run, or another signer, has left."""
        for key in self._storage.objects.sizes(OUTBOX_PREFIX):
            entry = self._read(key) if key not in self._due else None
            if entry is not None and time.time() - entry.written_at > _OTHERS_S:
                self._due[key] = time.monotonic()
        return True

    def _deliver_due(self) -> None:
        while not self._new.empty():
            self._due[self._new.get()] = time.monotonic()
        for key in [key for key, at in self._due.items() if at <= time.monotonic()]:
            if self._has_ended.is_set():
                return
            if self._try(key, partial(self._deliver, key)):
                for known in (self._due, self._failures):
                    known.pop(key, None)
                self._told.discard(key)
            else:
                failures = self._failures[key] = self._failures.get(key, 0) + 1
                self._due[key] = time.monotonic() + _WAITS_S[min(failures, len(_WAITS_S)) - 1]

    def _try(self, what: str, step: Callable[[], bool]) -> bool:
        """Return what a step returns; False if it fails. One that fails must not keep the others from being told."""
        try:
            return step()
        except StoreError as error:
            _log.warning("%s: tried again later. %s", what, error)
        except (OSError, RuntimeError, ValueError) as error:  # no file descriptor, no thread, no certificates
            _log.error("%s: tried again later (%s)", what, type(error).__name__)
        return False

    def _deliver(self, key: str) -> bool:
        """Return whether the entry is done with. Raises StoreError."""
        entry = self._read(key)
        if entry is None:
            return True  # another signer has delivered it
        if key in self._told:  # but could not be deleted
            return self._drop(key, entry)
        age_s = time.time() - entry.written_at
        receipt = self._receipt(entry)
        if receipt is None:
            return age_s > _UNSUBMITTED_S and self._drop(key, entry)
        if self._post(entry, receipt):
            self._told.add(key)
            return self._drop(key, entry)
        if age_s > _GIVEN_UP_S:
            _log.error("%s/%s: not told for a week, given up", entry.interview, entry.session)
            return self._drop(key, entry)
        return False

    def _drop(self, key: str, entry: Entry) -> bool:
        """Delete an entry, unless a later call has written it again. Raises StoreError."""
        if self._read(key) != entry:
            return False
        self._storage.objects.delete(key)
        return True

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
            # The reply's status is all that counts: its body may never end.
            with httpx.stream("POST", self._url, content=body, headers=headers, timeout=_PATIENCE_S) as reply:
                status = reply.status_code
        except httpx.HTTPError as error:
            _log.warning("%s/%s: nobody answers (%s)", entry.interview, entry.session, type(error).__name__)
            return False
        if not 200 <= status < 300:
            _log.warning("%s/%s: refused (%d)", entry.interview, entry.session, status)
        return 200 <= status < 300

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
