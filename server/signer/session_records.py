"""session.json: whose session it is, so that operators and reviewers need no list of the tickets they gave out."""

import logging
from collections.abc import Container
from datetime import UTC, datetime
from threading import BoundedSemaphore, Thread

from app.contract import SessionRecord
from server.errors import StoreError
from server.signer.sessions import Session
from server.store.storage import Storage

_log = logging.getLogger("slipstream")
_JSON = "application/json"
_AT_ONCE = 64  # twice as many as there are openings at once; where more wait, the store hangs: a later opening writes


class SessionRecords:
    """Write each session's record once, behind the reply: no candidate waits for it, or is refused because of it."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._free = BoundedSemaphore(_AT_ONCE)

    def note_opened(self, session: Session, keys: Container[str]) -> None:
        """Begin to write session.json, unless `keys`, those of the session's objects, have it."""
        if session.keys.record not in keys and self._free.acquire(blocking=False):
            # A daemon: a store that hangs must not keep the signer from ending.
            Thread(target=self._write, args=(session.keys.record, _record_of(session)), daemon=True).start()

    def _write(self, key: str, record: SessionRecord) -> None:
        try:
            self._storage.objects.write_once(key, record.model_dump_json(indent=2).encode(), _JSON)
        except StoreError as error:
            _log.warning("a session's record (session.json) is not written, the next opening tries again: %s", error)
        finally:
            self._free.release()


def _record_of(session: Session) -> SessionRecord:
    return SessionRecord(
        interview=session.interview.id,
        session=session.ticket.sub,
        name=session.ticket.name,
        reference=session.ticket.reference,
        locale=session.ticket.locale,
        opened_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
    )
