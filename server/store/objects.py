"""Whole objects: look up, list, read, write, delete, and write only if nothing is stored yet."""

import base64
import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from threading import Lock

from server.errors import ObjectExists, ObjectMissing, StoreMisconfigured
from server.store.client import Bucket
from server.store.error_mapping import store_errors

METADATA_NAME = "slipstream-token"


@dataclass(frozen=True, slots=True)
class StoredObject:
    size: int
    token: str | None  # None: the store has none
    etag: str
    version: str | None  # None: the bucket keeps no versions
    md5: str | None = None  # of the whole object, in hexadecimal; None: the store does not say (only Google does)


class Objects:
    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._is_conditional: bool | None = None if bucket.access.has_conditions else False  # None: not tried yet
        self._probing = Lock()

    def head(self, key: str) -> StoredObject | None:
        """Return what is stored under a key; None if nothing is."""
        try:
            with self._bucket.calling(store_errors()):
                found = self._bucket.client.head_object(**self._bucket.at(key))
        except ObjectMissing:
            return None
        # Some stores return the name with other capitals.
        metadata = {name.lower(): value for name, value in found["Metadata"].items()}
        return StoredObject(
            size=found["ContentLength"],
            token=metadata.get(METADATA_NAME),
            etag=found.get("ETag", "").strip('"'),
            version=found.get("VersionId"),
            md5=_md5_of(found["ResponseMetadata"]["HTTPHeaders"].get("x-goog-hash", "")),
        )

    def keys(self, prefix: str) -> list[str]:
        """Return every object's key below a prefix."""
        return [*self.sizes(prefix)]

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the size of every object below a prefix, by its key."""
        with self._bucket.calling(store_errors()):
            pages = self._bucket.client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket.name, Prefix=prefix
            )
            return {found["Key"]: found["Size"] for page in pages for found in page.get("Contents", [])}

    def read(self, key: str) -> bytes | None:
        try:
            with self._bucket.calling(store_errors()):
                return self._bucket.client.get_object(**self._bucket.at(key))["Body"].read()
        except ObjectMissing:
            return None

    def write(self, key: str, body: bytes, content_type: str) -> None:
        with self._bucket.calling(store_errors()):
            self._put(key, body, content_type)()

    def delete(self, key: str) -> None:
        with self._bucket.calling(store_errors()):
            self._bucket.client.delete_object(**self._bucket.at(key))

    def write_once(self, key: str, body: bytes, content_type: str) -> bool:
        """Write if nothing is stored under the key. Return whether the store guarantees that the first one stays.

        If it does not, another signer may overwrite the object within a moment: read it again after that.
        """
        with self._probing:  # a second thread would mistake the probe's object for an earlier one
            if self._is_conditional is None:
                self._is_conditional = self._probe_conditional_write(key, body, content_type)
                return self._is_conditional
        if self._is_conditional:
            with suppress(ObjectExists):
                self._write_if_absent(key, body, content_type)
        elif self.head(key) is None:
            self.write(key, body, content_type)
        return self._is_conditional

    def _probe_conditional_write(self, key: str, body: bytes, content_type: str) -> bool:
        """Write if nothing is stored there; return whether the store honours `If-None-Match`.

        Some stores ignore the header, and so accept a second write. Others refuse it.
        """
        try:
            self._write_if_absent(key, body, content_type)
            self._write_if_absent(key, body, content_type)
        except ObjectExists:
            return True
        except StoreMisconfigured:
            if self.head(key) is None:
                self.write(key, body, content_type)  # raises if the header was not the reason
        return False

    def _write_if_absent(self, key: str, body: bytes, content_type: str) -> None:
        with self._bucket.calling(store_errors()):
            self._put(key, body, content_type)(IfNoneMatch="*")

    def _put(self, key: str, body: bytes, content_type: str) -> Callable[..., object]:
        """Return the call that writes. Buckets with Object Lock demand Content-MD5; the others check it."""
        return partial(
            self._bucket.client.put_object,
            **self._bucket.at(key),
            **self._bucket.access.encryption_params(),
            Body=body,
            ContentType=content_type,
            ContentMD5=base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
        )


def _md5_of(hashes: str) -> str | None:
    """Return the MD5 that Google's header `x-goog-hash` names (`crc32c=…,md5=…`), in hexadecimal; None if none."""
    for one in hashes.split(","):
        kind, _, value = one.strip().partition("=")
        if kind == "md5":
            with suppress(ValueError):
                return base64.b64decode(value, validate=True).hex()
    return None
