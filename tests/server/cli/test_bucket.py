"""`bucket`: what it says of a bucket's rules, what it sets, and what it leaves as it is."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

from server.store.bucket_rules import rules
from server.store.profiles import PROFILES
from tests.support.commands import Result, Run
from tests.support.seaweed import KEY_ID, KEY_SECRET, Seaweed, running_seaweed
from tests.support.stack import s3_client
from tests.support.stub_store import StoreReply, StoreRequest, error, stub_store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PAGE = "https://jobs.example"
THEIRS: Any = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "logs/"}, "Expiration": {"Days": 90}}
OPEN_TO_ALL: Any = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "PUT"]}
Command = Callable[..., Result]


@pytest.fixture(scope="module")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with running_seaweed(tmp_path_factory.mktemp("seaweed"), [PAGE]) as store:
        yield store


@pytest.fixture
def s3(seaweed: Seaweed) -> Iterator["S3Client"]:
    with closing(s3_client(seaweed.url, KEY_ID, KEY_SECRET)) as client:
        client.delete_bucket_cors(Bucket=seaweed.bucket)
        client.delete_bucket_lifecycle(Bucket=seaweed.bucket)
        yield client


@pytest.fixture
def bucket(run: Run, seaweed: Seaweed) -> Command:
    return lambda *arguments: run("bucket", "--url", PAGE, *arguments, **seaweed.settings())


def _cors(s3: "S3Client", seaweed: Seaweed) -> list[Any]:
    return list(s3.get_bucket_cors(Bucket=seaweed.bucket)["CORSRules"])


def _lifecycle(s3: "S3Client", seaweed: Seaweed) -> dict[str, Any]:
    found = s3.get_bucket_lifecycle_configuration(Bucket=seaweed.bucket)["Rules"]
    return {rule["ID"]: rule for rule in found}


def test_what_a_bucket_lacks_is_shown_and_nothing_is_set(bucket: Command, s3: "S3Client", seaweed: Seaweed):
    s3.put_bucket_lifecycle_configuration(Bucket=seaweed.bucket, LifecycleConfiguration={"Rules": [THEIRS]})

    told = bucket()

    assert told.code == 0
    assert json.loads(told.out)["CORS"]["CORSRules"][0]["AllowedOrigins"] == [PAGE]
    assert '+      "https://jobs.example"' in told.err
    assert '+    "ID": "slipstream-clear-tails"' in told.err
    assert '     "ID": "theirs"' in told.err, "what stays is shown without a mark"
    assert "Set them with --apply." in told.err
    assert set(_lifecycle(s3, seaweed)) == {"theirs"}


def test_rules_of_others_stay_and_ours_are_added(bucket: Command, s3: "S3Client", seaweed: Seaweed):
    s3.put_bucket_lifecycle_configuration(Bucket=seaweed.bucket, LifecycleConfiguration={"Rules": [THEIRS]})
    s3.put_bucket_cors(Bucket=seaweed.bucket, CORSConfiguration={"CORSRules": [OPEN_TO_ALL]})

    told = bucket("--apply")

    assert told.code == 0, told.err
    assert [rule["AllowedOrigins"] for rule in _cors(s3, seaweed)] == [[PAGE], ["*"]], "the first one that fits counts"
    ids = {"theirs", "slipstream-give-up-abandoned-uploads", "slipstream-clear-tails"}
    assert set(_lifecycle(s3, seaweed)) == ids
    assert _lifecycle(s3, seaweed)["theirs"]["Expiration"] == {"Days": 90}


def test_a_second_time_there_is_nothing_to_do(bucket: Command, s3: "S3Client"):
    bucket("--apply")

    told = bucket("--apply")

    assert told.err.count("the bucket has all that is wanted") == 2
    assert " set. " not in told.err


def test_an_interview_is_kept_for_the_days_that_are_named_and_shown_before_it_is_set(
    bucket: Command, s3: "S3Client", seaweed: Seaweed
):
    told = bucket("--apply", "--retain", "demo=180")

    assert told.err.index('+    "ID": "slipstream-retain-demo"') < told.err.index("Lifecycle rules set.")
    kept = _lifecycle(s3, seaweed)["slipstream-retain-demo"]
    assert (kept["Filter"], kept["Expiration"]) == ({"Prefix": "demo/"}, {"Days": 180})


def test_a_retention_stays_until_it_is_taken_back(bucket: Command, s3: "S3Client", seaweed: Seaweed):
    bucket("--apply", "--retain", "demo=180")
    bucket("--apply")
    assert "slipstream-retain-demo" in _lifecycle(s3, seaweed)

    bucket("--apply", "--retain", "demo=0")

    assert "slipstream-retain-demo" not in _lifecycle(s3, seaweed)


def test_an_interview_that_is_not_here_is_said(bucket: Command):
    assert "There is no interview 'dmeo' here. There are: demo" in bucket("--retain", "dmeo=180").err


@pytest.mark.parametrize("wrong", ["demo", "demo=", "demo=-1", "../x=1", "demo=1.5", "=3"])
def test_a_retention_that_is_none_is_refused(bucket: Command, wrong: str):
    told = bucket("--retain", wrong)

    assert told.code == 1
    assert "is not INTERVIEW=DAYS" in told.err


class _Bucket:
    """Have no rules, refuse some calls (by the name in the query), and note what is set."""

    def __init__(self, **refused: tuple[int, str]) -> None:
        self._refused = refused
        self.set: dict[str, bytes] = {}

    def __call__(self, request: StoreRequest) -> StoreReply:
        [what] = request.query or [""]
        if (refusal := self._refused.get(f"{request.method.lower()}_{what}")) is not None:
            return error(*refusal)
        if request.method == "PUT":
            self.set[what] = request.body
            return StoreReply(200)
        missing = {"cors": "NoSuchCORSConfiguration", "lifecycle": "NoSuchLifecycleConfiguration"}
        return error(404, missing[what]) if what in missing else StoreReply(200)

    def ids(self) -> list[str | None]:
        found = ET.fromstring(self.set["lifecycle"]).iter()
        return [element.text for element in found if element.tag.endswith("ID")]


def _apply(run: Run, store: _Bucket, profile: str) -> Result:
    with stub_store(store, PROFILES[profile]) as stub:
        return run(
            *("bucket", "--apply", "--url", PAGE),
            SLIPSTREAM_S3_ENDPOINT=str(stub.access.endpoint),
            SLIPSTREAM_S3_BUCKET="answers",
            SLIPSTREAM_S3_PROFILE=profile,
            AWS_ACCESS_KEY_ID="k",
            AWS_SECRET_ACCESS_KEY="s",
            NO_PROXY="127.0.0.1",
        )


@pytest.mark.parametrize(
    "refused",
    [
        {"get_cors": (501, "NotImplemented")},
        {"put_cors": (501, "NotImplemented")},
        {"get_cors": (405, "MethodNotAllowed")},
    ],
)
def test_a_call_that_the_store_does_not_offer_keeps_no_other_from_being_made(
    run: Run, refused: dict[str, tuple[int, str]]
):
    store = _Bucket(**refused)

    told = _apply(run, store, "generic")

    assert told.code == 0, told.err
    assert "CORS rules not set: the store does not offer this call" in told.err.replace("The", "the")
    assert store.ids() == ["slipstream-give-up-abandoned-uploads"]


@pytest.mark.parametrize(("call", "action"), [("put_cors", "s3:PutBucketCORS"), ("get_cors", "s3:GetBucketCORS")])
def test_a_permission_that_is_missing_is_named_and_the_rest_is_set(run: Run, call: str, action: str):
    store = _Bucket(**{call: (403, "AccessDenied")})

    told = _apply(run, store, "aws")

    assert told.code == 1
    assert f"Allow the key {action}" in told.err
    assert set(store.set) == {"lifecycle"}, "rules that cannot be read are not replaced"


def test_rules_that_the_store_refuses_are_said_without_a_permission_that_would_not_help(run: Run):
    told = _apply(run, _Bucket(put_lifecycle=(400, "MalformedXML")), "aws")

    assert told.code == 1
    assert "Lifecycle rules not set. The object store refused the signer (MalformedXML)" in told.err
    assert "CORS rules set." in told.err


def test_minio_gets_the_lifecycle_alone(run: Run):
    store = _Bucket()

    assert "MINIO_API_CORS_ALLOW_ORIGIN" in _apply(run, store, "minio").err
    assert store.ids() == ["slipstream-clear-tails"]


def test_google_is_not_sent_what_it_does_not_take_and_the_operator_is_told_how(run: Run):
    store = _Bucket()
    told = _apply(run, store, "gcs")

    assert store.set == {}
    assert "--cors-file" in told.err
    assert "--lifecycle-file" in told.err


def test_a_store_that_is_away_is_told_in_a_sentence(run: Run, seaweed: Seaweed, tmp_path: Path):
    told = run("bucket", "--url", PAGE, **{**seaweed.settings(), "SLIPSTREAM_S3_ENDPOINT": "http://127.0.0.1:9"})

    assert told.code == 1
    assert json.loads(told.out)["CORS"] == rules(PAGE, PROFILES["seaweedfs"], {})["CORS"]
    assert "cannot be reached at the moment" in told.err
