"""An object store in a dictionary that answers as a vendor's documents say: for vendors that no test can reach."""

import base64
import hashlib
import itertools
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from app.contract import MIB
from tests.support.stub_store import StoreReply, StoreRequest, error

_XML = {"Content-Type": "application/xml"}
_PUBLIC = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}


def md5_of(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def opaque(body: bytes) -> str:
    """Return an ETag as KMS gives it: 32 hexadecimal digits, and no MD5."""
    return md5_of(b"of the ciphertext" + body)


@dataclass(frozen=True)
class Ways:
    """How one vendor's store behaves, as its documents say. The defaults are AWS's."""

    min_part_bytes: int = 5 * MIB
    has_equal_parts: bool = False
    copies_parts: bool = True
    repeats_completion: bool = True
    has_conditions: bool = True
    keeps_metadata: bool = True
    checks_md5: bool = True
    allows_md5: bool = True  # the CORS rule lets Content-MD5 through
    demanded: Mapping[str, str] = field(default_factory=dict)  # headers of every write that creates
    has_object_lock: bool = False
    missing_upload: tuple[int, str] = (404, "NoSuchUpload")
    etag: Callable[[bytes], str] = md5_of
    server: str = ""


@dataclass
class _Open:
    key: str
    token: str
    parts: dict[int, tuple[bytes, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    body: bytes
    etag: str
    token: str
    content_type: str = ""


class ScriptedS3:
    """Answer for one bucket of any name, path-style. Signatures are not checked; tests of real stores do that."""

    def __init__(self, ways: Ways | None = None) -> None:
        self.ways = ways or Ways()
        self.objects: dict[str, Stored] = {}
        self.requests: list[StoreRequest] = []
        self.after_lists: deque[Callable[[], None]] = deque()  # each happens between a list of objects and its reply
        self.failing: set[str] = set()  # uploads whose completion fails
        self._uploads: dict[str, _Open] = {}
        self._completed: dict[str, str] = {}  # id of the upload → ETag of its object
        self._ids = itertools.count(1)

    @property
    def open_uploads(self) -> list[str]:
        return [upload.key for upload in self._uploads.values()]

    def __call__(self, request: StoreRequest) -> StoreReply:
        self.requests.append(request)
        reply = self._reply(request)
        return StoreReply(reply.status, reply.body, {**_PUBLIC, "Server": self.ways.server, **reply.headers})

    def _reply(self, request: StoreRequest) -> StoreReply:
        key = unquote(request.path).lstrip("/").partition("/")[2]
        if request.method == "OPTIONS":
            headers = "content-type, " + ", ".join(
                [*self.ways.demanded, *(["content-md5"] if self.ways.allows_md5 else [])]
            )
            return StoreReply(
                200, headers={"Access-Control-Allow-Methods": "PUT", "Access-Control-Allow-Headers": headers}
            )
        if "uploads" in request.query:
            return self._create(request, key) if request.method == "POST" else self._list_uploads()
        if request.is_of_upload:
            return self._of_upload(request, key)
        if request.method == "PUT":
            return self._put(request, key)
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return StoreReply(204)
        return self._get(request, key)

    def _create(self, request: StoreRequest, key: str) -> StoreReply:
        if not self.ways.demanded.items() <= request.headers.items():
            return error(403, "AccessDenied")
        id_ = f"upload-{next(self._ids)}"
        token = request.headers.get("x-amz-meta-slipstream-token", "") if self.ways.keeps_metadata else ""
        self._uploads[id_] = _Open(key, token)
        return _xml(f"<R><UploadId>{id_}</UploadId></R>")

    def _list_uploads(self) -> StoreReply:
        found = (
            f"<Upload><Key>{one.key}</Key><UploadId>{id_}</UploadId></Upload>" for id_, one in self._uploads.items()
        )
        return _xml(f"<R><IsTruncated>false</IsTruncated>{''.join(found)}</R>")

    def _of_upload(self, request: StoreRequest, key: str) -> StoreReply:
        [id_] = request.query["uploadId"]
        upload = self._uploads.get(id_)
        if request.method == "POST":
            return error(500, "InternalError") if id_ in self.failing else self._complete(request, id_, upload)
        if upload is None or upload.key != key:
            return error(*self.ways.missing_upload)
        if request.method == "DELETE":
            del self._uploads[id_]
            return StoreReply(204)
        return self._part(request, upload) if request.method == "PUT" else self._list(request, upload)

    def _part(self, request: StoreRequest, upload: _Open) -> StoreReply:
        [number] = request.query["partNumber"]
        if (source := request.headers.get("x-amz-copy-source")) is not None:
            return self._copy(request, upload, int(number), unquote(source).lstrip("/").partition("/")[2])
        if (refusal := self._refusal(request)) is not None:
            return refusal
        upload.parts[int(number)] = (request.body, self.ways.etag(request.body))
        return StoreReply(200, headers={"ETag": f'"{self.ways.etag(request.body)}"'})

    def _copy(self, request: StoreRequest, upload: _Open, number: int, source: str) -> StoreReply:
        if not self.ways.copies_parts:
            return error(501, "NotImplemented")
        if source not in self.objects:
            return error(404, "NoSuchKey")
        body = self.objects[source].body
        if (span := request.headers.get("x-amz-copy-source-range")) is not None:
            first, _, last = span.removeprefix("bytes=").partition("-")
            body = body[int(first) : int(last) + 1]
        upload.parts[number] = (body, self.ways.etag(body))
        return _xml(f"<CopyPartResult><ETag>&quot;{self.ways.etag(body)}&quot;</ETag></CopyPartResult>")

    def _list(self, request: StoreRequest, upload: _Open) -> StoreReply:
        after = int(request.query.get("part-number-marker", ["0"])[0])
        found = (
            f"<Part><PartNumber>{number}</PartNumber><Size>{len(body)}</Size><ETag>&quot;{etag}&quot;</ETag></Part>"
            for number, (body, etag) in sorted(upload.parts.items())
            if number > after
        )
        return _xml(f"<R><IsTruncated>false</IsTruncated>{''.join(found)}</R>")

    def _complete(self, request: StoreRequest, id_: str, upload: _Open | None) -> StoreReply:
        if upload is None:
            if id_ in self._completed and self.ways.repeats_completion:
                return _xml(f"<R><ETag>&quot;{self._completed[id_]}&quot;</ETag></R>")
            return error(*self.ways.missing_upload)
        if request.is_conditional and self.ways.has_conditions and upload.key in self.objects:
            return error(412, "PreconditionFailed")
        numbers = [int(one.text or "") for one in ET.fromstring(request.body).iter() if one.tag.endswith("PartNumber")]
        bodies = [upload.parts[number][0] for number in numbers]
        *early, last = [len(body) for body in bodies]
        if any(size < self.ways.min_part_bytes for size in early):
            return error(400, "EntityTooSmall")
        if self.ways.has_equal_parts and (len(set(early)) > 1 or last > max(early, default=last)):
            return error(400, "InvalidPart")
        etag = f"{md5_of(b''.join(bodies))}-{len(bodies)}"
        self.objects[upload.key] = Stored(b"".join(bodies), etag, upload.token)
        self._completed[id_] = etag
        del self._uploads[id_]
        return _xml(f"<R><ETag>&quot;{etag}&quot;</ETag></R>")

    def _put(self, request: StoreRequest, key: str) -> StoreReply:
        if not self.ways.demanded.items() <= request.headers.items():
            return error(403, "AccessDenied")
        if (refusal := self._refusal(request)) is not None:
            return refusal
        if request.is_conditional and self.ways.has_conditions and key in self.objects:
            return error(412, "PreconditionFailed")
        content_type = request.headers.get("content-type", "")
        self.objects[key] = Stored(request.body, self.ways.etag(request.body), "", content_type)
        return StoreReply(200, headers={"ETag": f'"{self.ways.etag(request.body)}"'})

    def _refusal(self, request: StoreRequest) -> StoreReply | None:
        told = request.headers.get("content-md5")
        if told is None:
            return error(400, "InvalidRequest") if self.ways.has_object_lock else None
        if self.ways.checks_md5 and base64.b64decode(told).hex() != md5_of(request.body):
            return error(400, "BadDigest")
        return None

    def _get(self, request: StoreRequest, key: str) -> StoreReply:
        if not key:
            return self._list_objects(request) if request.method == "GET" else StoreReply(200)
        if (found := self.objects.get(key)) is None:
            return error(404, "NoSuchKey") if request.method == "GET" else StoreReply(404)
        token = {"x-amz-meta-slipstream-token": found.token} if found.token else {}
        content_type = {"Content-Type": found.content_type} if found.content_type else {}
        return StoreReply(200, found.body, {"ETag": f'"{found.etag}"', **token, **content_type})

    def _list_objects(self, request: StoreRequest) -> StoreReply:
        [prefix] = request.query.get("prefix", [""])
        found = (
            f"<Contents><Key>{key}</Key><Size>{len(one.body)}</Size></Contents>"
            for key, one in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        reply = _xml(f"<R><IsTruncated>false</IsTruncated>{''.join(found)}</R>")
        if self.after_lists:
            self.after_lists.popleft()()
        return reply


def _xml(text: str) -> StoreReply:
    return StoreReply(200, text.encode(), _XML)
