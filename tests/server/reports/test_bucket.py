"""The report finds a bucket where the signer finds it."""

from datetime import timedelta
from typing import Any

import obstore
import pytest
from obstore.store import S3Store

from server.reports.bucket import s3_bucket
from server.settings import Settings
from server.store.access import own_bucket


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"s3_bucket": "jobs", "s3_region": "eu-central-1"}, "https://jobs.s3.eu-central-1.amazonaws.com/a/b"),
        ({"s3_bucket": "my.jobs", "s3_region": "eu-central-1"}, "https://s3.eu-central-1.amazonaws.com/my.jobs/a/b"),
        (
            {"s3_bucket": "jobs", "s3_endpoint": "https://s.example.org:8443", "s3_profile": "ceph"},
            "https://s.example.org:8443/jobs/a/b",
        ),
        (
            {
                "s3_bucket": "jobs",
                "s3_endpoint": "https://s.example.org",
                "s3_profile": "ceph",
                "s3_addressing": "virtual",
            },
            "https://jobs.s.example.org/a/b",
        ),
    ],
)
def test_the_address_of_an_object(settings: dict[str, Any], url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)

    bucket = s3_bucket(own_bucket(Settings(**settings)))

    assert isinstance(bucket._objects, S3Store)
    signed = obstore.sign(bucket._objects, "GET", "a/b", timedelta(minutes=1))
    assert signed.partition("?")[0] == url
    assert f"%2F{settings.get('s3_region', 'us-east-1')}%2Fs3%2F" in signed
