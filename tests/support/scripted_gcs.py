"""Google Cloud Storage as its documents describe it, with resumable sessions: a real HTTP server that keeps bytes.

No test reaches Google itself. What is here comes from "Perform resumable uploads", "Initiate a resumable upload" (XML
API), "Cross-origin resource sharing" and "Simple migration from Amazon S3"; signatures are not checked.
"""

import base64
import itertools
import re
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.scripted_s3 import ScriptedS3, Stored, Ways, md5_of
from tests.support.stub_store import StoreHandler, StoreReply, StoreRequest, StoreServer, error

STEP = 256 * 1024
WAYS = Ways(copies_parts=False, repeats_completion=False, has_conditions=False, server="UploadServer")
_PLACE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)")
_AT_ONCE = 64 * 1024


@dataclass
class Session:
    key: str
    origin: str  # which page may read the replies
    metadata: Mapping[str, str]
    headers: Mapping[str, str]  # all of the request that began it
    content: bytes = b""
    etag: str | None = None  # of its object; None: not complete
    pieces: list[tuple[int, int]] = field(default_factory=list)  # offset and size of each body that came whole
    told: int = 0  # bytes that the last query was told of; a piece of a page that is gone may still arrive after it
    repeated: list[int] = field(default_factory=list)  # offsets of pieces that hold what a query had been told of


@dataclass(frozen=True)
class Accident:
    """What happens to the next piece of a session."""

    share: float = 1.0  # of it that arrives, before the connection breaks
    status: int | None = None  # the reply, in place of doing anything; None: none comes


class ScriptedGcs(ScriptedS3):
    """Answer for one bucket of any name, path-style. `origins` are those of the bucket's CORS rule; none: every one."""

    def __init__(self, *, shows_range: bool = True) -> None:
        super().__init__(WAYS)
        self.sessions: dict[str, Session] = {}
        self.accidents: deque[Accident] = deque()
        self.ends_to_lose = 0  # replies to last pieces that do not arrive
        self.shows_range = shows_range  # the CORS rule lets pages read Range
        self.refusal: int | None = None  # answered to whatever concerns a session; None: nothing is refused
        self.location: str | None = None  # where sessions are said to be; None: here
        self.lock = threading.Lock()
        self._started: dict[str, str] = {}  # when each multipart upload began, by id
        self._clock = itertools.count()

    @property
    def open_sessions(self) -> list[str]:
        return [one.key for one in self.sessions.values() if one.etag is None]

    def is_piece(self, request: StoreRequest) -> bool:
        return request.method == "PUT" and "upload_id" in request.query and request.headers["content-length"] != "0"

    def __call__(self, request: StoreRequest) -> StoreReply:
        with self.lock:
            is_of_session = "upload_id" in request.query or "x-goog-resumable" in request.headers
            if is_of_session and self.refusal is not None:
                return error(self.refusal, "Refused")
            if "upload_id" in request.query and request.method != "OPTIONS":
                self.requests.append(request)
                return self._of_session(request)
            if request.headers.get("x-goog-resumable") == "start":
                self.requests.append(request)
                return self._start(request)
            return super().__call__(request)

    def _reply(self, request: StoreRequest) -> StoreReply:
        if request.method == "OPTIONS":
            allowed = {"Access-Control-Allow-Headers": "content-type, content-md5, content-range"}
            return StoreReply(200, headers=allowed | {"Access-Control-Allow-Methods": "PUT"})
        if request.method == "HEAD":
            return self._head(unquote(request.path).lstrip("/").partition("/")[2])
        return super()._reply(request)

    # Sessions.

    def _start(self, request: StoreRequest) -> StoreReply:
        families = {name[:6] for name in request.headers if name.startswith(("x-amz-", "x-goog"))}
        signed = request.headers.get("authorization", "").partition("SignedHeaders=")[2].partition(",")[0].split(";")
        unsigned = [name for name in request.headers if name.startswith("x-goog-") and name not in signed]
        if families != {"x-goog"}:
            return error(400, "ExcessHeaderValues")
        if not request.headers["authorization"].startswith("GOOG4-HMAC-SHA256 ") or unsigned:
            return error(403, "SignatureDoesNotMatch")
        id_ = f"session-{len(self.sessions) + 1}"
        metadata = {name.removeprefix("x-goog-meta-"): value for name, value in request.headers.items()}
        key = unquote(request.path).lstrip("/").partition("/")[2]
        self.sessions[id_] = Session(key, request.headers.get("origin", ""), metadata, request.headers)
        location = f"{self.location or 'http://' + request.headers['host']}{request.path}?upload_id={id_}"
        return StoreReply(201, headers={"Location": location})

    def _of_session(self, request: StoreRequest) -> StoreReply:
        [id_] = request.query["upload_id"]
        session = self.sessions.get(id_)
        if session is None:
            return StoreReply(404)
        if request.method == "DELETE":
            if session.etag is None:
                del self.sessions[id_]
            return StoreReply(499)
        reply = self._put(request, session.key) if request.method != "PUT" else self._piece(request, session)
        shown = "ETag, Range" if self.shows_range else "ETag"
        public = {"Access-Control-Allow-Origin": session.origin, "Access-Control-Expose-Headers": shown}
        return StoreReply(reply.status, reply.body, {**public, **reply.headers})

    def _piece(self, request: StoreRequest, session: Session) -> StoreReply:
        place = _PLACE.fullmatch(request.headers.get("content-range", ""))
        if place is None:
            return error(400, "InvalidArgument")
        total = None if place[3] == "*" else int(place[3])
        if session.etag is not None:
            return _done(session.etag)
        if place[1] is not None and (refusal := self._take(request, session, int(place[1]), total)) is not None:
            return refusal
        if total is not None and len(session.content) > total:
            return error(400, "InvalidArgument")
        if place[1] is None:
            session.told = len(session.content)
        return self._end(session) if total == len(session.content) else _kept(session)

    def _end(self, session: Session) -> StoreReply:
        if session.headers.get("x-goog-if-generation-match") == "0" and session.key in self.objects:
            return error(412, "PreconditionFailed")
        session.etag = md5_of(session.content)
        self.objects[session.key] = Stored(session.content, session.etag, session.metadata.get("slipstream-token", ""))
        return _done(session.etag)

    def _take(self, request: StoreRequest, session: Session, offset: int, total: int | None) -> StoreReply | None:
        declared, body = int(request.headers["content-length"]), request.body
        if offset > len(session.content):
            return error(503, "ServiceUnavailable")
        if total is None and declared % STEP:
            return error(400, "InvalidArgument")
        if len(body) < declared:
            body = body[: len(body) - len(body) % STEP]
        else:
            session.pieces.append((offset, declared))
            session.repeated += [offset] if offset < session.told else []
        session.content += body[len(session.content) - offset :]
        return None

    # The rest of the bucket.

    def _create(self, request: StoreRequest, key: str) -> StoreReply:
        reply = super()._create(request, key)
        newest = list(self._uploads)[-1]
        self._started[newest] = datetime.fromtimestamp(1_800_000_000 + next(self._clock), UTC).isoformat()
        return reply

    def _list_uploads(self) -> StoreReply:
        found = (
            f"<Upload><Key>{one.key}</Key><UploadId>{id_}</UploadId><Initiated>{self._started[id_]}</Initiated></Upload>"
            for id_, one in self._uploads.items()
        )
        return _xml(f"<R><IsTruncated>false</IsTruncated>{''.join(found)}</R>")

    def _head(self, key: str) -> StoreReply:
        reply = self._get(StoreRequest("HEAD", "", {}, b""), key)
        if (found := self.objects.get(key)) is None or "-" in found.etag:
            return reply
        digest = base64.b64encode(bytes.fromhex(md5_of(found.body))).decode()
        size = {"Content-Length": str(len(found.body))}
        return StoreReply(200, b"", {**reply.headers, **size, "x-goog-hash": f"crc32c=AAAAAA==,md5={digest}"})


def _kept(session: Session) -> StoreReply:
    stored = {"Range": f"bytes=0-{len(session.content) - 1}"} if session.content else {}
    return StoreReply(308, headers=stored)


def _done(etag: str) -> StoreReply:
    return StoreReply(200, headers={"ETag": f'"{etag}"'})


def _xml(text: str) -> StoreReply:
    return StoreReply(200, text.encode(), {"Content-Type": "application/xml"})


def _public(reply: StoreReply, asked: Mapping[str, str]) -> StoreReply:
    """Return the reply with which any page may read."""
    public = {"Access-Control-Allow-Origin": asked.get("origin", "*")}
    return StoreReply(reply.status, reply.body, public | dict(reply.headers))


class _Handler(StoreHandler):
    server: "_Server"

    def _any(self) -> None:
        url, store = urlsplit(self.path), self.server.store
        headers = {"content-length": "0"} | {name.lower(): value for name, value in self.headers.items()}
        query = parse_qs(url.query, keep_blank_values=True)
        head = StoreRequest(self.command, url.path, query, b"", "if-none-match" in headers, headers)
        accident = store.accidents.popleft() if store.accidents and store.is_piece(head) else None
        size = int(headers["content-length"])
        body = self._read(size if accident is None else int(size * accident.share))
        if accident is not None and accident.status is not None:
            self.answer(_public(error(accident.status, "ServiceUnavailable"), headers))
            return
        reply = store(StoreRequest(head.method, head.path, query, body, head.is_conditional, headers))
        is_lost = store.ends_to_lose > 0 and reply.status == 200 and store.is_piece(head)
        store.ends_to_lose -= is_lost
        if len(body) < size or is_lost or accident is not None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(2)
            return
        self.answer(_public(reply, headers))

    def _read(self, size: int) -> bytes:
        body = b""
        with suppress(OSError):
            while len(body) < size and (more := self.rfile.read1(min(_AT_ONCE, size - len(body)))):
                body += more
        return body

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_OPTIONS = _any  # noqa: N815 - so the base class looks for them


class _Server(StoreServer):
    def __init__(self, store: ScriptedGcs) -> None:
        super().__init__(_Handler)
        self.store = store


@contextmanager
def running_gcs(store: ScriptedGcs) -> Iterator[str]:
    """Serve the store; yield its origin."""
    with _Server(store).serving() as origin:
        yield origin
