"""Multipart uploads: create, list, complete, abort."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from app.contract import StoredPart
from server.errors import StoreError, StoreMisconfigured, UploadGone
from server.store.client import Bucket
from server.store.error_mapping import store_errors, upload_errors
from server.store.objects import METADATA_NAME

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef

PART_PAGE = 1_000  # S3 lists no more at once


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


class MultipartUploads:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._completes_once = bucket.access.has_conditions  # until the store refuses the header

    def create(self, key: str, content_type: str, token: str) -> str:
        """Begin a multipart upload; return the store's id of it."""
        with self._bucket.calling(store_errors()):
            return self._bucket.client.create_multipart_upload(
                **self._bucket.at(key), ContentType=content_type, Metadata={METADATA_NAME: token}
            )["UploadId"]

    def open_uploads(self, prefix: str) -> list[tuple[str, str]]:
        """Return (key, upload id) of what is begun below a prefix; nothing where a store cannot list them."""
        return [(upload.key, upload.id) for upload in self.uploads_begun(prefix) or ()]

    def uploads_begun(self, prefix: str) -> list[OpenUpload] | None:
        """Return what is begun below a prefix, in the order in which it was; None where we cannot have it listed."""
        try:
            with self._bucket.calling(store_errors()):
                pages = self._bucket.client.get_paginator("list_multipart_uploads")
                listed = [
                    OpenUpload(
                        one["Key"], one["UploadId"], begun.timestamp() if (begun := one.get("Initiated")) else None
                    )
                    for page in pages.paginate(Bucket=self._bucket.name, Prefix=prefix)
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
        with self._bucket.calling(upload_errors()):
            page = self._bucket.client.list_parts(
                **self._bucket.at(key), UploadId=upload, PartNumberMarker=after, MaxParts=PART_PAGE
            )
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
        """Assemble the object; where the store can see to that, only if nothing is stored there yet.

        Raises UploadGone, ObjectExists, PartsUnfit.
        """
        named: CompletedMultipartUploadTypeDef = {
            "Parts": [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        }
        call = partial(
            self._bucket.patient_client.complete_multipart_upload,
            **self._bucket.at(key),
            UploadId=upload,
            MultipartUpload=named,
        )
        if self._completes_once:
            with suppress(StoreMisconfigured), self._bucket.calling(upload_errors()):
                call(IfNoneMatch="*")
                return
        with self._bucket.calling(upload_errors()):
            call()
        self._completes_once = False  # it does not take the header, and all else was well

    def abort(self, key: str, upload: str) -> None:
        """Give up an upload; no matter if it is gone already."""
        try:
            with self._bucket.calling(upload_errors()):
                self._bucket.client.abort_multipart_upload(**self._bucket.at(key), UploadId=upload)
        except UploadGone:
            pass
