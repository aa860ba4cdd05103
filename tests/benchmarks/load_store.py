"""The store of a load test: sessions named `load-…` in memory, without media; all others in a real S3 server.

One address for both, so that one signer works for both. A part of a session in memory is noted by the client itself.
"""

import asyncio
import itertools
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from tests.benchmarks.lean_http import Address

SYNTHETIC = "load-"  # begins the name of each session that is kept in memory
_STARTED = "2026-01-01T00:00:00.000Z"
_HOP = re.compile(rb"^(?:connection|expect):[^\n]*\n", re.IGNORECASE | re.MULTILINE)


@dataclass
class _Upload:
    key: str
    parts: dict[int, tuple[int, str]] = field(default_factory=dict)  # size and ETag, by number


@dataclass(frozen=True)
class _Object:
    size: int
    etag: str
    body: bytes = b""  # of documents alone


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, *, has_body: bool) -> bytes:
        length = {} if "Content-Length" in self.headers else {"Content-Length": str(len(self.body))}
        lines = [f"HTTP/1.1 {self.status} -", *(f"{name}: {said}" for name, said in {**length, **self.headers}.items())]
        return "\r\n".join([*lines, "", ""]).encode() + (self.body if has_body else b"")


class CountedStore:
    """Keep sizes and ETags of what sessions would have sent, and the documents that they send."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._uploads: dict[str, dict[str, _Upload]] = defaultdict(dict)  # by session's prefix and id
        self._objects: dict[str, dict[str, _Object]] = defaultdict(dict)  # by session's prefix and key

    def note_part(self, key: str, upload: str, number: int, size: int, etag: str) -> None:
        """Hold a part, as if the page had sent it."""
        self._uploads[_prefix(key)][upload].parts[number] = (size, etag)

    def reply(self, method: str, key: str, query: Mapping[str, list[str]], body: bytes) -> Reply:
        if not key:
            [prefix] = query["prefix"]
            return self._list_uploads(prefix) if "uploads" in query else self._list_objects(prefix)
        if "uploads" in query:
            return self._create(key)
        if "uploadId" in query:
            return self._of_upload(method, key, query["uploadId"][0])
        objects = self._objects[_prefix(key)]
        if method == "PUT":
            objects[key] = _Object(len(body), f"{len(body):032x}", body)
            return Reply(200, headers={"ETag": f'"{objects[key].etag}"'})
        if key not in objects:
            return Reply(404)
        one = objects[key]
        return Reply(200, one.body, {"ETag": f'"{one.etag}"', "Content-Length": str(one.size)})

    def _create(self, key: str) -> Reply:
        upload = f"upload-{next(self._ids)}"
        self._uploads[_prefix(key)][upload] = _Upload(key)
        return _xml(f"<UploadId>{upload}</UploadId>")

    def _of_upload(self, method: str, key: str, id_: str) -> Reply:
        uploads = self._uploads[_prefix(key)]
        if id_ not in uploads:
            return Reply(404, b"<Error><Code>NoSuchUpload</Code></Error>")
        if method == "GET":
            listed = "".join(
                f"<Part><PartNumber>{number}</PartNumber><Size>{size}</Size><ETag>{etag}</ETag></Part>"
                for number, (size, etag) in sorted(uploads[id_].parts.items())
            )
            return _xml(f"<IsTruncated>false</IsTruncated>{listed}")
        upload = uploads.pop(id_)
        if method == "DELETE":
            return Reply(204)
        size = sum(size for size, _ in upload.parts.values())
        self._objects[_prefix(key)][key] = _Object(size, f"{size:032x}-{len(upload.parts)}")
        return _xml(f"<ETag>{size:032x}</ETag>")

    def _list_uploads(self, prefix: str) -> Reply:
        listed = "".join(
            f"<Upload><Key>{escape(one.key)}</Key><UploadId>{id_}</UploadId><Initiated>{_STARTED}</Initiated></Upload>"
            for id_, one in self._uploads[_prefix(prefix)].items()
            if one.key.startswith(prefix)
        )
        return _xml(f"<IsTruncated>false</IsTruncated>{listed}")

    def _list_objects(self, prefix: str) -> Reply:
        listed = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{one.size}</Size></Contents>"
            for key, one in self._objects[_prefix(prefix)].items()
        )
        return _xml(f"<IsTruncated>false</IsTruncated>{listed}")


def _prefix(key: str) -> str:
    interview, session, *_ = key.split("/")
    return f"{interview}/{session}/"


def _xml(text: str) -> Reply:
    return Reply(200, f"<R>{text}</R>".encode(), {"Content-Type": "application/xml"})


@asynccontextmanager
async def serving(store: CountedStore, real: Address) -> AsyncIterator[str]:
    """Serve both stores at one address; yield its origin. `real` is the S3 server's."""

    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                while await _answer(store, real, reader, writer):
                    await writer.drain()
        finally:
            connections.discard(task)
            await _close(writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=1_000)
    async with server:
        try:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        finally:  # a signer that was killed has left some; nothing may outlive the loop
            for connection in (left := [*connections]):
                connection.cancel()
            await asyncio.gather(*left, return_exceptions=True)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _answer(
    store: CountedStore, real: Address, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bool:
    """Answer one request. Return whether the connection stays open."""
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.decode("latin-1").lower().split("\r\n")
    headers = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if "expect" in headers:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
    url = urlsplit(target)
    query, key = parse_qs(url.query, keep_blank_values=True), unquote(url.path).lstrip("/").partition("/")[2]
    named = key or query.get("prefix", [""])[0]
    if f"/{SYNTHETIC}" not in named:
        await _relay(real, head, body, writer)
        return False
    writer.write(store.reply(method, key, query, body).encoded(has_body=method != "HEAD"))
    return True


async def _relay(real: Address, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
    """Have the S3 server answer: each time on a connection of its own, which its reply ends."""
    there, sending = await asyncio.open_connection(*real)
    try:
        sending.write(_HOP.sub(b"", head)[:-2] + b"Connection: close\r\n\r\n" + body)
        while piece := await there.read(65_536):
            writer.write(piece)
        await writer.drain()
    finally:
        await _close(sending)
