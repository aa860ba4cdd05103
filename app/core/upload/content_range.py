"""Where a part lies in an object that the store takes in order, and what its reply says of that object."""

import re
from dataclasses import dataclass

from app.core.upload.parts import Part
from app.core.upload.responses import PutResponse, error_of_response, unfit_error

_STORED = re.compile(r"bytes=0-(\d{1,15})")
# The session has ended, or the request does not continue it. Why, only the state of the session tells.
_UNCLEAR = frozenset({400, 404, 410, 412, 416, 499})


@dataclass(frozen=True, slots=True)
class ContentRange:
    part: Part
    total: int | None = None  # bytes of the whole recording, with its last part; None: more follow, or may

    @property
    def header(self) -> str:
        """Return the value of Content-Range."""
        return f"bytes {self.part.offset}-{self.part.end - 1}/{'*' if self.total is None else self.total}"

    def stored(self, reply: PutResponse) -> int | None:
        """Return how many bytes the store has, from the object's start; None: ask the signer, the reply does not tell.

        A 308 names them in `Range`, if there are any and the bucket shows that header to pages. A success ends the
        object, so only the last part can have one. Raises UploadError.
        """
        if (error := unfit_error(reply)) is not None:
            raise error
        if reply.status == 308:
            return stored_of(reply.stored_range)
        if reply.status in (200, 201):
            return self.part.end if self.total is not None and reply.etag is not None else None
        if reply.status in _UNCLEAR:
            return None
        raise error_of_response("the store", reply.status, reply.code, reply.retry_after)


def stored_of(header: str | None) -> int | None:
    """Return the number of bytes that a `Range` header of a 308 names; None if it is missing or makes no sense."""
    found = _STORED.fullmatch(header.strip()) if header is not None else None
    return int(found[1]) + 1 if found is not None else None
