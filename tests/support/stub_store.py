"""A stub object store that replies as a test says: for what no real store does at will."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from server.store.client import StoreAccess
from server.store.profiles import GENERIC, StoreProfile
from server.store.storage import Storage


@dataclass(frozen=True)
class StoreRequest:
    method: str
    path: str
    query: Mapping[str, list[str]]
    body: bytes
    is_conditional: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters

    @property
    def is_of_upload(self) -> bool:
        return "uploadId" in self.query


@dataclass(frozen=True)
class StoreReply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def error(status: int, code: str) -> StoreReply:
    """StoreReply as S3 does where it refuses."""
    return StoreReply(status, f"<Error><Code>{code}</Code></Error>".encode(), {"Content-Type": "application/xml"})


class StoreHandler(BaseHTTPRequestHandler):
    """Answer as a store does: with exactly the headers of the reply, and without a line on standard error."""

    protocol_version = "HTTP/1.1"

    def answer(self, reply: StoreReply) -> None:
        self.send_response_only(reply.status)  # without a Server header: that is for the test to say
        for name, value in ({"Content-Length": str(len(reply.body))} | dict(reply.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class StoreServer(ThreadingHTTPServer):
    """Serve each call on a thread of its own, on a free port."""

    daemon_threads = True
    request_queue_size = 200

    def __init__(self, handler: type[StoreHandler]) -> None:
        super().__init__(("127.0.0.1", 0), handler)

    def handle_error(self, *_: object) -> None:
        """Let callers go when they have waited enough."""

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve while the context is open; yield the origin."""
        with self:
            thread = threading.Thread(target=self.serve_forever)
            thread.start()
            try:
                yield f"http://127.0.0.1:{self.server_port}"
            finally:
                self.shutdown()
                thread.join()


class _Handler(StoreHandler):
    server: "_Server"

    def _any(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = parse_qs(url.query, keep_blank_values=True)
        is_conditional = "If-None-Match" in self.headers
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.answer(self.server.answers(StoreRequest(self.command, url.path, query, body, is_conditional, headers)))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_OPTIONS = _any  # noqa: N815 - so the base class looks for them


class _Server(StoreServer):
    def __init__(self, answers: Callable[[StoreRequest], StoreReply]) -> None:
        super().__init__(_Handler)
        self.answers = answers


@contextmanager
def stub_store(answers: Callable[[StoreRequest], StoreReply], profile: StoreProfile = GENERIC) -> Iterator[Storage]:
    """Serve these answers, each call on a thread of its own; give what the signer reaches them by."""
    with _Server(answers).serving() as origin:
        yield Storage(_access(origin, profile))


def _access(endpoint: str, profile: StoreProfile) -> StoreAccess:
    return StoreAccess(
        bucket="bucket",
        region="us-east-1",
        endpoint=endpoint,
        public_endpoint=None,
        profile=profile,
        key_id="key",
        key_secret="secret",
    )
