"""Sign the parts of a connection check. Its upload is never completed: the store keeps nothing of it."""

from functools import cache

from app.contract import SignedPart
from app.contract.connection import SIZES, ConnectionProbe, EndProbe, md5_of
from server.signer.sessions import Session
from server.store.storage import Storage

_TYPE = "application/octet-stream"
_MARK = "connection"  # of an object that never comes to be


class ConnectionChecks:
    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def begin(self, session: Session) -> ConnectionProbe:
        """Begin a check. What an earlier one of this session has left open is aborted."""
        key, access = session.keys.connection, self._storage.access
        for left_key, left in self._storage.multipart.open_uploads(key):
            if left_key == key:
                self._storage.multipart.abort(key, left)
        upload, life_s = self._storage.multipart.create(key, _TYPE, _MARK), session.url_life_s()
        parts = []
        for number, size in enumerate(SIZES, start=1):
            md5 = _md5_of(size) if access.is_md5_signed else None
            url, headers = self._storage.urls.sign_part(key, upload, number, size=size, md5=md5, life_s=life_s)
            parts.append(SignedPart(number=number, size=size, url=url, headers=headers, life_s=life_s))
        return ConnectionProbe(upload=upload, parts=tuple(parts), has_md5_etags=access.has_md5_etags)

    def end(self, session: Session, request: EndProbe) -> None:
        """Abort a check's upload. Only one at the session's own key can be named; one that is gone does no harm."""
        self._storage.multipart.abort(session.keys.connection, request.upload)


_md5_of = cache(md5_of)
