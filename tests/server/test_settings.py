"""Settings: which source wins, and what is kept where."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from app.contract import MIB, UploadMode
from server.flagd_address import FlagdAddress
from server.settings import Settings, SettingsError
from server.store.access import own_bucket
from tests.support.signer_client import SECRET


def test_a_flag_wins_over_the_environment_and_that_over_the_default(monkeypatch: pytest.MonkeyPatch):
    assert Settings().port == 8000
    monkeypatch.setenv("SLIPSTREAM_PORT", "9000")
    assert Settings().port == 9000
    assert Settings(port=9100).port == 9100


@pytest.mark.parametrize(
    ("set_to", "flags"),
    [
        ("flags.json", Path("flags.json")),
        ("grpc://flags.example", FlagdAddress(host="flags.example", port=8015)),
        ("grpc://[::1]:9000/", FlagdAddress(host="::1", port=9000)),
        (
            "grpcs://flags.example?selector=flagSetId=slipstream",
            FlagdAddress(host="flags.example", is_tls=True, selector="flagSetId=slipstream"),
        ),
    ],
)
def test_flags_are_in_a_file_or_at_a_flagd(monkeypatch: pytest.MonkeyPatch, set_to: str, flags: Path | FlagdAddress):
    monkeypatch.setenv("SLIPSTREAM_FLAGS", set_to)

    assert Settings().flags == flags


@pytest.mark.parametrize(
    ("set_to", "sentence"),
    [
        ("http://flags.example/flags.json", "no file and no flagd"),
        ("grpc://flags.example/flags.json", "no file and no flagd"),
        ("grpc://", "host"),
        ("grpc://flags.example:port", "Port could not be cast"),
        ("grpc://flags.example?selecter=x", "selecter"),
        ("grpcs://flags.example?certPath=/nowhere/ca.pem", "does not point to a file"),
    ],
)
def test_address_that_is_no_flagds_is_refused(monkeypatch: pytest.MonkeyPatch, set_to: str, sentence: str):
    monkeypatch.setenv("SLIPSTREAM_FLAGS", set_to)

    with pytest.raises(ValidationError, match=sentence):
        Settings()


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path):
    data = tmp_path / "new"
    (secret,) = Settings(data=data).ticket_secrets()

    assert Settings(data=data).ticket_secrets() == (secret,)
    assert len(secret) >= 43
    assert (data / ".ticket-secret").stat().st_mode & 0o777 == 0o600
    assert Settings(data=data, secret=SecretStr(SECRET)).ticket_secrets() == (SECRET,)


@pytest.mark.parametrize(
    "weak",
    ["x" * 64, "abcdefgh" * 8, "changeme" * 5, "0123456789abcdef" * 2, "secretsecretsecretsecretsecretsecret", "short"],
)
@pytest.mark.parametrize("name", ["secret", "old_secrets", "stream_secret", "operator_keys"])
def test_secret_that_can_be_guessed_is_refused(name: str, weak: str):
    more = {"stream_url": "https://stream.example"} if name == "stream_secret" else {}

    with pytest.raises(ValidationError, match=r"guessed|at least 32"):
        Settings.model_validate({name: weak, **more})


def test_old_secrets_follow_the_one_that_signs():
    old = "an older secret, which nobody can guess"
    settings = Settings(secret=SecretStr(SECRET), old_secrets=SecretStr(old.replace(" ", "-")))

    assert settings.ticket_secrets() == (SECRET, old.replace(" ", "-"))


def test_signers_that_start_together_make_one_secret(tmp_path: Path):
    for round_ in range(20):
        data = tmp_path / str(round_)
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _, data=data: Settings(data=data).ticket_secrets(), range(8)))
        assert len(set(found)) == 1
        assert [path.name for path in data.iterdir()] == [".ticket-secret"]


def test_a_damaged_secret_is_not_used(tmp_path: Path):
    (tmp_path / ".ticket-secret").touch()

    with pytest.raises(SettingsError, match="damaged"):
        Settings(data=tmp_path).ticket_secrets()


def test_policy_names_no_part_size_unless_the_operator_does():
    assert Settings().base_policy().part_bytes is None
    assert Settings(policy={"part_bytes": 8 * MIB}).base_policy().part_bytes == 8 * MIB
    assert Settings(policy={"mode": "bulk"}).base_policy().mode is UploadMode.BULK


def test_a_bucket_of_ones_own_is_signed_for_where_it_is(monkeypatch: pytest.MonkeyPatch):
    for name, value in {
        "SLIPSTREAM_S3_BUCKET": "answers",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "s",
    }.items():
        monkeypatch.setenv(name, value)
    at_aws = own_bucket(Settings())
    monkeypatch.setenv("SLIPSTREAM_S3_ENDPOINT", "https://s3.example:9000/")
    monkeypatch.setenv("SLIPSTREAM_S3_PROFILE", "minio")  # otherwise the store is asked
    elsewhere = own_bucket(Settings())
    monkeypatch.setenv("SLIPSTREAM_STORE_URL", "https://media.example")
    in_public = own_bucket(Settings())

    assert at_aws.urls.origin() == "https://answers.s3.eu-central-1.amazonaws.com"
    assert elsewhere.urls.origin() == "https://s3.example:9000"
    assert in_public.urls.origin() == "https://media.example"
    assert at_aws.access.is_md5_signed


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"stream_url": "https://stream.example"}, "both SLIPSTREAM_STREAM_URL and SLIPSTREAM_STREAM_SECRET"),
        ({"stream_secret": SECRET}, "both SLIPSTREAM_STREAM_URL and SLIPSTREAM_STREAM_SECRET"),
        ({"stream_url": "http://stream.example", "stream_secret": SECRET}, "streams need HTTP/2, and so TLS"),
        ({"stream_url": "https://stream.example/there", "stream_secret": SECRET}, "set an origin"),
        ({"stream_url": "https://stream.example", "stream_secret": "short"}, "at least 32 characters"),
    ],
)
def test_gateway_that_could_take_no_stream_is_refused(settings: dict[str, Any], sentence: str):
    with pytest.raises(ValidationError, match=sentence):
        Settings.model_validate(settings)
