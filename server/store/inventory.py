"""All that a bucket holds, as its operator needs it: lists with times and sizes, whole downloads, older versions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypedDict

from server.errors import ObjectMissing, StoreError
from server.store.client import Bucket
from server.store.error_mapping import store_errors, upload_errors

_PIECE = 1024 * 1024  # bytes of a download in memory


@dataclass(frozen=True, slots=True)
class ListedObject:
    key: str
    size: int
    etag: str  # "": the store has none
    modified_at: float  # Unix time in seconds, by the store's own clock


@dataclass(frozen=True, slots=True)
class Version:
    """What must be deleted for nothing to be left under `key`: an object, an older version or a delete marker."""

    key: str
    id: str | None  # None: the bucket keeps no versions


class _Version(TypedDict, total=False):
    VersionId: str


class Inventory:
    """Calls that may take long; nobody's candidate waits for them. Each raises StoreError."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def folders(self) -> list[str]:
        """Return the names of the top-level folders, without their slash."""
        pages = self._pages(self._bucket.patient_client.list_objects_v2, Delimiter="/")
        return [found["Prefix"].rstrip("/") for page in pages for found in page.get("CommonPrefixes", [])]

    def objects(self, prefix: str) -> Iterator[ListedObject]:
        """Yield every object below a prefix, in the order of the keys."""
        for page in self._pages(self._bucket.patient_client.list_objects_v2, Prefix=prefix):
            for found in page.get("Contents", []):
                yield ListedObject(
                    found["Key"], found["Size"], found.get("ETag", "").strip('"'), found["LastModified"].timestamp()
                )

    def download(self, key: str, version: str | None = None) -> Iterator[bytes]:
        """Yield an object's bytes, at most 1 MiB at a time. `version` None: the newest one. Raises ObjectMissing."""
        with self._bucket.calling(store_errors()):
            found = self._bucket.patient_client.get_object(**self._bucket.at(key), **_version(Version(key, version)))
            body = found["Body"]
            with body:
                yield from body.iter_chunks(_PIECE)

    def newest_part_at(self, key: str, upload: str) -> float:
        """Return when the newest part of an open upload came, in Unix seconds; 0: it has none. Raises UploadGone."""
        marker, newest = 0, 0.0
        while True:
            with self._bucket.calling(upload_errors(self._bucket.access.profile.missing_upload_codes)):
                page = self._bucket.client.list_parts(**self._bucket.at(key), UploadId=upload, PartNumberMarker=marker)
            times = (sent.timestamp() for part in page.get("Parts", []) if (sent := part.get("LastModified")))
            newest = max([newest, *times])
            following = page.get("NextPartNumberMarker", marker) if page.get("IsTruncated") else marker
            if following <= marker:
                return newest
            marker = following

    def versions(self, prefix: str) -> list[Version]:
        """Return all that is stored below a prefix: where the bucket keeps versions, the older ones as well."""
        if not self._keeps_versions():
            return [Version(found.key, None) for found in self.objects(prefix)]
        with self._bucket.calling(store_errors()):
            pages = self._bucket.patient_client.get_paginator("list_object_versions").paginate(
                Bucket=self._bucket.name, Prefix=prefix
            )
            return [
                Version(found["Key"], found["VersionId"])
                for page in pages
                for found in (*page.get("Versions", []), *page.get("DeleteMarkers", []))
            ]

    def delete(self, version: Version) -> None:
        """Delete one version for good."""
        with self._bucket.calling(store_errors()):
            self._bucket.client.delete_object(**self._bucket.at(version.key), **_version(version))

    def locked_until(self, version: Version) -> str | None:
        """Return until when Object Lock keeps a version (a date, or "a legal hold ends"); None if nothing says so."""
        try:
            with self._bucket.calling(store_errors()):
                found = self._bucket.client.head_object(**self._bucket.at(version.key), **_version(version))
        except StoreError:
            return None
        if found.get("ObjectLockLegalHoldStatus") == "ON":
            return "a legal hold ends"
        until = found.get("ObjectLockRetainUntilDate")
        return None if until is None else f"{until:%Y-%m-%d}"

    def _keeps_versions(self) -> bool:
        """Return whether the bucket keeps versions, or has kept them once."""
        try:
            with self._bucket.calling(store_errors()):
                return "Status" in self._bucket.client.get_bucket_versioning(Bucket=self._bucket.name)
        except ObjectMissing:
            raise
        except StoreError:  # not offered, or not permitted: listing versions then fails in the same way, or shows them
            return self._lists_versions()

    def _lists_versions(self) -> bool:
        try:
            with self._bucket.calling(store_errors()):
                self._bucket.client.list_object_versions(Bucket=self._bucket.name, MaxKeys=1)
        except StoreError:
            return False
        return True

    def _pages(self, call: Callable[..., Any], **named: str) -> Iterator[Any]:
        """Yield each page of a list. Between two pages no other call is kept waiting."""
        token: dict[str, str] = {}
        while True:
            with self._bucket.calling(store_errors()):
                page = call(Bucket=self._bucket.name, **named, **token)
            yield page
            if not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}


def _version(version: Version) -> _Version:
    return {} if version.id is None else {"VersionId": version.id}
