"""The rules that a bucket gets, by what its store takes."""

import xml.etree.ElementTree as ET
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from server.store.bucket_rules import apply_rules, rules
from server.store.profiles import PROFILES
from tests.support.stub_store import StoreReply, StoreRequest, error, stub_store

PAGE = "https://jobs.example"
ABORTS, TAILS = "slipstream-give-up-abandoned-uploads", "slipstream-clear-tails"
XML = {"Content-Type": "application/xml"}


def _lifecycle(profile: str) -> dict[str, Any]:
    return {rule["ID"]: rule for rule in rules(PAGE, PROFILES[profile], {})["Lifecycle"]["Rules"]}


def test_tails_are_cleared_after_a_day_with_their_versions_and_uploads():
    tails = _lifecycle("aws")[TAILS]

    assert tails["Filter"] == {"Prefix": "_tail/"}
    assert tails["Expiration"] == {"Days": 1}
    assert tails["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}
    assert tails["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}


@pytest.mark.parametrize(
    ("profile", "ids"),
    [
        ("aws", {ABORTS, TAILS}),
        ("ceph", {ABORTS, TAILS}),
        ("minio", {TAILS}),
        ("wasabi", {ABORTS}),
        ("generic", {ABORTS}),
    ],
)
def test_only_stores_that_fold_have_tails_to_clear(profile: str, ids: set[str]):
    assert set(_lifecycle(profile)) == ids


def test_rule_that_minio_would_refuse_is_left_out():
    assert "AbortIncompleteMultipartUpload" not in _lifecycle("minio")[TAILS]


def test_headers_of_encryption_pass_the_cors_rule():
    header = "x-amz-server-side-encryption"
    [rule] = rules(PAGE, PROFILES["aws"], {header: "aws:kms"})["CORS"]["CORSRules"]

    assert rule["AllowedHeaders"] == ["content-type", "content-md5", header]


class _Bucket:
    """Have a lifecycle of its own, and note what is set."""

    def __init__(self, *ids: str) -> None:
        self._ids = ids
        self.set: dict[str, bytes] = {}

    def __call__(self, request: StoreRequest) -> StoreReply:
        [what] = request.query
        if request.method == "PUT":
            self.set[what] = request.body
            return StoreReply(200)
        if not self._ids:
            return error(404, "NoSuchLifecycleConfiguration")
        kept = "".join(f"<Rule><ID>{id_}</ID><Status>Enabled</Status><Prefix>x</Prefix></Rule>" for id_ in self._ids)
        return StoreReply(200, f"<LifecycleConfiguration>{kept}</LifecycleConfiguration>".encode(), XML)


def _apply(profile: str, bucket: _Bucket) -> str:
    said = StringIO()
    with stub_store(bucket, PROFILES[profile]) as storage:
        apply_rules(storage, rules(PAGE, PROFILES[profile], {}), Console(file=said, width=300))
    return said.getvalue()


@pytest.mark.parametrize(("there", "after"), [((), []), (("theirs",), ["theirs"]), (("theirs", TAILS), ["theirs"])])
def test_rules_of_others_are_kept_and_ours_are_replaced(there: tuple[str, ...], after: list[str]):
    bucket = _Bucket(*there)
    _apply("ceph", bucket)

    ids = [element.text for element in ET.fromstring(bucket.set["lifecycle"]).iter() if element.tag.endswith("ID")]
    assert ids == [*after, ABORTS, TAILS]
    assert set(bucket.set) == {"cors", "lifecycle"}


def test_google_is_not_sent_what_it_does_not_take_and_the_operator_is_told_how():
    bucket = _Bucket()
    said = _apply("gcs", bucket)

    assert bucket.set == {}
    assert "--cors-file" in said
    assert "--lifecycle-file" in said


def test_minio_gets_the_lifecycle_alone():
    bucket = _Bucket()

    assert "MINIO_API_CORS_ALLOW_ORIGIN" in _apply("minio", bucket)
    assert set(bucket.set) == {"lifecycle"}
