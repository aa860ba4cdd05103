"""The store's edge: profiles, and what each of its failures becomes."""

import base64
import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from app.contract import MIB
from server.errors import PartsUnfit, StoreError, StoreFailed, StoreMisconfigured, StoreUnavailable, UploadGone
from server.store.embedded import EmbeddedStore, free_port
from server.store.error_mapping import store_errors
from server.store.storage import Storage

BODY = b"part"
MD5 = hashlib.md5(BODY).hexdigest()


def test_where_the_profile_says_so_the_md5_is_part_of_the_signature(storage: Storage, client: httpx.Client):
    strict = Storage(replace(storage.access, profile=replace(storage.access.profile, signs_md5=True)))
    upload = strict.multipart.create("md5/x", "video/mp4", "token")
    url, headers = strict.urls.sign_part("md5/x", upload, 1, size=4, md5=MD5, life_s=60)

    assert headers == {"content-md5": base64.b64encode(bytes.fromhex(MD5)).decode()}
    assert client.put(url, content=BODY).status_code == 403
    other = base64.b64encode(hashlib.md5(b"trap").digest()).decode()
    assert client.put(url, content=b"trap", headers={"content-md5": other}).status_code == 403
    assert client.put(url, content=BODY, headers=headers).status_code == 200
    strict.multipart.abort("md5/x", upload)


@pytest.mark.skipif(sys.platform != "linux", reason="what a process has read stands in /proc")
def test_asking_for_an_objects_size_does_not_read_it(storage: Storage, store: EmbeddedStore):
    upload = storage.multipart.create("large/x", "video/mp4", "token")
    url, _ = storage.urls.sign_part("large/x", upload, 1, size=16 * MIB, md5=None, life_s=60)
    httpx.put(url, content=bytes(16 * MIB))
    storage.multipart.complete("large/x", upload, storage.multipart.all_parts("large/x", upload).values())

    def has_read() -> int:
        return int(Path(f"/proc/{store.pid}/io").read_text().split()[1])

    before = has_read()
    found = storage.objects.head("large/x")
    assert found is not None
    assert found.size == 16 * MIB
    assert has_read() - before < MIB


def test_metadata_tells_our_object_from_anothers(storage: Storage):
    upload = storage.multipart.create("meta/x", "video/mp4", "our token")
    url, _ = storage.urls.sign_part("meta/x", upload, 1, size=4, md5=None, life_s=60)
    httpx.put(url, content=BODY)
    storage.multipart.complete("meta/x", upload, storage.multipart.all_parts("meta/x", upload).values())

    found = storage.objects.head("meta/x")

    assert found is not None
    assert (found.size, found.token) == (4, "our token")
    with pytest.raises(UploadGone):
        storage.multipart.parts("meta/x", upload)


def test_a_store_that_is_away_is_waited_for_and_a_wrong_one_is_named(storage: Storage):
    away = replace(storage.access, endpoint=f"http://127.0.0.1:{free_port()}")
    stranger = replace(storage.access, key_secret="wrong")
    no_bucket = replace(storage.access, bucket="nowhere")

    for access, error in ((away, StoreUnavailable), (stranger, StoreMisconfigured), (no_bucket, StoreMisconfigured)):
        with pytest.raises(error):
            Storage(access).check()


@pytest.mark.parametrize(
    ("code", "status", "becomes"),
    [
        ("SlowDown", 503, StoreUnavailable),
        ("InternalError", 500, StoreFailed),
        ("InternalError", 200, StoreFailed),  # a completion that failed after its headers had been sent
        ("RequestTimeout", 400, StoreUnavailable),
        ("OperationAborted", 409, StoreUnavailable),
        ("AccessDenied", 403, StoreMisconfigured),
        ("NoSuchBucket", 404, StoreMisconfigured),
        ("<script>", 400, StoreMisconfigured),
        ("EntityTooSmall", 400, PartsUnfit),
        ("InvalidPart", 400, PartsUnfit),
    ],
)
def test_a_stores_error_becomes_one_that_the_signer_knows(code: str, status: int, becomes: type[StoreError]):
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}

    with pytest.raises(StoreError) as raised, store_errors():
        raise ClientError(response, "AnyCall")

    assert type(raised.value) is becomes
    assert "<" not in str(raised.value)
