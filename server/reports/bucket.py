"""The bucket as the report uses it: many small reads at once, by obstore.

boto3 reads 230 of these objects a second on the machine where obstore reads 1,900 (docs/REPORTS.md).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import obstore
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import LocalStore, S3Store

from server.errors import ObjectMissing, StoreMisconfigured, StoreUnavailable
from server.store.storage import Storage

_PAGE = 1_000  # objects; S3 lists no more at once
_REPLY_S = 120  # to the end of a reply: rclone reads every folder of an interview before its first page
_RETRY_S = 300


@dataclass(frozen=True, slots=True)
class ListedObject:
    key: str
    etag: str  # where the store has none (rclone): time and size, which change with the content as well
    modified_at: datetime
    size: int


class ReportBucket:
    """List, read, write and delete objects. Raises StoreError from every call."""

    def __init__(self, objects: LocalStore | S3Store, write: Callable[[str, bytes], None], name: str) -> None:
        self._objects = objects
        self.write = write
        self.name = name  # tells this bucket from every other; names its cache

    def interviews(self) -> list[str]:
        """Return the names of the top-level folders."""
        with _obstore_errors():
            return [str(prefix) for prefix in obstore.list_with_delimiter(self._objects)["common_prefixes"]]

    def objects_below(self, prefix: str) -> Iterator[ListedObject]:
        """Yield every object below a folder, in no order."""
        with _obstore_errors():
            for page in obstore.list(self._objects, prefix, chunk_size=_PAGE):
                for found in page:
                    modified_at, size = found["last_modified"], found["size"]
                    etag = (found["e_tag"] or "").strip('"') or f"{modified_at.timestamp():.6f}-{size}"
                    yield ListedObject(found["path"], etag, modified_at, size)

    def read(self, key: str) -> bytes | None:
        """Return an object's content; None if there is none (any more)."""
        try:
            with _obstore_errors():
                return bytes(obstore.get(self._objects, key).bytes())
        except ObjectMissing:
            return None

    def delete(self, key: str) -> None:
        """Delete an object; do nothing if it is gone."""
        try:
            with _obstore_errors():
                obstore.delete(self._objects, key)
        except ObjectMissing:
            return


def folder_bucket(folder: Path) -> ReportBucket:
    """Return the embedded store's bucket as the plain files that it is: no store has to run."""
    objects = LocalStore(folder)

    def write(key: str, body: bytes) -> None:
        with _obstore_errors():
            obstore.put(objects, key, body)

    return ReportBucket(objects, write, str(folder.absolute()))


def s3_bucket(storage: Storage) -> ReportBucket:
    """Return a bucket at a store. What is written goes the signer's way, with its encryption and Content-MD5."""
    access = storage.access
    endpoint = storage.bucket.endpoint_url
    # As boto3 does: no certificate of a store covers a bucket's name with a dot in it.
    is_virtual = access.profile.addressing != "path" and "." not in access.bucket
    if is_virtual:
        scheme, _, host = endpoint.partition("://")
        url = f"{scheme}://{access.bucket}.{host}"
    else:
        url = endpoint
    objects = S3Store(
        access.bucket,
        region=access.region,
        endpoint=url,
        virtual_hosted_style_request=is_virtual,
        client_options={"allow_http": url.startswith("http:"), "timeout": timedelta(seconds=_REPLY_S)},
        retry_config={"max_retries": 5, "retry_timeout": timedelta(seconds=_RETRY_S)},
        **_credentials(storage),
    )

    def write(key: str, body: bytes) -> None:
        storage.objects.write(key, body, "application/vnd.apache.parquet")

    return ReportBucket(objects, write, f"{endpoint}/{access.bucket}")


def _credentials(storage: Storage) -> dict[str, Any]:
    key = storage.bucket.hmac_key()  # raises if there is none
    if storage.access.key_id or boto3.DEFAULT_SESSION is None:
        return {"access_key_id": key.id, "secret_access_key": key.secret}
    # As boto3 found them, and refreshed: a role's credentials may end while a million reports are read.
    return {"credential_provider": Boto3CredentialProvider(boto3.DEFAULT_SESSION, ttl=timedelta(minutes=5))}


@contextmanager
def _obstore_errors() -> Iterator[None]:
    """Turn obstore's errors into ours. They are not chained: their text quotes URLs."""
    try:
        yield
    except (NotFoundError, FileNotFoundError):
        raise ObjectMissing from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise StoreMisconfigured.because("AccessDenied") from None
    except PermissionError as error:
        raise StoreMisconfigured.because(error.strerror or "no permission") from None
    except (BaseError, OSError):
        raise StoreUnavailable from None
