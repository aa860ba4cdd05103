"""A real store whose bucket is set up as the README says, with a gateway before it in which faults can be planted."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest
from pydantic import AnyHttpUrl, SecretStr

from server.settings import Settings
from server.store.bucket_rules import rules
from server.store.profiles import PROFILES
from tests.support.faults.proxy import Proxy
from tests.support.seaweed import KEY_ID, KEY_SECRET, Seaweed, running_seaweed
from tests.support.signer_client import SECRET
from tests.support.stack import s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE = "http://127.0.0.1:8000"


@pytest.fixture(scope="package")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with running_seaweed(tmp_path_factory.mktemp("seaweed"), [PAGE]) as store:
        yield store


@pytest.fixture(scope="package")
def s3(seaweed: Seaweed) -> Iterator["S3Client"]:
    with closing(s3_client(seaweed.url, KEY_ID, KEY_SECRET)) as client:
        yield client


@pytest.fixture
def left_behind(seaweed: Seaweed, s3: "S3Client") -> Iterator[Callable[[], list[str]]]:
    """Give the bucket its rules; give what tells which objects and open uploads are in it, and delete these."""
    wanted = rules(PAGE, PROFILES["seaweedfs"], {})
    s3.put_bucket_cors(Bucket=seaweed.bucket, CORSConfiguration=wanted["CORS"])
    s3.put_bucket_lifecycle_configuration(Bucket=seaweed.bucket, LifecycleConfiguration=wanted["Lifecycle"])

    def listed() -> list[str]:
        objects = s3.list_objects_v2(Bucket=seaweed.bucket).get("Contents", [])
        uploads = s3.list_multipart_uploads(Bucket=seaweed.bucket).get("Uploads", [])
        return [one["Key"] for one in (*objects, *uploads)]

    yield listed
    for key in listed():
        s3.delete_object(Bucket=seaweed.bucket, Key=key)
    for one in s3.list_multipart_uploads(Bucket=seaweed.bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=seaweed.bucket, Key=one["Key"], UploadId=one["UploadId"])


@pytest.fixture
def gateway(seaweed: Seaweed) -> Iterator[Proxy]:
    with Proxy(urlsplit(seaweed.url).port or 80) as proxy:
        yield proxy


@pytest.fixture
def settings(
    gateway: Proxy, seaweed: Seaweed, left_behind: Callable[[], list[str]], monkeypatch: pytest.MonkeyPatch
) -> Settings:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # keeps the keys that it has found once
    for name, value in seaweed.settings().items():
        if not name.startswith("SLIPSTREAM_"):
            monkeypatch.setenv(name, value)
    return Settings(
        secret=SecretStr(SECRET),
        url=AnyHttpUrl(PAGE),
        s3_endpoint=AnyHttpUrl(gateway.origin),
        s3_bucket=seaweed.bucket,
        s3_profile="seaweedfs",
    )
