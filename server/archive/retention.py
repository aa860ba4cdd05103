"""Which sessions of an interview are kept no longer."""

from collections.abc import Iterable, Iterator

from server.archive.stored_session import StoredSession

DAY_S = 24 * 3600.0


def outdated(sessions: Iterable[StoredSession], days: float, now: float) -> Iterator[StoredSession]:
    """Yield the sessions that were submitted, or else last touched, more than `days` before `now` (Unix seconds)."""
    for stored in sessions:
        at = stored.submitted_at if stored.submitted_at is not None else stored.touched_at
        if now - at > days * DAY_S:
            yield stored
