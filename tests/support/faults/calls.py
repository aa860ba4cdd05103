"""What a request asks for, told from its first line, and what became of it. Signatures are never kept."""

from collections import defaultdict
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from server.store.bucket_rules import TAIL_PREFIX

_TAIL = f"/{TAIL_PREFIX}"
_CHECK = "/connection-check"


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
    upload: str = ""  # the store's id; of small parts what those of one recording have in common
    number: int = 0  # of a part
    size: int = 0  # bytes of the body, as the head says
    names: frozenset[str] = frozenset()  # of what the query has; its values hold signatures


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
        # A connection check is no part of an answer: the faults that a test plans are not for it.
        kind=Kind.OTHER if url.path.endswith(_CHECK) else _kind(method, url.path, query),
        upload=_upload(url.path, query.get("uploadId", "")),
        number=int(number) if number.isdecimal() else 0,
        size=size,
        names=frozenset(query),
    )


class SmallParts:
    """Number small parts in the order in which they come: each is part 2 of an upload of its own."""

    def __init__(self) -> None:
        self._come: defaultdict[str, list[str]] = defaultdict(list)  # paths, by recording

    def numbered(self, call: Call) -> Call:
        """Return the same call with the number that its part has in the recording."""
        if call.kind is not Kind.PART or _TAIL not in call.path:
            return call
        come = self._come[call.upload]
        if call.path not in come:
            come.append(call.path)
        return replace(call, number=come.index(call.path) + 1)


def _upload(path: str, upload: str) -> str:
    """Return what is the same for all parts of a recording: of small ones each has an upload of its own."""
    return path.rsplit("/", 2)[0] if _TAIL in path else upload


def _kind(method: str, path: str, query: dict[str, str]) -> Kind:
    if method == "OPTIONS":
        return Kind.PREFLIGHT
    if path.startswith("/api/"):
        return _SIGNER.get(path, Kind.OTHER)
    if "uploadId" in query:
        is_tail = _TAIL in path and method != "PUT"
        return Kind.STORE_FOLD if is_tail else _OF_UPLOAD.get(method, Kind.OTHER)
    if "uploads" in query:
        return Kind.STORE_FOLD if _TAIL in path else _OF_UPLOADS.get(method, Kind.OTHER)
    if method == "HEAD":
        return Kind.STORE_HEAD
    is_waited_for = not path.endswith("/efficiency.json")
    return Kind.DOCUMENT if method == "PUT" and is_waited_for else Kind.OTHER
