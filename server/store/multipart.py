"""Multipart uploads: create, list, complete, abort."""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
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
    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef, PartTypeDef

_MD5 = re.compile(r"[0-9a-f]{32}")
PART_PAGE = 1_000  # S3 lists no more at once


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A multipart upload that is neither completed nor aborted."""

    key: str
    id: str
    started_at: float | None  # Unix time in seconds, by the store's own clock; None: it does not say


@dataclass(frozen=True, slots=True)
class PartsPage:
    parts: tuple[StoredPart, ...]
    next_after: int | None  # the store's own marker: hand it back as it is; None: last page


class MultipartUploads:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._has_conditional_completion = bucket.access.has_conditions  # until the store refuses the header

    def _calling(self) -> AbstractContextManager[None]:
        """Call the store about an upload. Raises UploadGone, StoreError."""
        return self._bucket.calling(upload_errors(self._bucket.access.profile.missing_upload_codes))

    def create(self, key: str, content_type: str, token: str) -> str:
        """Start a multipart upload; return the store's id of it."""
        with self._bucket.calling(store_errors()):
            return self._bucket.client.create_multipart_upload(
                **self._bucket.at(key),
                ContentType=content_type,
                Metadata={METADATA_NAME: token},
                **self._bucket.access.encryption_params(),
            )["UploadId"]

    def open_uploads(self, prefix: str) -> list[tuple[str, str]]:
        """Return (key, upload id) of the open uploads below a prefix; an empty list if the store cannot list them."""
        return [(upload.key, upload.id) for upload in self.list_open(prefix) or ()]

    def list_open(self, prefix: str) -> list[OpenUpload] | None:
        """Return the open uploads below a prefix, the oldest first; None if the store does not list them to us."""
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
        except UploadGone:  # how rclone says that there are none
            return []
        except StoreMisconfigured:  # the call is not offered, or not permitted
            return None
        return sorted(listed, key=lambda upload: (upload.started_at or 0.0, upload.key))

    def parts(self, key: str, upload: str, after: int = 0, *, has_copies: bool = False) -> PartsPage:
        """Return one page of acknowledged parts; an empty one after the last. Raises UploadGone.

        `has_copies`: some were copied by the store, so that an ETag need not be an MD5 even where others are.
        """
        try:
            page = self._parts(key, upload, after)
        except StoreError:
            # rclone drops the connection if the marker is past the last part; S3 returns an empty page.
            if after and after > max(self.all_parts(key, upload), default=0):
                return PartsPage((), None)
            raise
        is_proof = self._bucket.access.has_md5_etags and not has_copies
        if is_proof and not all(_MD5.fullmatch(part.etag) for part in page.parts):
            # Nothing would prove that the bytes arrived unchanged.
            raise StoreMisconfigured.because("ETag is not an MD5")
        return page

    def all_parts(self, key: str, upload: str) -> dict[int, StoredPart]:
        """Return every part by number, copied ones too. Raises UploadGone."""
        found: dict[int, StoredPart] = {}
        after: int | None = 0
        while after is not None:
            page = self._parts(key, upload, after)
            found |= {part.number: part for part in page.parts}
            # A marker that does not advance would loop for ever.
            after = page.next_after if page.next_after != after else None
        return found

    def _parts(self, key: str, upload: str, after: int) -> PartsPage:
        with self._calling():
            page = self._bucket.client.list_parts(
                **self._bucket.at(key), UploadId=upload, PartNumberMarker=after, MaxParts=PART_PAGE
            )
        try:
            parts = tuple(
                StoredPart(number=part["PartNumber"], size=part["Size"], etag=part["ETag"].strip('"'))
                for part in _newest(page.get("Parts", []))
                if part["Size"]  # no page sends an empty one: beginnings.py does
            )
        except ValidationError:
            raise StoreMisconfigured.because("ETag is not one") from None
        return PartsPage(parts, page["NextPartNumberMarker"] if page.get("IsTruncated") else None)

    def complete(self, key: str, upload: str, parts: Iterable[StoredPart]) -> None:
        """Complete the upload; where the store supports it, only if nothing is stored under the key.

        Raises UploadGone, ObjectExists, PartsUnfit.
        """
        call = partial(
            self._bucket.patient_client.complete_multipart_upload,
            **self._bucket.at(key),
            UploadId=upload,
            MultipartUpload=_named(parts),
        )
        if self._has_conditional_completion:
            with suppress(StoreMisconfigured), self._calling():
                call(IfNoneMatch="*")
                return
        with self._calling():
            call()
        self._has_conditional_completion = False  # the header was the only reason for the refusal

    def replace(self, key: str, upload: str, parts: Iterable[StoredPart]) -> None:
        """Complete the upload, whatever is stored under the key. Raises UploadGone, PartsUnfit."""
        with self._calling():
            self._bucket.client.complete_multipart_upload(
                **self._bucket.at(key), UploadId=upload, MultipartUpload=_named(parts)
            )

    def copy_part(self, key: str, upload: str, number: int, source: str, span: tuple[int, int] | None = None) -> str:
        """Have the store copy an object, or its bytes from `span[0]` to before `span[1]`, as a part. Return its ETag.

        Raises UploadGone if the upload or `source` is missing: not every store tells which.
        """
        call = partial(
            self._bucket.client.upload_part_copy,
            **self._bucket.at(key),
            UploadId=upload,
            PartNumber=number,
            CopySource={"Bucket": self._bucket.name, "Key": source},
        )
        with self._calling():
            copied = call() if span is None else call(CopySourceRange=f"bytes={span[0]}-{span[1] - 1}")
        return str(copied["CopyPartResult"]["ETag"]).strip('"')

    def abort(self, key: str, upload: str) -> None:
        """Abort an upload; do nothing if it is gone already."""
        try:
            with self._calling():
                self._bucket.client.abort_multipart_upload(**self._bucket.at(key), UploadId=upload)
        except UploadGone:
            pass


def _named(parts: Iterable[StoredPart]) -> "CompletedMultipartUploadTypeDef":
    return {"Parts": [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]}


def _newest(listed: "list[PartTypeDef]") -> "list[PartTypeDef]":
    """Return each part once. SeaweedFS lists a part that was sent again several times, in no order."""
    newest: dict[int, PartTypeDef] = {}
    for part in listed:
        other = newest.get(part["PartNumber"])
        if other is None or _sent_at(part) >= _sent_at(other):
            newest[part["PartNumber"]] = part
    return [newest[number] for number in sorted(newest)]


def _sent_at(part: "PartTypeDef") -> float:
    return part["LastModified"].timestamp() if "LastModified" in part else 0.0
