"""Misconfigurations planted in a real Ceph: each is found, and its fix is named. Skipped where it is not installed."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from pydantic import AnyHttpUrl, SecretStr

from app.contract import MIB
from server.settings import Settings
from server.store.bucket_rules import rules
from server.store.embedded import free_port
from server.store.least_policy import least_policy
from server.store.profiles import PROFILES
from tests.support.ceph import KEY_ID, KEY_SECRET, Ceph, missing_packages, running_ceph
from tests.support.doctor import doctor
from tests.support.nginx import running_nginx
from tests.support.signer_client import SECRET
from tests.support.stack import s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE = "http://127.0.0.1:8000"
SET_RULES = f"`python serve.py bucket --apply --url {PAGE}`"
LIMITED = ("limited-key", "limited-secret-limited-secret")
ACTIONS = (
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListMultipartUploadParts",
    "PutObject",
    "GetObject",
    "AbortMultipartUpload",
)
NGINX = """
server {{
    listen 127.0.0.1:{port};
    location / {{
        proxy_pass {store};
        proxy_set_header Host $http_host;
    }}
}}
"""

pytestmark = pytest.mark.skipif(bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}")


@pytest.fixture(scope="module")
def ceph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ceph]:
    with running_ceph(tmp_path_factory.mktemp("ceph"), [PAGE]) as store:
        store.add_user("limited", *LIMITED)
        yield store


@pytest.fixture(scope="module")
def s3(ceph: Ceph) -> Iterator["S3Client"]:
    with closing(s3_client(ceph.url, KEY_ID, KEY_SECRET)) as client:
        yield client


@pytest.fixture
def settings(ceph: Ceph, s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Give the bucket what the README says; whatever the test does to it is undone before the next one."""
    wanted = rules(PAGE, PROFILES["ceph"], {})
    s3.put_bucket_cors(Bucket=ceph.bucket, CORSConfiguration=wanted["CORS"])
    s3.put_bucket_lifecycle_configuration(Bucket=ceph.bucket, LifecycleConfiguration=wanted["Lifecycle"])
    s3.delete_bucket_policy(Bucket=ceph.bucket)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # keeps the keys that it has found once
    for name, value in ceph.settings().items():
        if not name.startswith("SLIPSTREAM_"):
            monkeypatch.setenv(name, value)
    return Settings(
        secret=SecretStr(SECRET), url=AnyHttpUrl(PAGE), s3_endpoint=AnyHttpUrl(ceph.url), s3_bucket=ceph.bucket
    )


def _left(s3: "S3Client", ceph: Ceph) -> list[str]:
    objects = s3.list_objects_v2(Bucket=ceph.bucket).get("Contents", [])
    uploads = s3.list_multipart_uploads(Bucket=ceph.bucket).get("Uploads", [])
    return [one["Key"] for one in (*objects, *uploads)]


def test_good_ceph_passes_without_a_word_and_is_left_empty(settings: Settings, s3: "S3Client", ceph: Ceph):
    told = doctor(settings)

    assert told.has_passed, told.text
    assert (told.faults, told.notes, _left(s3, ceph)) == ([], [], [])


def test_good_ceph_passes_in_whatever_region_it_is_said_to_be(settings: Settings):
    told = doctor(settings.model_copy(update={"s3_region": "eu-west-3"}))

    assert told.has_passed, told.text


@dataclass(frozen=True)
class Planted:
    """`cors` and `lifecycle` change the bucket's rules; None takes them away."""

    says: tuple[str, ...]
    cors: Mapping[str, Any] | None = field(default_factory=dict)
    lifecycle: Callable[[list[Any]], list[Any]] = list
    settings: Mapping[str, object] = field(default_factory=dict)
    secret: str = ""


PLANTED = {
    "no CORS rule": Planted(("No CORS rule lets the page in", SET_RULES), cors=None),
    "CORS for another page": Planted(
        (f"Let PUT from {PAGE} through", SET_RULES), cors={"AllowedOrigins": ["https://other.example"]}
    ),
    "CORS without PUT": Planted(("No CORS rule lets the page in", SET_RULES), cors={"AllowedMethods": ["GET"]}),
    "CORS without Content-Type": Planted(
        (f"with the headers content-type through: {SET_RULES}",), cors={"AllowedHeaders": ["content-md5"]}
    ),
    "CORS without Content-MD5": Planted(
        (f"with the headers content-md5 through: {SET_RULES}",), cors={"AllowedHeaders": ["content-type"]}
    ),
    "CORS that hides ETag": Planted((f"hides ETag from pages. Expose it: {SET_RULES}",), cors={"ExposeHeaders": []}),
    "no lifecycle rule": Planted(("aborts incomplete uploads", "clears _tail/", SET_RULES), lifecycle=lambda _: []),
    "rule that deletes everything": Planted(
        ("The rule all deletes everything in the bucket within a day",),
        lifecycle=lambda there: [
            *there,
            {"ID": "all", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}},
        ],
    ),
    "another bucket": Planted(
        ("There is no bucket answers", "SLIPSTREAM_S3_BUCKET"), settings={"s3_bucket": "answers"}
    ),
    "wrong secret": Planted(("(SignatureDoesNotMatch)", "AWS_SECRET_ACCESS_KEY"), secret="another-secret"),
    "another store's profile": Planted(
        ("SLIPSTREAM_S3_PROFILE is r2, but the store says that it is Ceph RGW",), settings={"s3_profile": "r2"}
    ),
    "https page, http store": Planted(
        ("mixed content", "Serve the store over https"), settings={"url": AnyHttpUrl("https://jobs.example.org")}
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_what_is_planted_in_ceph_is_found_and_its_fix_is_named(
    name: str, settings: Settings, s3: "S3Client", ceph: Ceph, monkeypatch: pytest.MonkeyPatch
):
    planted, good = PLANTED[name], rules(PAGE, PROFILES["ceph"], {})
    if planted.cors is None:
        s3.delete_bucket_cors(Bucket=ceph.bucket)
    else:
        cors: Any = {**good["CORS"]["CORSRules"][0], **planted.cors}
        s3.put_bucket_cors(Bucket=ceph.bucket, CORSConfiguration={"CORSRules": [cors]})
    if lifecycle := planted.lifecycle(good["Lifecycle"]["Rules"]):
        s3.put_bucket_lifecycle_configuration(Bucket=ceph.bucket, LifecycleConfiguration={"Rules": lifecycle})
    else:
        s3.delete_bucket_lifecycle(Bucket=ceph.bucket)
    if planted.secret:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", planted.secret)

    told = doctor(settings.model_copy(update=dict(planted.settings)))

    assert [words for words in planted.says if words not in told.text] == [], told.text
    assert _left(s3, ceph) == []


def _allow_all_but(s3: "S3Client", ceph: Ceph, *denied: str) -> None:
    user = {"AWS": ["arn:aws:iam:::user/limited"]}
    where = [f"arn:aws:s3:::{ceph.bucket}", f"arn:aws:s3:::{ceph.bucket}/*"]
    said: list[dict[str, Any]] = [{"Effect": "Allow", "Principal": user, "Action": "s3:*", "Resource": where}]
    said += [{"Effect": "Deny", "Principal": user, "Action": f"s3:{action}", "Resource": where} for action in denied]
    policy = {"Version": "2012-10-17", "Statement": said}
    s3.put_bucket_policy(Bucket=ceph.bucket, Policy=json.dumps(policy))


@pytest.fixture
def limited(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Have the signer's key belong to a user who may do what the bucket's policy allows."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", LIMITED[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", LIMITED[1])
    return settings


@pytest.mark.parametrize("action", ACTIONS)
def test_a_permission_that_a_policy_denies_is_named(action: str, limited: Settings, s3: "S3Client", ceph: Ceph):
    _allow_all_but(s3, ceph, action)

    told = doctor(limited)

    assert not told.has_passed
    assert f"Allow it s3:{action} on arn:aws:s3:::slipstream" in told.text, told.text
    named = [one for one in ACTIONS if f"Allow it s3:{one} on" in told.text]
    assert named == [action], told.text
    _empty(s3, ceph)


def test_a_key_that_may_not_delete_is_a_note(limited: Settings, s3: "S3Client", ceph: Ceph):
    _allow_all_but(s3, ceph, "DeleteObject")

    told = doctor(limited)

    assert told.has_passed, told.text
    assert "s3:DeleteObject on arn:aws:s3:::slipstream/slipstream-doctor/*" in told.text
    assert _left(s3, ceph) != []
    _empty(s3, ceph)


def test_a_key_with_all_permissions_by_policy_passes(limited: Settings, s3: "S3Client", ceph: Ceph):
    _allow_all_but(s3, ceph)

    told = doctor(limited)

    assert (told.faults, told.notes) == ([], []), told.text


def test_the_least_policy_passes_and_what_it_does_not_allow_is_noted(limited: Settings, s3: "S3Client", ceph: Ceph):
    policy = least_policy(ceph.bucket, PROFILES["ceph"], None, None)
    for statement in policy["Statement"]:
        statement["Principal"] = {"AWS": ["arn:aws:iam:::user/limited"]}
    s3.put_bucket_policy(Bucket=ceph.bucket, Policy=json.dumps(policy))

    told = doctor(limited)

    assert told.has_passed, told.text
    assert [("s3:GetLifecycleConfiguration" in note, "s3:DeleteObject" in note) for note in told.notes] == [
        (True, False),
        (False, True),
    ], told.text
    assert not [key for key in _left(s3, ceph) if key.startswith("_tail/")]
    _empty(s3, ceph)


def _empty(s3: "S3Client", ceph: Ceph) -> None:
    for one in s3.list_multipart_uploads(Bucket=ceph.bucket).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=ceph.bucket, Key=one["Key"], UploadId=one["UploadId"])
    for found in s3.list_objects_v2(Bucket=ceph.bucket).get("Contents", []):
        s3.delete_object(Bucket=ceph.bucket, Key=found["Key"])


@pytest.fixture(scope="module")
def locked(ceph: Ceph, s3: "S3Client") -> str:
    """Make a bucket with Object Lock that keeps everything for a day."""
    name, wanted = "locked", rules(PAGE, PROFILES["ceph"], {})
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    s3.put_bucket_cors(Bucket=name, CORSConfiguration=wanted["CORS"])
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=wanted["Lifecycle"])
    s3.put_object_lock_configuration(
        Bucket=name,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
        },
    )
    return name


def test_object_lock_passes_and_is_told_what_it_keeps(settings: Settings, locked: str):
    told = doctor(settings.model_copy(update={"s3_bucket": locked}))

    assert told.faults == [], told.text
    assert [note for note in told.notes if "Object Lock keeps every object for 1 days" in note] != []


def test_object_lock_without_content_md5_is_named(settings: Settings, locked: str):
    told = doctor(settings.model_copy(update={"s3_bucket": locked, "s3_signs_md5": False}))

    assert "SLIPSTREAM_S3_SIGNS_MD5=true" in told.text


def test_a_gateway_with_nginxs_own_limit_is_named(settings: Settings, ceph: Ceph, tmp_path: Path):
    port = free_port()
    with running_nginx(tmp_path, NGINX.format(port=port, store=ceph.url), port):
        told = doctor(settings.model_copy(update={"store_url": AnyHttpUrl(f"http://127.0.0.1:{port}")}))

    assert [fault.partition(":")[0] for fault in told.faults] == ["✗ recordings"], told.text
    assert f"refuses a part of {5 * MIB} bytes as too large (413)" in told.text
    assert "client_max_body_size" in told.text
