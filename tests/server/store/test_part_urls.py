"""A part's URL is the one that botocore itself would have made, for every bucket, address and key."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.errors import StoreMisconfigured
from server.store.client import Bucket, StoreAccess
from server.store.presigned import PresignedUrls
from server.store.profiles import PROFILES

_AWS = StoreAccess(
    bucket="answers",
    region="eu-central-1",
    endpoint=None,
    public_endpoint=None,
    profile=PROFILES["aws"],
    key_id="AKIA/with+odd=signs",
    key_secret="secret",
)
_WITH_ENDPOINT = replace(
    _AWS, endpoint="http://127.0.0.1:9", public_endpoint="https://store.example.org:8443", profile=PROFILES["ceph"]
)
_BUCKETS = {
    "AWS, by host": Bucket(_AWS),
    "AWS, first region": Bucket(replace(_AWS, region="us-east-1")),
    "AWS, a dot in the name": Bucket(replace(_AWS, bucket="answers.example.org")),
    "AWS, by path": Bucket(replace(_AWS, profile=replace(PROFILES["aws"], addressing="path"))),
    "AWS, KMS": Bucket(replace(_AWS, encryption="aws:kms", kms_key="alias/answers")),
    "an endpoint of its own": Bucket(_WITH_ENDPOINT),
    "an endpoint, by host": Bucket(replace(_WITH_ENDPOINT, profile=replace(PROFILES["ceph"], addressing="virtual"))),
    "an endpoint with a path": Bucket(replace(_WITH_ENDPOINT, public_endpoint="https://example.org/store/")),
    "rclone": Bucket(replace(_WITH_ENDPOINT, profile=PROFILES["embedded"])),
}
_KEY_CHARACTERS = "abcXYZ019-_./~ +%&=?#é"


@pytest.mark.parametrize("bucket", _BUCKETS.values(), ids=_BUCKETS.keys())
@settings(max_examples=30, deadline=None)
@given(
    key=st.text(_KEY_CHARACTERS, min_size=1).filter(lambda key: not set(key.split("/")) & {"", ".", ".."}),
    upload=st.text("abcXYZ019-_.~+/= ", min_size=1),
    number=st.integers(1, 10_000),
    size=st.integers(1, 5 * 1024**3),
    md5=st.sampled_from([None, "0" * 32, "0123456789abcdef" * 2]),
    life_s=st.integers(1, 604_800),
)
def test_part_url_is_the_one_that_botocore_makes(
    bucket: Bucket, key: str, upload: str, number: int, size: int, md5: str | None, life_s: int
):
    while True:
        url, headers = PresignedUrls(bucket).sign_part(key, upload, number, size=size, md5=md5, life_s=life_s)
        params = {**bucket.at(key), "UploadId": upload, "PartNumber": number, "ContentLength": size}
        if headers:
            params["ContentMD5"] = headers["content-md5"]
        theirs = bucket.public_client.generate_presigned_url("upload_part", params, life_s)
        if _query(url)["X-Amz-Date"] == _query(theirs)["X-Amz-Date"]:  # both in the same second
            break

    assert urlsplit(url)[:3] == urlsplit(theirs)[:3]
    assert _query(url) == _query(theirs)  # the signature, too: it is of everything else


def test_part_url_has_the_token_of_temporary_credentials(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of/an+hour=")
    bucket = Bucket(replace(_AWS, key_id=None, key_secret=None))

    url, _ = PresignedUrls(bucket).sign_part("key", "upload", 1, size=1, md5=None, life_s=60)

    assert _query(url)["X-Amz-Security-Token"] == ["of/an+hour="]
    assert _query(url)["X-Amz-Credential"][0].startswith("ASIA/")


def test_no_url_without_credentials(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"SHARED_CREDENTIALS_FILE": "/dev/null", "EC2_METADATA_DISABLED": "true"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    bucket = Bucket(replace(_AWS, key_id=None, key_secret=None))

    with pytest.raises(StoreMisconfigured):
        PresignedUrls(bucket).sign_part("key", "upload", 1, size=1, md5=None, life_s=60)


def _query(url: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(url).query)
