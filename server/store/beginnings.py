"""Complete an upload with its first parts alone, where a part behind them never came."""

from collections.abc import Collection, Sequence
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

    def complete(self, key: str, upload: str, parts: Sequence[StoredPart], stored: Collection[int]) -> None:
        """Complete an upload with `parts`, which begin it. `stored` are the numbers of all parts that the store has.

        Raises UploadGone, ObjectExists, PartsUnfit, StoreError.
        """
        behind = [number for number in stored if number > len(parts)]
        if self._bucket.access.profile.completes_some or not behind:
            self._multipart.complete(key, upload, parts)
            return
        try:
            self._complete_with_empty_parts(key, upload, parts, behind)
        except PartsUnfit:  # it has a minimum, and then it is like S3 in this, too
            self._multipart.complete(key, upload, parts)

    def _complete_with_empty_parts(
        self, key: str, upload: str, parts: Sequence[StoredPart], behind: Sequence[int]
    ) -> None:
        """Replace every part behind the gap by an empty one, and fill the gap with such.

        In this order: rclone writes a part once all before it have come, and replaces it no more.
        """
        named: list[CompletedPartTypeDef] = [{"PartNumber": part.number, "ETag": f'"{part.etag}"'} for part in parts]
        missing = sorted(set(range(len(parts) + 1, max(behind))) - set(behind))
        empty = [self._empty(key, upload, number) for number in (*behind, *missing)]
        named += sorted(empty, key=lambda part: part["PartNumber"])
        with self._bucket.calling(upload_errors(self._bucket.access.profile.missing_upload_codes)):
            self._bucket.patient_client.complete_multipart_upload(
                **self._bucket.at(key), UploadId=upload, MultipartUpload={"Parts": named}
            )

    def _empty(self, key: str, upload: str, number: int) -> "CompletedPartTypeDef":
        with self._bucket.calling(upload_errors(self._bucket.access.profile.missing_upload_codes)):
            sent = self._bucket.client.upload_part(**self._bucket.at(key), UploadId=upload, PartNumber=number, Body=b"")
        return {"PartNumber": number, "ETag": sent["ETag"]}
