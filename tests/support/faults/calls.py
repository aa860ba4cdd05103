"""What a request asks for, told from its first line, and what became of it. Signatures are never kept."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from server.signer.part_sizes import WINDOW
from tests.support.settings import PART_BYTES


class Kind(StrEnum):
    # Page → store.
    PREFLIGHT = "preflight"
    PART = "part"
    DOCUMENT = "document"  # answer.json
    # Page → signer.
    INTERVIEW = "interview"
    CREATE = "create"
    SIGN = "sign"
    LIST = "list"
    COMPLETE = "complete"
    ABORT = "abort"
    SIGN_DOCUMENT = "sign-document"
    SUBMISSION = "submission"
    # Signer → store.
    STORE_CREATE = "store-create"
    STORE_UPLOADS = "store-uploads"
    STORE_LIST = "store-list"
    STORE_COMPLETE = "store-complete"
    STORE_ABORT = "store-abort"
    STORE_HEAD = "store-head"
    STORE_FOLD = "store-fold"  # all that folding asks of what lies under `_tail/`
    OTHER = "other"  # a file of the page, say


_SIGNER = {
    "/api/interview": Kind.INTERVIEW,
    "/api/uploads": Kind.CREATE,
    "/api/uploads/sign": Kind.SIGN,
    "/api/uploads/list": Kind.LIST,
    "/api/uploads/complete": Kind.COMPLETE,
    "/api/uploads/abort": Kind.ABORT,
    "/api/documents/sign": Kind.SIGN_DOCUMENT,
    "/api/submission": Kind.SUBMISSION,
}
_OF_UPLOAD = {
    "PUT": Kind.PART,
    "POST": Kind.STORE_COMPLETE,
    "GET": Kind.STORE_LIST,
    "DELETE": Kind.STORE_ABORT,
}
_OF_UPLOADS = {"POST": Kind.STORE_CREATE, "GET": Kind.STORE_UPLOADS}


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    kind: Kind
    upload: str = ""  # the store's id
    number: int = 0  # of a part
    size: int = 0  # bytes of the body, as the head says


@dataclass(slots=True)
class Passed:
    """One request and its reply, as the client saw them."""

    call: Call
    arrived_at: float  # Unix time, seconds
    is_first: bool  # on its connection: browsers send others again by themselves
    referrer: str = ""
    size: int = 0  # bytes of the body that came
    md5: str = ""  # of these
    status: int | None = None  # None: no reply
    etag: str = ""  # "": none was shown
    answered_at: float = 0.0
    is_unread: bool = False  # the connection was reset so soon after the reply that the client may not have it

    @property
    def is_acknowledged(self) -> bool:
        """Whether the client was told that the store has exactly what it sent."""
        return self.status == 200 and self.etag == self.md5 and not self.is_unread


def read_call(method: str, target: str, size: int = 0) -> Call:
    url = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(url.query, keep_blank_values=True).items()}
    number = query.get("partNumber", "")
    return Call(
        method=method,
        path=url.path,
        kind=_kind(method, url.path, query),
        upload=_upload(url.path, query.get("uploadId", "")),
        number=_number_in_recording(url.path, int(number) if number.isdecimal() else 0),
        size=size,
    )


def _upload(path: str, upload: str) -> str:
    """Return what is the same for all parts of a recording: of small ones each has an upload of its own."""
    return path.rsplit("/", 2)[0] if "/_tail/" in path else upload


def _number_in_recording(path: str, number: int) -> int:
    """Return the number that a part has on the page. A small part that is to be folded is always sent as part 2."""
    if (tail := re.search(r"/_tail/.*/(\d{5})/(\d{7})$", path)) is None:
        return number
    return int(tail[1]) * (WINDOW // PART_BYTES) + -(-int(tail[2]) // PART_BYTES)


def _kind(method: str, path: str, query: dict[str, str]) -> Kind:
    if method == "OPTIONS":
        return Kind.PREFLIGHT
    if path.startswith("/api/"):
        return _SIGNER.get(path, Kind.OTHER)
    if "uploadId" in query:
        is_tail = "/_tail/" in path and method != "PUT"
        return Kind.STORE_FOLD if is_tail else _OF_UPLOAD.get(method, Kind.OTHER)
    if "uploads" in query:
        return Kind.STORE_FOLD if "/_tail/" in path else _OF_UPLOADS.get(method, Kind.OTHER)
    if method == "HEAD":
        return Kind.STORE_HEAD
    return Kind.DOCUMENT if method == "PUT" else Kind.OTHER
