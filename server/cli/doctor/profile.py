"""Try what the store's profile promises, with a few small objects, and name the differences."""

import base64
import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from app.contract import MIB, StoredPart
from server.cli.doctor.finding import Finding, fault, note
from server.cli.doctor.visit import INTERVIEW, Visit
from server.errors import ObjectExists, PartsUnfit, StoreError, StoreMisconfigured, UploadGone
from server.store.error_mapping import store_errors
from server.store.storage import Storage

_PREFIX = f"{INTERVIEW}/"
_SMALL = b"x" * 1024
_COPIED_BYTES = 5 * MIB  # AWS copies a range only from an object that is larger than this
_TOKEN = "doctor"  # noqa: S105  no secret: metadata of an object that is deleted at once


@dataclass(slots=True)
class Comparison:
    """What the store does otherwise than its profile says. `faults` would harm candidates, `notes` would not."""

    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_profile(visit: Visit) -> Iterator[Finding]:
    """Find what the store does otherwise than its profile says. Raises StoreError."""
    try:
        found = compare(visit.storage)
    except StoreMisconfigured as error:
        if error.is_denied:  # the checks before this one have named the permission
            return
        raise
    about = f"{visit.profile.title} (profile {visit.profile.name}) is not as its profile says."
    yield from (fault(f"{about} {text}") for text in found.faults)
    yield from (note(f"{about} {text}") for text in found.notes)


def compare(storage: Storage) -> Comparison:
    """Try the profile's promises. Objects are deleted again, if the signer may do so. Raises StoreError."""
    found = Comparison()
    _compare_minimum(storage, found)
    _compare_completion(storage, found)
    if storage.access.profile.copies_parts:
        _compare_copy(storage, found)
    return found


def _compare_minimum(storage: Storage, found: Comparison) -> None:
    profile = storage.access.profile
    with _upload(storage, "small") as (key, upload):
        parts = [_send(storage, key, upload, number, _SMALL) for number in (1, 2)]
        try:
            storage.multipart.complete(key, upload, parts)
        except PartsUnfit:
            if profile.min_part_bytes <= len(_SMALL):
                found.faults.append("It takes no small parts. Set SLIPSTREAM_S3_MIN_PART_BYTES=5242880 (S3's minimum).")
        else:
            if profile.min_part_bytes > len(_SMALL):
                found.notes.append(
                    "It takes smaller parts than the profile says. With SLIPSTREAM_S3_MIN_PART_BYTES=1 the wait after "
                    "Stop is shorter."
                )


def _compare_completion(storage: Storage, found: Comparison) -> None:
    profile = storage.access.profile
    with _upload(storage, "whole") as (key, upload):
        parts = [_send(storage, key, upload, 1, _SMALL)]
        storage.multipart.complete(key, upload, parts)
        if profile.keeps_metadata and (there := storage.objects.head(key)) is not None and there.token != _TOKEN:
            found.faults.append(
                "It loses the metadata of objects, by which the signer tells its own: does a gateway drop x-amz-meta-…?"
            )
        try:
            storage.multipart.parts(key, upload)
        except UploadGone:
            pass
        else:
            found.faults.append("It lists an upload that is over as if it were open.")
        if profile.repeats_completion and not _completes_again(storage, key, upload, parts):
            found.notes.append("It does not complete an upload twice. The signer looks at the object then.")


def _completes_again(storage: Storage, key: str, upload: str, parts: list[StoredPart]) -> bool:
    try:
        storage.multipart.complete(key, upload, parts)
    except (UploadGone, StoreError):
        return False
    except ObjectExists:  # the conditional header was honoured: it is there
        return True
    return True


def _compare_copy(storage: Storage, found: Comparison) -> None:
    bucket = storage.bucket
    source = f"{_PREFIX}source"
    storage.objects.write(source, b"x" * (_COPIED_BYTES + 1), "application/octet-stream")
    try:
        with _upload(storage, "copy") as (key, upload), store_errors():
            bucket.client.upload_part_copy(
                **bucket.at(key),
                UploadId=upload,
                PartNumber=1,
                CopySource={"Bucket": bucket.name, "Key": source},
                CopySourceRange=f"bytes=0-{_COPIED_BYTES - 1}",
            )
            if [part.size for part in storage.multipart.all_parts(key, upload).values()] != [_COPIED_BYTES]:
                found.faults.append("It copies another range than was asked for. Set SLIPSTREAM_S3_PROFILE=generic.")
    except StoreError as error:
        found.faults.append(
            f"It copies no parts, though the profile says so: {error} Let the signer read the bucket's objects "
            "(s3:GetObject), or set SLIPSTREAM_S3_PROFILE=generic."
        )
    finally:
        _delete(storage, source)


@contextmanager
def _upload(storage: Storage, name: str) -> Iterator[tuple[str, str]]:
    """Yield key and id of an upload; abort it and delete its object at the end."""
    key = f"{_PREFIX}{name}-{secrets.token_hex(8)}"
    upload = storage.multipart.create(key, "application/octet-stream", _TOKEN)
    try:
        yield key, upload
    finally:
        with suppress(StoreError):
            storage.multipart.abort(key, upload)
        _delete(storage, key)


def _delete(storage: Storage, key: str) -> None:
    """Delete an object. The signer needs no permission for this; without it the object stays."""
    with suppress(StoreError):
        storage.objects.delete(key)


def _send(storage: Storage, key: str, upload: str, number: int, body: bytes) -> StoredPart:
    bucket = storage.bucket
    with store_errors():
        reply = bucket.client.upload_part(
            **bucket.at(key),
            UploadId=upload,
            PartNumber=number,
            Body=body,
            # Buckets with Object Lock demand it.
            ContentMD5=base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
        )
    return StoredPart(number=number, size=len(body), etag=reply["ETag"].strip('"'))
