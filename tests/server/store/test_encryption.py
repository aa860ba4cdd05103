"""Writes name the encryption that is set, and carry the MD5 that buckets with Object Lock demand."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import AnyHttpUrl

from server.errors import StoreMisconfigured
from server.settings import Settings
from server.store.access import own_bucket
from server.store.storage import Storage
from tests.support.stub_store import StoreReply, StoreRequest, error, stub_store

BODY = b"{}"
MD5 = hashlib.md5(BODY).hexdigest()
MD5_HEADER = base64.b64encode(bytes.fromhex(MD5)).decode()
KMS = {"x-amz-server-side-encryption": "aws:kms", "x-amz-server-side-encryption-aws-kms-key-id": "key-1"}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")


def _storage(endpoint: str | None, **settings: Any) -> Storage:
    return own_bucket(Settings(s3_endpoint=AnyHttpUrl(str(endpoint)), s3_bucket="bucket", s3_profile="aws", **settings))


def _encryption_of(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if "server-side-encryption" in name}


class _Bucket:
    """Note requests; demand what the bucket's policy demands."""

    def __init__(self, demands: Mapping[str, str] | None = None, *, has_object_lock: bool = False) -> None:
        self._demands = demands or {}
        self._has_object_lock = has_object_lock
        self.requests: list[StoreRequest] = []

    def __call__(self, request: StoreRequest) -> StoreReply:
        self.requests.append(request)
        if request.method == "POST":
            if not self._demands.items() <= request.headers.items():
                return error(403, "AccessDenied")
            return StoreReply(200, b"<R><UploadId>u</UploadId></R>", {"Content-Type": "application/xml"})
        if request.method == "PUT":
            if self._has_object_lock and "content-md5" not in request.headers:
                return error(400, "InvalidRequest")
            if not self._demands.items() <= request.headers.items():
                return error(403, "AccessDenied")
        return StoreReply(200)


def test_row_28_bucket_that_demands_kms_gets_it_with_every_write_of_the_signer():
    bucket = _Bucket(KMS)
    with stub_store(bucket) as stub:
        storage = _storage(stub.access.endpoint, s3_encryption="aws:kms", s3_kms_key="key-1")
        storage.multipart.create("key", "video/mp4", "token")
        storage.objects.write("key", BODY, "application/json")
        storage.objects.write_once("key", BODY, "application/json")

    assert [_encryption_of(request.headers) for request in bucket.requests] == [KMS] * len(bucket.requests)
    assert len(bucket.requests) >= 3


def test_row_28_bucket_that_demands_encryption_refuses_a_signer_that_names_none():
    with stub_store(_Bucket(KMS)) as stub, pytest.raises(StoreMisconfigured, match="AccessDenied"):
        _storage(stub.access.endpoint).objects.write("key", BODY, "application/json")


def test_document_of_a_page_is_signed_with_the_headers_that_the_page_must_send():
    storage = _storage("https://store.example", s3_encryption="aws:kms", s3_kms_key="key-1")
    url, headers = storage.urls.sign_document("k", "application/json", size=2, md5=MD5, life_s=60)

    assert headers == {"content-type": "application/json", "content-md5": MD5_HEADER, **KMS}
    signed = parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0].split(";")
    assert set(KMS) <= set(signed)


def test_part_of_an_encrypted_upload_needs_no_header_of_its_own():
    storage = _storage("https://store.example", s3_encryption="aws:kms", s3_kms_key="key-1")
    _, headers = storage.urls.sign_part("k", "u", 1, size=2, md5=MD5, life_s=60)

    assert headers == {"content-md5": MD5_HEADER}


@pytest.mark.parametrize(
    ("encryption", "has_md5_etags"), [("AES256", True), ("aws:kms", False), ("aws:kms:dsse", False), (None, True)]
)
def test_row_26_with_kms_etags_are_no_md5(encryption: Any, *, has_md5_etags: bool):
    access = _storage("https://store.example", s3_encryption=encryption).access

    assert (access.has_md5_etags, access.is_md5_signed) == (has_md5_etags, True)


def test_row_28_bucket_with_object_lock_gets_content_md5_with_every_write_of_the_signer():
    bucket = _Bucket(has_object_lock=True)
    with stub_store(bucket) as storage:
        storage.objects.write("key", BODY, "application/json")
        storage.objects.write_once("key", BODY, "application/json")

    puts = [request for request in bucket.requests if request.method == "PUT"]
    assert len(puts) >= 2
    assert {request.headers["content-md5"] for request in puts} == {MD5_HEADER}


def _encrypting(algorithm: str) -> StoreReply:
    default = "ApplyServerSideEncryptionByDefault"
    named = f"<{default}><SSEAlgorithm>{algorithm}</SSEAlgorithm></{default}>"
    body = f"<ServerSideEncryptionConfiguration><Rule>{named}</Rule></ServerSideEncryptionConfiguration>"
    return StoreReply(200, body.encode(), {"Content-Type": "application/xml"})


def test_row_26_bucket_that_encrypts_with_kms_by_itself_is_named_before_a_page_takes_its_parts_for_damaged():
    with stub_store(lambda _: _encrypting("aws:kms")) as stub:
        with pytest.raises(StoreMisconfigured, match="SLIPSTREAM_S3_MD5_ETAGS=false"):
            _storage(stub.access.endpoint).check_proof()
        _storage(stub.access.endpoint, s3_md5_etags=False).check_proof()
        _storage(stub.access.endpoint, s3_encryption="AES256").check_proof()


@pytest.mark.parametrize(
    "reply",
    [
        _encrypting("AES256"),
        error(404, "ServerSideEncryptionConfigurationNotFoundError"),
        error(403, "AccessDenied"),
        error(501, "NotImplemented"),
        StoreReply(200, b"<ServerSideEncryptionConfiguration/>", {"Content-Type": "application/xml"}),  # RGW 16.2
    ],
)
def test_row_26_bucket_that_tells_of_no_kms_is_believed(reply: StoreReply):
    with stub_store(lambda _: reply) as stub:
        _storage(stub.access.endpoint).check_proof()
