"""Complete an upload with its first parts alone, where a part behind them never came."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.contract import StoredPart
from server.errors import PartsUnfit
from server.store.client import Bucket
from server.store.error_mapping import upload_errors
from server.store.multipart import MultipartUploads

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef


class Beginnings:
    def __init__(self, bucket: Bucket, multipart: MultipartUploads) -> None:
        self._bucket = bucket
        self._multipart = multipart

    def complete(self, key: str, upload: str, parts: Sequence[StoredPart]) -> None:
        """Complete an upload with `parts`, which begin it; what lies behind them is left out.

        Raises UploadGone, ObjectExists, PartsUnfit, StoreError.
        """
        left_out = self._bucket.access.profile.left_out
        behind = [] if left_out == "forgotten" else self._behind(key, upload, len(parts))
        if not behind:
            self._multipart.complete(key, upload, parts)
            return
        # In this order: rclone writes a part once all before it have come, and replaces it no more.
        missing = set(range(len(parts) + 1, behind[-1])) - set(behind) if left_out == "none" else set[int]()
        try:
            self._complete_with_empty_parts(key, upload, parts, [*behind, *sorted(missing)])
        except PartsUnfit:  # no part but the last may be small: then the store may be like S3 in this, too
            self._multipart.complete(key, upload, parts)

    def _behind(self, key: str, upload: str, last: int) -> list[int]:
        """Return the numbers of all parts above `last`, empty ones of an earlier try as well."""
        with self._bucket.calling(upload_errors(self._bucket.access.profile.missing_upload_codes)):
            pages = self._bucket.client.get_paginator("list_parts").paginate(**self._bucket.at(key), UploadId=upload)
            return sorted(
                part["PartNumber"] for page in pages for part in page.get("Parts", []) if part["PartNumber"] > last
            )

    def _complete_with_empty_parts(
        self, key: str, upload: str, parts: Sequence[StoredPart], numbers: Sequence[int]
    ) -> None:
        """Send an empty part under each of these numbers, in their order; complete the upload with all of them."""
        named: list[CompletedPartTypeDef] = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        empty = [self._send_empty(key, upload, number) for number in numbers]
        named += sorted(empty, key=lambda part: part["PartNumber"])
        with self._bucket.calling(upload_errors(self._bucket.access.profile.missing_upload_codes)):
            self._bucket.patient_client.complete_multipart_upload(
                **self._bucket.at(key), UploadId=upload, MultipartUpload={"Parts": named}
            )

    def _send_empty(self, key: str, upload: str, number: int) -> "CompletedPartTypeDef":
        with self._bucket.calling(upload_errors(self._bucket.access.profile.missing_upload_codes)):
            sent = self._bucket.client.upload_part(**self._bucket.at(key), UploadId=upload, PartNumber=number, Body=b"")
        return {"PartNumber": number, "ETag": sent["ETag"]}
