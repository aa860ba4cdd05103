"""Find the sessions in the bucket, by a list of its objects and one of its open uploads."""

from collections.abc import Callable, Iterator
from itertools import groupby

from server.archive.places import session_of, take_place
from server.archive.stored_session import StoredSession
from server.settings import SettingsError
from server.signer.object_keys import SessionKeys
from server.store.multipart import OpenUpload
from server.store.storage import Storage


class Contents:
    def __init__(self, storage: Storage, tell: Callable[[str], None]) -> None:
        """`tell` takes a sentence for the operator."""
        self._storage = storage
        self._tell = tell

    def sessions(self, interview: str | None = None) -> Iterator[StoredSession]:
        """Yield every session, of one interview or, if none is named, of all. Raises StoreError.

        A list of 1,000 objects is one call. Nothing is held but one session and the open uploads.
        """
        prefix = "" if interview is None else f"{interview}/"
        uploads = _by_session(self._open_uploads(prefix))
        for keys, objects in groupby(self._storage.inventory.objects(prefix), key=lambda one: session_of(one.key)):
            if keys is not None:
                yield _session(keys, StoredSession(keys, tuple(objects)), uploads.pop(keys, []))
        for keys, found in uploads.items():  # nothing but uploads: a first answer is on its way
            yield _session(keys, StoredSession(keys), found)

    def session(self, name: str) -> StoredSession:
        """Return one session by its name, or by `interview/session`. Raises SettingsError if there is not just one."""
        interview, _, session = name.rpartition("/")
        candidates = [SessionKeys(interview, session)] if interview else self._of_any_interview(session)
        found = [stored for keys in candidates if (stored := self.look_up(keys)) is not None]
        if not found:
            raise SettingsError(f"There is no session {name!r} in the bucket. `sessions list` shows all of them.")
        if len(found) > 1:
            names = " or ".join(f"{one.keys.interview}/{session}" for one in found)
            raise SettingsError(f"More than one interview has a session {session!r}. Say which: {names}.")
        return found[0]

    def look_up(self, keys: SessionKeys) -> StoredSession | None:
        """Return a session as the bucket has it now; None if it has nothing of it."""
        if session_of(f"{keys.prefix}-") != keys:  # no name that a ticket can carry, or a part of a session
            return None
        objects = tuple(self._storage.inventory.objects(keys.prefix))
        uploads = self._open_uploads(keys.prefix)
        return _session(keys, StoredSession(keys, objects), uploads) if objects or uploads else None

    def _of_any_interview(self, session: str) -> list[SessionKeys]:
        """Return the keys that a session of this name has in each interview of the bucket."""
        known = {SessionKeys(folder, session) for folder in self._storage.inventory.folders()}
        begun = {keys for keys in _by_session(self._open_uploads("")) if keys.session == session}
        return sorted(known | begun, key=lambda keys: keys.interview)

    def _open_uploads(self, prefix: str) -> list[OpenUpload]:
        found = self._storage.multipart.list_open(prefix)
        if found is None:
            self._tell(
                "The store does not list open uploads: what candidates have begun and not ended is not shown. "
                "Allow the key s3:ListBucketMultipartUploads."
            )
        return found or []


def _by_session(uploads: list[OpenUpload]) -> dict[SessionKeys, list[OpenUpload]]:
    found: dict[SessionKeys, list[OpenUpload]] = {}
    for upload in uploads:
        if (keys := session_of(upload.key)) is not None:
            found.setdefault(keys, []).append(upload)
    return found


def _session(keys: SessionKeys, stored: StoredSession, uploads: list[OpenUpload]) -> StoredSession:
    media = tuple(one for one in uploads if (place := take_place(keys, one.key)) is not None and place.track)
    others = tuple(one for one in uploads if one not in media)
    return StoredSession(keys, stored.objects, media, others)
