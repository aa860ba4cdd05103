"""The object store's edge: boto3 in, our words out."""

import base64
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import BoundedSemaphore, Lock
from typing import TYPE_CHECKING, Any, Literal, TypedDict
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from pydantic import ValidationError

from app.contract import StoredPart
from server.errors import ObjectExists, ObjectMissing, StoreError, StoreMisconfigured, StoreUnavailable, UploadGone
from server.store.error_mapping import store_errors, upload_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef

METADATA_NAME = "slipstream-token"
PART_PAGE = 1_000  # S3 lists no more at once
_CALLS_AT_ONCE = 40  # to the store, of all who ask us
_TURN_S = 2.0  # waited for one of them
_READ_S = 10.0  # for the next byte of a reply
_ASSEMBLING_S = 60.0  # the same, while the store makes one object of many parts


class _Place(TypedDict):
    Bucket: str
    Key: str


@dataclass(frozen=True, slots=True)
class StoreAccess:
    """How to reach one bucket."""

    bucket: str
    region: str
    endpoint: str | None  # None: AWS
    public_endpoint: str | None  # None: the page reaches the store as we do
    addressing: Literal["auto", "path", "virtual"]
    is_md5_signed: bool
    keeps_metadata: bool  # false: the embedded store, which forgets it when restarted
    has_conditions: bool = True  # may know `If-None-Match: *`; false: the embedded store, which surely does not
    key_id: str | None = None  # None: boto3 finds credentials its usual ways
    key_secret: str | None = None


@dataclass(frozen=True, slots=True)
class StoredObject:
    size: int
    token: str | None  # None: the store has none
    etag: str
    version: str | None  # None: the bucket keeps no versions


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A multipart upload that is neither complete nor given up."""

    key: str
    id: str
    begun_at: float | None  # Unix time in seconds, by the store's own clock; None: it does not say


@dataclass(frozen=True, slots=True)
class PartsPage:
    parts: tuple[StoredPart, ...]
    next_after: int | None  # the store's own marker: hand it back as it is; None: last page


class Storage:
    def __init__(self, access: StoreAccess) -> None:
        self.access = access
        self.client = _client(access, access.endpoint)
        self._patient = _client(access, access.endpoint, _ASSEMBLING_S)
        self._free = BoundedSemaphore(_CALLS_AT_ONCE)
        self._is_first_kept: bool | None = None if access.has_conditions else False  # None: not tried yet
        self._finding_out = Lock()
        self._completes_once = access.has_conditions
        self._public = _client(access, access.public_endpoint) if access.public_endpoint else self.client

    def public_origin(self) -> str:
        """Return the origin of every URL signed here."""
        with store_errors():
            url = urlsplit(self._public.generate_presigned_url("get_object", Params=self._at("origin")))
        return f"{url.scheme}://{url.netloc}"

    def check(self) -> None:
        """Raise StoreError unless the bucket answers us."""
        with self._asking(store_errors()):
            self.client.head_bucket(Bucket=self.access.bucket)

    def head(self, key: str) -> StoredObject | None:
        """Return what lies at a key, None if nothing does."""
        try:
            with self._asking(store_errors()):
                found = self.client.head_object(**self._at(key))
        except ObjectMissing:
            return None
        # Some stores give the name back in another case.
        metadata = {name.lower(): value for name, value in found["Metadata"].items()}
        return StoredObject(
            size=found["ContentLength"],
            token=metadata.get(METADATA_NAME),
            etag=found.get("ETag", "").strip('"'),
            version=found.get("VersionId"),
        )

    def keys(self, prefix: str) -> list[str]:
        """Return every object's key below a prefix."""
        with self._asking(store_errors()):
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.access.bucket, Prefix=prefix)
            return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def read(self, key: str) -> bytes | None:
        try:
            with self._asking(store_errors()):
                return self.client.get_object(**self._at(key))["Body"].read()
        except ObjectMissing:
            return None

    def write(self, key: str, body: bytes, content_type: str) -> None:
        with self._asking(store_errors()):
            self.client.put_object(**self._at(key), Body=body, ContentType=content_type)

    def delete(self, key: str) -> None:
        with self._asking(store_errors()):
            self.client.delete_object(**self._at(key))

    def write_once(self, key: str, body: bytes, content_type: str) -> bool:
        """Write where nothing lies yet. Return whether the store itself keeps what was first.

        Where it does not, another signer may write over it for a moment: look again after that.
        """
        with self._finding_out:  # a second one would take the first one's tries for an answer
            if self._is_first_kept is None:
                self._is_first_kept = self._keeps_first(key, body, content_type)
                return self._is_first_kept
        if self._is_first_kept:
            with suppress(ObjectExists):
                self._write_where_nothing_is(key, body, content_type)
        elif self.head(key) is None:
            self.write(key, body, content_type)
        return self._is_first_kept

    def _keeps_first(self, key: str, body: bytes, content_type: str) -> bool:
        """Write where nothing lies yet, and find out by it whether the store cares about that.

        Some stores let the header pass without a look at it: they take the same once more. Others refuse it.
        """
        try:
            self._write_where_nothing_is(key, body, content_type)
            self._write_where_nothing_is(key, body, content_type)
        except ObjectExists:
            return True
        except StoreMisconfigured:
            if self.head(key) is None:
                self.write(key, body, content_type)  # raises where it was not about the header
        return False

    def _write_where_nothing_is(self, key: str, body: bytes, content_type: str) -> None:
        with self._asking(store_errors()):
            self.client.put_object(**self._at(key), Body=body, ContentType=content_type, IfNoneMatch="*")

    def create(self, key: str, content_type: str, token: str) -> str:
        """Begin a multipart upload; return the store's id of it."""
        with self._asking(store_errors()):
            return self.client.create_multipart_upload(
                **self._at(key), ContentType=content_type, Metadata={METADATA_NAME: token}
            )["UploadId"]

    def open_uploads(self, prefix: str) -> list[tuple[str, str]]:
        """Return (key, upload id) of what is begun below a prefix; nothing where a store cannot list them."""
        return [(upload.key, upload.id) for upload in self.uploads_begun(prefix) or ()]

    def uploads_begun(self, prefix: str) -> list[OpenUpload] | None:
        """Return what is begun below a prefix, in the order in which it was; None where we cannot have it listed."""
        try:
            with self._asking(store_errors()):
                pages = self.client.get_paginator("list_multipart_uploads")
                listed = [
                    OpenUpload(
                        one["Key"], one["UploadId"], begun.timestamp() if (begun := one.get("Initiated")) else None
                    )
                    for page in pages.paginate(Bucket=self.access.bucket, Prefix=prefix)
                    for one in page.get("Uploads", [])
                ]
        except UploadGone:  # rclone's word for none at all
            return []
        except StoreMisconfigured:  # not offered, or not to us
            return None
        return sorted(listed, key=lambda upload: (upload.begun_at or 0.0, upload.key))

    def parts(self, key: str, upload: str, after: int = 0) -> PartsPage:
        """Return one page of acknowledged parts; an empty one behind the last of them. Raises UploadGone."""
        try:
            return self._parts(key, upload, after)
        except StoreError:
            # rclone breaks the connection off where the marker lies behind the last part; S3 has an empty page there.
            if after and after > max(self.all_parts(key, upload), default=0):
                return PartsPage((), None)
            raise

    def all_parts(self, key: str, upload: str) -> dict[int, StoredPart]:
        """Return every acknowledged part by number. Raises UploadGone."""
        found: dict[int, StoredPart] = {}
        after: int | None = 0
        while after is not None:
            page = self._parts(key, upload, after)
            found |= {part.number: part for part in page.parts}
            # A marker that does not move would be asked for ever.
            after = page.next_after if page.next_after != after else None
        return found

    def _parts(self, key: str, upload: str, after: int) -> PartsPage:
        with self._asking(upload_errors()):
            page = self.client.list_parts(**self._at(key), UploadId=upload, PartNumberMarker=after, MaxParts=PART_PAGE)
        try:
            parts = tuple(
                StoredPart(number=part["PartNumber"], size=part["Size"], etag=part["ETag"].strip('"'))
                for part in page.get("Parts", [])
            )
        except ValidationError:
            # With SSE-KMS an ETag is no MD5: nobody could tell then whether bytes arrived whole.
            raise StoreMisconfigured.because("ETag is not an MD5") from None
        return PartsPage(parts, page["NextPartNumberMarker"] if page.get("IsTruncated") else None)

    def complete(self, key: str, upload: str, parts: Iterable[StoredPart]) -> None:
        """Assemble the object, in no other's place where the store can see to that.

        Raises UploadGone, ObjectExists, or PartsUnfit.
        """
        named: CompletedMultipartUploadTypeDef = {
            "Parts": [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        }
        call = partial(self._patient.complete_multipart_upload, **self._at(key), UploadId=upload, MultipartUpload=named)
        if self._completes_once:
            try:
                with self._asking(upload_errors()):
                    call(IfNoneMatch="*")
            except StoreMisconfigured:
                pass  # perhaps because of the header
            else:
                return
        with self._asking(upload_errors()):
            call()
        self._completes_once = False  # it does not take the header, and all else was well

    def abort(self, key: str, upload: str) -> None:
        """Give up an upload; no matter if it is gone already."""
        try:
            with self._asking(upload_errors()):
                self.client.abort_multipart_upload(**self._at(key), UploadId=upload)
        except UploadGone:
            pass

    def sign_part(
        self, key: str, upload: str, number: int, *, size: int, md5: str | None, life_s: int
    ) -> tuple[str, dict[str, str]]:
        """Return a URL for one part of exactly this size, and the headers to send with it."""
        params = {**self._at(key), "UploadId": upload, "PartNumber": number, "ContentLength": size}
        return self._signed("upload_part", params, {}, md5, life_s)

    def sign_document(
        self, key: str, content_type: str, *, size: int, md5: str, life_s: int
    ) -> tuple[str, dict[str, str]]:
        params = {**self._at(key), "ContentLength": size, "ContentType": content_type}
        return self._signed("put_object", params, {"content-type": content_type}, md5, life_s)

    def _signed(
        self, operation: str, params: dict[str, Any], headers: dict[str, str], md5: str | None, life_s: int
    ) -> tuple[str, dict[str, str]]:
        if md5 is not None and self.access.is_md5_signed:
            digest = base64.b64encode(bytes.fromhex(md5)).decode()
            params["ContentMD5"] = digest
            headers["content-md5"] = digest
        with store_errors():
            return self._public.generate_presigned_url(operation, params, life_s), headers

    @contextmanager
    def _asking(self, errors: AbstractContextManager[None]) -> Iterator[None]:
        """Ask the store when there is room: one that hangs is not asked by ever more threads."""
        if not self._free.acquire(timeout=_TURN_S):
            raise StoreUnavailable
        try:
            with errors:
                yield
        finally:
            self._free.release()

    def _at(self, key: str) -> _Place:
        return {"Bucket": self.access.bucket, "Key": key}


def _client(access: StoreAccess, endpoint: str | None, read_s: float = _READ_S) -> "S3Client":
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": access.addressing},
        # "when_supported" would sign the checksum of an empty body into every part's URL.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        connect_timeout=3,
        read_timeout=read_s,
        # The page tries again, with more patience. What takes long is tried once here: it holds a thread.
        retries={"mode": "standard", "total_max_attempts": 2 if read_s == _READ_S else 1},
        max_pool_connections=_CALLS_AT_ONCE,
        proxies={} if access.key_id else None,  # a proxy for the outside cannot reach our own child
    )
    return boto3.client(
        "s3",
        region_name=access.region,
        endpoint_url=endpoint,
        aws_access_key_id=access.key_id,
        aws_secret_access_key=access.key_secret,
        config=config,
    )
