"""What `serve` and `ticket` refuse because of the store, before a candidate meets it."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl
from rich.console import Console

from server.cli.doctor.quick import check_store
from server.settings import Settings, SettingsError
from server.store.embedded import free_port
from server.store.storage import Storage
from tests.support.commands import Run
from tests.support.scripted_s3 import ScriptedS3
from tests.support.stub_store import StoreReply, StoreRequest, error, stub_store

BUCKET = {"SLIPSTREAM_S3_BUCKET": "answers", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"}
PAGE = "http://127.0.0.1:8000"
KMS = (
    b"<R><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
    b"</ApplyServerSideEncryptionByDefault></Rule></R>"
)
ONE_MIB = json.dumps({"part_bytes": 1024 * 1024})


@pytest.fixture
def serve(run: Run, tmp_path: Path) -> Run:
    return lambda **env: run("--port", "0", "--data", str(tmp_path), **BUCKET, **env)


def _elsewhere(request: StoreRequest) -> StoreReply:
    if request.method == "HEAD":
        return StoreReply(400)
    return StoreReply(
        400, b"<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-3</Region></Error>", {"Server": "x"}
    )


def test_row_28_bucket_in_another_region_stops_the_start(serve: Run):
    with stub_store(_elsewhere) as stub:
        result = serve(SLIPSTREAM_S3_ENDPOINT=str(stub.access.endpoint))

    assert (result.code, result.out) == (1, "")
    assert "The bucket is in region eu-west-3: set SLIPSTREAM_S3_REGION=eu-west-3." in result.err


def test_row_28_missing_permission_stops_the_start(serve: Run):
    with stub_store(lambda _: error(403, "AccessDenied")) as stub:
        result = serve(SLIPSTREAM_S3_ENDPOINT=str(stub.access.endpoint))

    assert (result.code, result.out) == (1, "")
    assert "AccessDenied" in result.err


def test_policy_that_the_store_cannot_hold_stops_the_start(serve: Run):
    result = serve(SLIPSTREAM_S3_PROFILE="aws", SLIPSTREAM_POLICY=ONE_MIB)

    assert (result.code, result.out) == (1, "")
    assert "SLIPSTREAM_POLICY: `part_bytes` is 1048576, but AWS S3 takes no part below 5242880" in result.err


def test_encryption_that_the_store_does_not_take_stops_the_start(serve: Run):
    result = serve(SLIPSTREAM_S3_PROFILE="r2", SLIPSTREAM_S3_ENCRYPTION="aws:kms")

    assert result.code == 1
    assert "SLIPSTREAM_S3_ENCRYPTION=aws:kms is not for Cloudflare R2. It takes none" in result.err


def test_key_without_kms_is_named(serve: Run):
    result = serve(SLIPSTREAM_S3_KMS_KEY="arn:of-mine", SLIPSTREAM_S3_ENCRYPTION="AES256")

    assert result.code == 2
    assert "SLIPSTREAM_S3_KMS_KEY needs SLIPSTREAM_S3_ENCRYPTION=aws:kms" in result.err
    assert "arn:of-mine" not in result.err


@pytest.mark.parametrize(("profile", "code"), [("minio", 1), ("embedded", 0)])
def test_ticket_whose_policy_the_store_cannot_hold_is_not_minted(run: Run, profile: str, code: int):
    env = {
        **BUCKET,
        "SLIPSTREAM_SECRET": "for tests alone, and long enough for HS256",
        "SLIPSTREAM_S3_PROFILE": profile,
    }
    result = run("ticket", "demo", "--policy", ONE_MIB, **env)

    assert result.code == code
    assert ("#ticket=" in result.out) is (code == 0)
    assert ("--policy: `part_bytes` is 1048576, but MinIO" in result.err) is (code == 1)


def _store(**refused: StoreReply) -> ScriptedS3:
    """Return a store that answers as S3 does, but for calls with these names in their query."""

    class Store(ScriptedS3):
        def _reply(self, request: StoreRequest) -> StoreReply:
            found = [reply for name, reply in refused.items() if name in request.query or name == request.method]
            return found[0] if found else super()._reply(request)

    return Store()


@pytest.mark.parametrize(
    ("refused", "url", "says"),
    [
        (
            {"OPTIONS": StoreReply(403)},
            PAGE,
            f"Let PUT from {PAGE} through: `python serve.py bucket --apply --url {PAGE}`",
        ),
        ({"uploads": error(403, "AccessDenied")}, PAGE, "s3:ListBucketMultipartUploads on arn:aws:s3:::answers"),
        ({"encryption": StoreReply(200, KMS)}, PAGE, "set SLIPSTREAM_S3_MD5_ETAGS=false"),
        ({}, "https://jobs.example", "mixed content"),
    ],
)
def test_what_the_doctor_finds_at_once_stops_the_start_in_its_words(
    serve: Run, refused: dict[str, StoreReply], url: str, says: str
):
    with stub_store(_store(**refused)) as stub:
        result = serve(SLIPSTREAM_S3_ENDPOINT=str(stub.access.endpoint), SLIPSTREAM_URL=url)

    assert (result.code, result.out) == (1, "")
    assert says in result.err


def test_cors_rule_is_a_note_where_nobody_has_said_where_the_page_is():
    said = StringIO()
    with stub_store(_store(OPTIONS=StoreReply(403))) as storage:
        check_store(Settings(s3_bucket="answers"), storage, PAGE, Console(file=said, width=300))

    assert "No CORS rule lets the page in" in said.getvalue()
    assert "name the address: --url" in said.getvalue()


def test_cors_rule_counts_for_a_page_that_another_server_has():
    settings = Settings(s3_bucket="answers", page_origins=(PAGE,))
    with stub_store(_store(OPTIONS=StoreReply(403))) as storage, pytest.raises(SettingsError, match="No CORS rule"):
        check_store(settings, storage, settings.page_origin(), Console(file=StringIO()))


def test_the_start_writes_nothing():
    store = _store()
    with stub_store(store) as storage:
        check_store(Settings(s3_bucket="answers", url=AnyHttpUrl(PAGE)), storage, PAGE, Console(file=StringIO()))

    assert {request.method for request in store.requests} == {"HEAD", "GET", "OPTIONS"}
    assert len(store.requests) <= 6


def test_store_that_is_away_does_not_stop_the_start():
    """It may come back; candidates' pages keep what they record until then."""
    said = StringIO()
    with stub_store(lambda _: StoreReply(200)) as stub:
        away = Storage(replace(stub.access, endpoint=f"http://127.0.0.1:{free_port()}"))
    check_store(Settings(), away, "http://127.0.0.1:8000", Console(file=said, width=200))

    assert "cannot be reached at the moment" in said.getvalue()


def test_least_policy_is_printed_for_the_bucket_that_is_set(run: Run):
    assert "Set SLIPSTREAM_S3_BUCKET first" in run("bucket", "--policy").err

    result = run("bucket", "--policy", SLIPSTREAM_S3_PROFILE="aws", **BUCKET)

    statements = json.loads(result.out)["Statement"]
    assert [one["Sid"] for one in statements] == ["SlipstreamBucket", "SlipstreamObjects", "SlipstreamTails"]
