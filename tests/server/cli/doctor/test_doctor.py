"""What the doctor finds between a page and its store."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import boto3
import pytest
from pydantic import AnyHttpUrl, JsonValue, SecretStr
from rich.console import Console

from app.contract import MIB
from server.cli.doctor.examination import examine
from server.cli.doctor.recordings import largest_part
from server.flagd_address import FlagdAddress
from server.settings import Settings
from server.store.embedded import BUCKET, EmbeddedStore
from server.store.profiles import EMBEDDED
from tests.support.doctor import doctor
from tests.support.faults.calls import Kind
from tests.support.faults.proxy import Proxy
from tests.support.faults.rules import Answer, Change, Rule
from tests.support.flagd import Flagd
from tests.support.scripted_s3 import ScriptedS3, Ways, opaque
from tests.support.signer_client import SECRET
from tests.support.stub_store import stub_store
from tests.support.vendors import KMS

PAGE = "http://127.0.0.1:8000"
PART_BYTES = 3 * MIB


@pytest.fixture
def store_of_ours(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path, page_origin=PAGE) as running:
        yield running


@pytest.fixture
def road(store_of_ours: EmbeddedStore) -> Iterator[Proxy]:
    """Stand between page and store, as a gateway does."""
    with Proxy(store_of_ours.port) as proxy:
        yield proxy


@pytest.fixture
def bucket(store_of_ours: EmbeddedStore, road: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # keeps the keys that it has found once
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", store_of_ours.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", store_of_ours.key_secret)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    policy: dict[str, JsonValue] = {"part_bytes": PART_BYTES}
    return Settings(
        data=tmp_path,
        url=AnyHttpUrl(PAGE),
        s3_endpoint=AnyHttpUrl(store_of_ours.url),
        s3_bucket=BUCKET,
        s3_profile="generic",
        s3_signs_md5=False,
        s3_min_part_bytes=1,
        store_url=AnyHttpUrl(road.origin),
        policy=policy,
    )


def test_the_doctor_sends_a_part_of_full_size_and_a_document_and_takes_both_back(
    bucket: Settings, road: Proxy, store_of_ours: EmbeddedStore
):
    told = doctor(bucket)

    assert [fault.partition(":")[0] for fault in told.faults] == ["✗ lifecycle rules"], told.text  # rclone has none
    assert [part.size for part in road.passed(Kind.PART) if part.is_acknowledged] == [PART_BYTES, 65_536]
    assert [document.status for document in road.passed(Kind.DOCUMENT)] == [200]
    assert [path for path in (store_of_ours.data / BUCKET).rglob("*") if path.is_file()] == []


def test_a_gateway_that_takes_no_part_of_full_size_is_named_with_its_cure(bucket: Settings, road: Proxy):
    road.add(Rule(Answer(413, has_cors=False), Kind.PART, times=None))
    told = doctor(bucket).text

    assert f"{PART_BYTES} bytes as too large (413)" in told
    assert "client_max_body_size" in told


def _proven_by_signature(bucket: Settings, road: Proxy) -> Settings:
    """Return a bucket whose ETags are no MD5, and whose CORS rule lets Content-MD5 through."""
    allowed = {"Access-Control-Allow-Headers": "content-md5, content-type"}
    road.add(Rule(Change(headers=allowed), Kind.PREFLIGHT, times=None))
    return bucket.model_copy(update={"s3_md5_etags": False, "s3_signs_md5": True})


def test_row_26_a_store_that_compares_the_signed_md5_needs_no_md5_as_etag(bucket: Settings, road: Proxy):
    assert "✓ recordings" in doctor(_proven_by_signature(bucket, road)).text
    refused = [part for part in road.passed(Kind.PART) if not part.is_acknowledged]
    assert PART_BYTES in [part.size for part in refused], "the part with a wrong MD5"


def test_row_26_a_store_that_proves_nothing_is_named(bucket: Settings, road: Proxy):
    """Its ETags are no MD5, and it takes a part whose Content-MD5 is wrong."""
    is_full = lambda call: call.size == PART_BYTES  # noqa: E731  the part of another size is refused
    road.add(Rule(Change(status=200), Kind.PART, when=is_full, times=None))

    assert "nothing would prove" in doctor(_proven_by_signature(bucket, road)).text


def test_the_doctor_says_which_store_it_has_found(bucket: Settings):
    settings = bucket.model_copy(update={"s3_min_part_bytes": None, "policy": {}})
    said = StringIO()
    examine(settings, Console(file=said, width=300))

    assert "this S3-compatible store (profile generic)" in said.getvalue()
    assert "It takes smaller parts than the profile says" in said.getvalue()


def test_the_largest_part_is_that_of_the_longest_question(tmp_path: Path):
    question = '[[questions]]\nid = "q"\nprompt = "?"\ntracks = ["video"]\nlimit_s = 14400\n'
    (tmp_path / "long.toml").write_text(f'id = "long"\ntitle = "Long"\n{question}', encoding="utf-8")

    settings = Settings(interviews=tmp_path, policy={"part_bytes": 64 * 1024})
    assert largest_part(settings, EMBEDDED) > 512 * 1024


def test_flags_that_no_session_could_use_are_named(store_of_ours: EmbeddedStore, tmp_path: Path):
    flags = tmp_path / "flags.json"
    said = StringIO()
    settings = Settings(data=tmp_path, flags=flags)
    for text in ('{"flags": {}}', '{"flags": {"pace": {"variants": {"a": {"mood": 1}}}}}'):
        flags.write_text(text, encoding="utf-8")
        examine(settings, Console(file=said, width=200))

    assert said.getvalue().count("flags in") == 2
    assert "Flag 'pace', variant 'a': mood: Extra inputs are not permitted." in said.getvalue()


def test_flags_of_a_flagd_are_read(store_of_ours: EmbeddedStore, tmp_path: Path):
    said = StringIO()
    flagd = Flagd()
    flagd.start()
    try:
        settings = Settings(data=tmp_path, flags=FlagdAddress(host="127.0.0.1", port=flagd.port))
        examine(settings, Console(file=said, width=200))
        flagd.serve_text("{")
        examine(settings, Console(file=said, width=200))
    finally:
        flagd.stop()

    assert f"✓ flags in grpc://127.0.0.1:{flagd.port}" in said.getvalue()
    assert f"✗ flags in grpc://127.0.0.1:{flagd.port}: The flags are no JSON" in said.getvalue()


@pytest.mark.parametrize("is_named", [False, True])
def test_row_28_a_bucket_that_demands_encryption_is_named_with_its_setting(
    is_named: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    store = ScriptedS3(Ways(demanded=KMS, etag=opaque))
    with stub_store(store) as stub:
        settings = Settings(
            secret=SecretStr(SECRET),
            url=AnyHttpUrl(PAGE),
            s3_endpoint=AnyHttpUrl(str(stub.access.endpoint)),
            s3_bucket="bucket",
            s3_profile="aws",
            s3_encryption="aws:kms" if is_named else None,
        )
        told = doctor(settings).text

    assert ("set SLIPSTREAM_S3_ENCRYPTION" in told) is not is_named, told
    assert ("✓ documents" in told) is is_named, told
    assert (store.objects, store.open_uploads) == ({}, [])
