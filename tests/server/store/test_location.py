"""Where the bucket is, and how long the keys are good: the operator is told what to set."""

import math
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

from server.errors import StoreMisconfigured
from server.store.credentials import life_s
from server.store.error_mapping import store_errors
from server.store.profiles import PROFILES
from tests.support.stub_store import StoreReply, StoreRequest, error, stub_store

EXPIRED = r"temporary credentials .* have expired"


def _refusing(status: int, code: str, more: str = "", headers: dict[str, str] | None = None):
    """Refuse everything as S3 does: the reply to HEAD has a status alone."""

    def answer(request: StoreRequest) -> StoreReply:
        body = b"" if request.method == "HEAD" else f"<Error><Code>{code}</Code>{more}</Error>".encode()
        return StoreReply(status, body, {"Content-Type": "application/xml", **(headers or {})})

    return answer


@pytest.mark.parametrize(
    ("status", "code", "more", "headers"),
    [
        (400, "AuthorizationHeaderMalformed", "<Region>eu-north-1</Region>", {}),
        (301, "PermanentRedirect", "", {"x-amz-bucket-region": "eu-north-1"}),
        (400, "IllegalLocationConstraintException", "", {"x-amz-bucket-region": "eu-north-1"}),
    ],
)
def test_row_28_bucket_in_another_region_is_named_with_its_cure(
    status: int, code: str, more: str, headers: dict[str, str]
):
    with (
        stub_store(_refusing(status, code, more, headers)) as storage,
        pytest.raises(StoreMisconfigured, match="in region eu-north-1: set SLIPSTREAM_S3_REGION=eu-north-1"),
    ):
        storage.check()


def test_row_28_other_region_is_found_even_if_the_endpoint_answers():
    with (
        stub_store(lambda _: StoreReply(200, headers={"x-amz-bucket-region": "eu-north-1"}), PROFILES["aws"]) as aws,
        pytest.raises(StoreMisconfigured, match="SLIPSTREAM_S3_REGION=eu-north-1"),
    ):
        aws.check()


def test_row_28_redirect_to_nowhere_is_named():
    with (
        stub_store(_refusing(301, "PermanentRedirect")) as storage,
        pytest.raises(StoreMisconfigured, match=r"elsewhere .* check SLIPSTREAM_S3_ENDPOINT"),
    ):
        storage.check()


def test_what_a_store_names_as_its_region_is_quoted_only_if_it_is_one():
    with (
        stub_store(_refusing(400, "AuthorizationHeaderMalformed", "<Region>$(reboot)</Region>")) as storage,
        pytest.raises(StoreMisconfigured) as raised,
    ):
        storage.check()
    assert "reboot" not in str(raised.value)


def test_keys_that_the_store_calls_expired_are_named():
    with (
        stub_store(_refusing(400, "ExpiredToken")) as storage,
        pytest.raises(StoreMisconfigured, match=EXPIRED),
    ):
        storage.check()


def test_missing_permission_is_named_by_its_code():
    with stub_store(_refusing(403, "AccessDenied")) as storage, pytest.raises(StoreMisconfigured, match="AccessDenied"):
        storage.check()


def _temporary(life: timedelta, *renewed: timedelta) -> RefreshableCredentials:
    """Return keys that are good for `life` and can be renewed for the lives of `renewed`; then never again."""
    lives = iter(renewed)

    def refresh() -> dict[str, str]:
        if (lasting := next(lives, None)) is None:
            raise CredentialRetrievalError(provider="test", error_msg="away")
        ends = datetime.now(UTC) + lasting
        return {"access_key": "new", "secret_key": "s", "token": "t", "expiry_time": ends.isoformat()}

    return RefreshableCredentials("old", "s", "t", datetime.now(UTC) + life, refresh, "test")


def test_keys_that_last_have_no_end():
    assert life_s(None, store_errors()) == math.inf
    assert life_s(boto3.Session("k", "s").get_credentials(), store_errors()) == math.inf


def test_keys_that_end_say_when():
    assert 3590 < life_s(_temporary(timedelta(hours=1)), store_errors()) <= 3600


def test_keys_that_are_about_to_end_are_renewed():
    assert life_s(_temporary(timedelta(minutes=5), timedelta(hours=6)), store_errors()) > 6 * 3600 - 10


def test_keys_that_are_not_renewed_are_used_to_their_end():
    assert 0 < life_s(_temporary(timedelta(minutes=11)), store_errors()) <= 11 * 60


@pytest.mark.parametrize("renewed", [(), (timedelta(seconds=-1),)])
def test_expired_keys_are_named(renewed: tuple[timedelta, ...]):
    with pytest.raises(StoreMisconfigured, match=EXPIRED):
        life_s(_temporary(timedelta(seconds=-5), *renewed), store_errors())


def test_client_with_expired_keys_ends_in_the_same_sentence(monkeypatch: pytest.MonkeyPatch):
    session = boto3.Session()
    session._session._credentials = _temporary(timedelta(seconds=-5))  # type: ignore[attr-defined]
    with pytest.raises(StoreMisconfigured, match=EXPIRED), store_errors():
        session.client("s3", region_name="us-east-1").generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"})


def test_other_refusals_are_still_our_errors():
    with stub_store(lambda _: error(400, "InvalidRequest")) as storage, pytest.raises(StoreMisconfigured):
        storage.check()
