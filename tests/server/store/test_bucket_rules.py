"""The rules that a bucket gets, by what its store takes."""

from typing import Any

import pytest

from server.store.bucket_rules import prefix_of, rules, with_cors_rule
from server.store.profiles import PROFILES

PAGE = "https://jobs.example"
ABORTS, TAILS = "slipstream-give-up-abandoned-uploads", "slipstream-clear-tails"


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


def test_an_interview_may_be_kept_for_some_days_only():
    kept = rules(PAGE, PROFILES["aws"], {}, {"demo": 30, "other": 0})["Lifecycle"]["Rules"]
    [retention] = [rule for rule in kept if rule["ID"].startswith("slipstream-retain-")]

    assert (retention["ID"], retention["Filter"]) == ("slipstream-retain-demo", {"Prefix": "demo/"})
    assert retention["Expiration"] == {"Days": 30}
    assert retention["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}


def test_our_cors_rule_comes_first_and_replaces_only_its_earlier_version():
    [ours] = rules(PAGE, PROFILES["aws"], {})["CORS"]["CORSRules"]
    theirs = {"AllowedOrigins": ["*"], "AllowedMethods": ["PUT"]}
    earlier = {**ours, "ExposeHeaders": []}

    assert with_cors_rule([theirs, earlier], ours) == [ours, theirs]


@pytest.mark.parametrize(
    ("rule", "prefix"),
    [
        ({"Prefix": "logs/"}, "logs/"),  # as Ceph returns it
        ({"Filter": {"Prefix": "logs/"}}, "logs/"),
        ({"Filter": {}}, ""),
        ({"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, None),
        ({"Filter": {"And": {"Prefix": "", "ObjectSizeGreaterThan": 9}}}, None),
    ],
)
def test_the_prefix_of_a_rule_is_read_in_every_form(rule: dict[str, Any], prefix: str | None):
    assert prefix_of(rule) == prefix
