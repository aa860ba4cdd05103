"""Which profile a store gets, and what the operator may correct in it."""

from typing import Any

import pytest
from pydantic import AnyHttpUrl

from app.contract import MIB
from server.settings import ProfileName, Settings, SettingsError
from server.store.access import own_bucket
from server.store.profiles import GENERIC, PROFILES, of_host, of_reply
from tests.support.stub_store import StoreReply, stub_store

AWS_KEYS = {"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in AWS_KEYS.items():
        monkeypatch.setenv(name, value)


def _settings(endpoint: str | None = "https://store.example", **more: Any) -> Settings:
    return Settings(s3_endpoint=AnyHttpUrl(endpoint) if endpoint else None, s3_bucket="answers", **more)


def test_every_name_that_the_settings_take_is_a_profile():
    assert set(PROFILES) == set(ProfileName.__args__)  # type: ignore[attr-defined]  # a Literal has them


@pytest.mark.parametrize(
    ("host", "name"),
    [
        (None, "aws"),
        ("s3.eu-central-1.amazonaws.com", "aws"),
        ("s3.cn-north-1.amazonaws.com.cn", "aws"),
        ("0123abc.r2.cloudflarestorage.com", "r2"),
        ("0123abc.eu.r2.cloudflarestorage.com", "r2"),
        ("s3.us-west-004.backblazeb2.com", "b2"),
        ("storage.googleapis.com", "gcs"),
        ("fra1.digitaloceanspaces.com", "digitalocean"),
        ("s3.eu-central-2.wasabisys.com", "wasabi"),
    ],
)
def test_vendor_is_recognised_by_its_host_name(host: str | None, name: str):
    found = of_host(host)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("host", ["notamazonaws.com", "amazonaws.com.example.org", "storage.example", "127.0.0.1"])
def test_other_host_name_tells_nothing(host: str):
    assert of_host(host) is None


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ({"server": "MinIO"}, "minio"),
        ({"server": "SeaweedFS 8000GB 4.48"}, "seaweedfs"),
        ({"server": "Ceph Object Gateway (squid)"}, "ceph"),
        ({"x-rgw-object-count": "0"}, "ceph"),  # RGW 16.2 names no server
    ],
)
def test_own_store_is_recognised_by_its_reply(headers: dict[str, str], name: str):
    with stub_store(lambda _: StoreReply(200, headers=headers)) as stub:
        settings = _settings(stub.access.endpoint)
        assert own_bucket(settings).access.profile.name == name


@pytest.mark.parametrize("headers", [{}, {"server": "AmazonS3"}, {"server": "nginx"}])  # the second is rclone's, too
def test_reply_that_tells_nothing_leaves_the_store_generic(headers: dict[str, str]):
    assert of_reply(headers) is None


def test_store_that_is_away_is_generic():
    with stub_store(lambda _: StoreReply(503)) as stub:
        assert own_bucket(_settings(stub.access.endpoint)).access.profile.name == "generic"


def test_named_profile_wins_over_host_and_reply():
    with stub_store(lambda _: StoreReply(200, headers={"server": "MinIO"})) as stub:
        assert own_bucket(_settings(stub.access.endpoint, s3_profile="ceph")).access.profile.name == "ceph"
    assert own_bucket(_settings("https://storage.googleapis.com", s3_profile="generic")).access.profile == GENERIC


def test_settings_correct_the_profile():
    settings = _settings(
        s3_profile="ceph",
        s3_addressing="virtual",
        s3_md5_etags=False,
        s3_min_part_bytes=256 * 1024,
    )
    access = own_bucket(settings).access

    assert access.profile.addressing == "virtual"
    assert (access.has_md5_etags, access.is_md5_signed) == (False, True)


@pytest.mark.parametrize(
    ("profile", "addressing"), [("aws", "virtual"), ("minio", "path"), ("gcs", "path"), ("embedded", "path")]
)
def test_bucket_is_named_as_the_profile_says_unless_an_endpoint_is_set(profile: ProfileName, addressing: str):
    assert own_bucket(_settings(None, s3_profile=profile)).access.profile.addressing == addressing
    assert own_bucket(_settings(s3_profile=profile)).access.profile.addressing == "path"


def test_store_without_any_proof_is_refused():
    with pytest.raises(SettingsError, match="Nothing would prove"):
        own_bucket(_settings(s3_profile="minio", s3_md5_etags=False, s3_signs_md5=False))


def test_folding_needs_a_minimum_and_part_copies():
    """DESIGN's rule for the default layout; Wasabi bills 90 days for every tail."""
    folding = {name for name, profile in PROFILES.items() if profile.folds}

    assert folding == {"aws", "r2", "b2", "minio", "ceph", "digitalocean", "seaweedfs"}
    for name in folding:
        assert PROFILES[name].copies_parts
        assert PROFILES[name].min_part_bytes == 5 * MIB
