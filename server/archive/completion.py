"""`sessions complete`: end what a candidate has begun and left."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from server.archive.abandoned import AbandonedUploads, Kept
from server.archive.activity import QUIET_S, last_activity
from server.archive.answer_files import AnswerFiles
from server.archive.closing import Closing
from server.archive.contents import Contents
from server.archive.records import Records
from server.archive.stored_session import State, StoredSession
from server.store.storage import Storage


class Outcome(StrEnum):
    DONE = "done"
    ACTIVE = "active"  # something has arrived in the last hour: left alone
    SUBMITTED = "submitted"  # nothing to do


@dataclass(frozen=True, slots=True)
class Completed:
    stored: StoredSession  # as it was before
    outcome: Outcome
    kept: tuple[Kept, ...] = ()
    is_closed: bool = False  # by this call


class Completion:
    def __init__(self, storage: Storage, contents: Contents) -> None:
        self._storage = storage
        self._contents = contents
        self._uploads = AbandonedUploads(storage)
        self._records = Records(storage)
        self._files = AnswerFiles(storage, self._records)
        self._closing = Closing(storage, self._records)

    def complete(self, stored: StoredSession, now: float, order: Sequence[str], *, closes: bool) -> Completed:
        """Complete a session's open uploads, and close it if `closes`. A repeated call changes nothing more.

        `now` is in Unix seconds, `order` are the interview's questions. Raises StoreError.
        """
        if stored.state is State.SUBMITTED:
            return Completed(stored, Outcome.SUBMITTED)
        if now - last_activity(self._storage, stored) < QUIET_S:
            return Completed(stored, Outcome.ACTIVE)
        kept = tuple(self._uploads.complete(stored))
        current = self._contents.look_up(stored.keys) or stored
        answers = self._files.write_missing(current)
        closes = closes and not any(one.is_refused for one in kept)  # closing would abort what may still be kept
        if closes:
            self._closing.close(self._contents.look_up(stored.keys) or current, answers, order)
        return Completed(stored, Outcome.DONE, kept, is_closed=closes)
