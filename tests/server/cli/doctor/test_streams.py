"""What the doctor finds about the gateway that takes streams."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from pydantic import AnyHttpUrl, SecretStr

from server.cli.doctor.streams import check_streams
from server.settings import Settings
from server.store.embedded import BUCKET, EmbeddedStore, free_port
from tests.support.doctor import found_by
from tests.support.stream_gateway import RunningGateway, running_gateway

PAGE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def store_of_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path_factory.mktemp("store"), page_origin=PAGE) as running:
        yield running


@pytest.fixture
def environment(store_of_ours: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # keeps the keys that it has found once
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store_of_ours.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store_of_ours.key_secret)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return monkeypatch


def bucket_with(store: EmbeddedStore, url: str, secret: str) -> Settings:
    return Settings(
        url=AnyHttpUrl(PAGE),
        s3_endpoint=AnyHttpUrl(store.url),
        s3_bucket=BUCKET,
        s3_profile="generic",
        s3_signs_md5=False,
        stream_url=AnyHttpUrl(url),
        stream_secret=SecretStr(secret),
    )


def examine(store: EmbeddedStore, gateway: RunningGateway, environment: pytest.MonkeyPatch, secret: str = "") -> str:
    environment.setenv("SSL_CERT_FILE", str(gateway.certificates))
    return found_by(check_streams, bucket_with(store, gateway.url, secret or gateway.secret))


def test_gateway_that_takes_a_whole_stream_passes(
    store_of_ours: EmbeddedStore, environment: pytest.MonkeyPatch, tmp_path: Path
):
    with running_gateway(tmp_path, store_of_ours.url, PAGE) as gateway:
        assert examine(store_of_ours, gateway, environment) == ""

    assert [path for path in (store_of_ours.data / BUCKET).rglob("*") if path.is_file()] == []


def test_gateway_without_http_2_is_named(store_of_ours: EmbeddedStore, environment: pytest.MonkeyPatch, tmp_path: Path):
    with running_gateway(tmp_path, store_of_ours.url, PAGE, protocols="ssl") as gateway:
        assert "does not speak HTTP/2" in examine(store_of_ours, gateway, environment)


def test_another_secret_than_the_gateways_is_named(
    store_of_ours: EmbeddedStore, environment: pytest.MonkeyPatch, tmp_path: Path
):
    with running_gateway(tmp_path, store_of_ours.url, PAGE) as gateway:
        said = examine(store_of_ours, gateway, environment, secret="another secret, which is long enough")
        assert "the same SLIPSTREAM_STREAM_SECRET" in said


def test_gateway_that_answers_another_page_is_named(
    store_of_ours: EmbeddedStore, environment: pytest.MonkeyPatch, tmp_path: Path
):
    with running_gateway(tmp_path, store_of_ours.url, "https://other.example") as gateway:
        assert f"The gateway does not let {PAGE} in" in examine(store_of_ours, gateway, environment)


def test_gateway_that_takes_only_small_streams_is_named(
    store_of_ours: EmbeddedStore, environment: pytest.MonkeyPatch, tmp_path: Path
):
    with running_gateway(tmp_path, store_of_ours.url, PAGE, changes={"16m": "1m"}) as gateway:
        assert "client_max_body_size" in examine(store_of_ours, gateway, environment)


def test_gateway_that_reads_everything_is_named(
    store_of_ours: EmbeddedStore, environment: pytest.MonkeyPatch, tmp_path: Path
):
    with running_gateway(tmp_path, store_of_ours.url, PAGE, changes={"$secure_link != 1": "$secure_link = 2"}) as open_:
        assert "reads what the signer has not signed" in examine(store_of_ours, open_, environment)


def test_certificate_that_no_browser_trusts_is_named(
    store_of_ours: EmbeddedStore, environment: pytest.MonkeyPatch, tmp_path: Path
):
    environment.delenv("SSL_CERT_FILE", raising=False)
    with running_gateway(tmp_path, store_of_ours.url, PAGE) as gateway:
        assert "no TLS that a browser would accept" in found_by(
            check_streams, bucket_with(store_of_ours, gateway.url, gateway.secret)
        )


def test_gateway_that_is_not_there_is_named(store_of_ours: EmbeddedStore):
    settings = bucket_with(store_of_ours, f"https://127.0.0.1:{free_port()}", "another secret, which is long enough")

    assert "cannot be reached" in found_by(check_streams, settings)
