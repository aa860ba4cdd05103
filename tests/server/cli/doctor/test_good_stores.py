"""The doctor raises no false alarm: stores that are set up as the README says pass without a word.

SeaweedFS is in test_planted.py, Ceph in test_ceph.py.
"""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from pydantic import AnyHttpUrl, SecretStr

from server.settings import Settings
from server.store.embedded import BUCKET, EmbeddedStore
from tests.support.doctor import doctor
from tests.support.signer_client import SECRET
from tests.support.stream_gateway import running_gateway

PAGE = "http://127.0.0.1:8000"


@pytest.fixture
def store_of_ours(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path / "store", page_origin=PAGE) as running:
        yield running


def _files(folder: Path) -> list[Path]:
    return [path for path in (folder / BUCKET).rglob("*") if path.is_file()]


def test_the_store_that_serve_starts_passes_and_is_left_empty(tmp_path: Path):
    told = doctor(Settings(data=tmp_path, secret=SECRET))

    assert told.has_passed, told.text
    assert (told.faults, told.notes, _files(tmp_path)) == ([], [], [])


def test_the_same_store_behind_nginx_passes_and_is_left_empty(
    store_of_ours: EmbeddedStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # keeps the keys that it has found once
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store_of_ours.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store_of_ours.key_secret)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_gateway(tmp_path / "gateway", store_of_ours.url, PAGE) as gateway:
        monkeypatch.setenv("SSL_CERT_FILE", str(gateway.certificates))
        told = doctor(
            Settings(
                secret=SecretStr(SECRET),
                url=AnyHttpUrl(PAGE),
                s3_endpoint=AnyHttpUrl(store_of_ours.url),
                s3_bucket=BUCKET,
                s3_profile="embedded",
                stream_url=AnyHttpUrl(gateway.url),
                stream_secret=SecretStr(gateway.secret),
            )
        )

    assert told.has_passed, told.text
    assert "✓ stream gateway" in told.text
    assert (told.faults, told.notes, _files(store_of_ours.data)) == ([], [], [])
