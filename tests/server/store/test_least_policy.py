"""The least policy allows what a whole interview does in the bucket, and nothing that none does."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from server.settings import Settings
from server.store.least_policy import IN_BUCKET, IN_OBJECTS, OF_TAILS, least_policy
from server.store.profiles import PROFILES
from server.store.storage import Storage
from tests.support.seaweed import running_seaweed, storage_of
from tests.support.signer_client import SECRET, Candidate, signing
from tests.support.small_parts import Recording, recording

KIB = 1024
# "Actions, resources, and condition keys for Amazon S3": the action of each call.
ACTIONS = {
    "HeadBucket": {"s3:ListBucket"},
    "ListObjectsV2": {"s3:ListBucket"},
    "ListMultipartUploads": {"s3:ListBucketMultipartUploads"},
    "CreateMultipartUpload": {"s3:PutObject"},
    "UploadPart": {"s3:PutObject"},  # by the page, with a URL that the signer has signed
    "CompleteMultipartUpload": {"s3:PutObject"},
    "PutObject": {"s3:PutObject"},
    "UploadPartCopy": {"s3:PutObject", "s3:GetObject"},
    "HeadObject": {"s3:GetObject"},
    "GetObject": {"s3:GetObject"},
    "ListParts": {"s3:ListMultipartUploadParts"},
    "AbortMultipartUpload": {"s3:AbortMultipartUpload"},
    "DeleteObject": {"s3:DeleteObject"},
}
MAY_BE_DENIED = {"GetBucketEncryption"}  # asked at the start; no answer is an answer


class Calls:
    """What one client of a bucket has called, and the keys of what it has deleted."""

    def __init__(self, storage: Storage) -> None:
        self.names: set[str] = set()
        self.deleted: list[str] = []
        for client in {storage.bucket.client, storage.bucket.patient_client}:
            client.meta.events.register("before-parameter-build.s3", self._note)

    def _note(self, params: dict[str, Any], model: Any, **_: object) -> None:
        self.names.add(model.name)
        if model.name == "DeleteObject":
            self.deleted.append(params["Key"])


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    with running_seaweed(tmp_path_factory.mktemp("seaweed"), ["http://127.0.0.1:1"]) as store:
        yield storage_of(store)


@pytest.fixture(scope="module")
def client(storage: Storage, interviews: Path) -> Iterator[httpx.Client]:
    with signing(Settings(interviews=interviews, secret=SecretStr(SECRET)), storage) as client:
        yield client


def whole(made: Recording) -> dict[str, Any]:
    made.complete(made.parts[-1:])
    sha256 = hashlib.sha256(made.content).hexdigest()
    key, size = made.grant["key"], len(made.content)
    return {"key": key, "size": size, "sha256": sha256, "content_type": "video/mp4", "duration_s": 1}


def sit(client: httpx.Client) -> None:
    """Do all that pages do: look at the interview, check the line, give up a take, answer, submit."""
    made = recording([client], 300 * KIB)
    candidate: Candidate = made.candidate
    first = candidate.get("/api/interview").json()
    assert first["answers"] == []
    probe = candidate.post("/api/connection", {}).json()
    candidate.post("/api/connection/end", {"upload": probe["upload"]})
    given_up = candidate.create(track="audio", content_type="audio/webm").json()
    candidate.post("/api/uploads/abort", {"upload": given_up["upload"]})
    for _ in range(3):
        made.fold(made.send(100 * KIB))
    made.call("list", {"after": 0})
    record = whole(made)
    asked = {"question": "written", "take": 1, "size": 2, "md5": hashlib.md5(b"{}").hexdigest()}
    assert candidate.post("/api/documents/sign", asked).status_code == 200
    answers = [
        {"question": "both", "take": 1, "tracks": {"video": record}},
        {"question": "written", "take": 1, "text": "Yes."},
    ]
    assert candidate.post("/api/submission", {"answers": answers}).status_code == 200


def test_policy_allows_what_an_interview_needs_and_no_more(client: httpx.Client, storage: Storage):
    calls = Calls(storage)
    storage.check()

    sit(client)

    needed = set().union(*(ACTIONS[name] for name in calls.names - MAY_BE_DENIED))
    assert needed | {"s3:DeleteObject"} == {*IN_BUCKET, *IN_OBJECTS, *OF_TAILS}
    assert all(key.startswith("_tail/") for key in calls.deleted), "no recording is ever deleted"


def test_policy_is_for_one_bucket_and_deletes_tails_alone():
    folding = least_policy("answers", PROFILES["aws"], None, None)["Statement"]
    plain = least_policy("answers", PROFILES["wasabi"], None, None)["Statement"]

    assert {one["Resource"].split("/")[0] for one in folding} == {"arn:aws:s3:::answers"}
    (deleting,) = [one for one in folding if "s3:DeleteObject" in one["Action"]]
    assert deleting["Resource"] == "arn:aws:s3:::answers/_tail/*"
    assert not [one for one in plain if "s3:DeleteObject" in one["Action"]]


def test_policy_with_kms_names_the_key():
    statements = least_policy("answers", PROFILES["aws"], "aws:kms", "arn:aws:kms:eu-1:1:key/2")["Statement"]

    assert statements[-1]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statements[-1]["Resource"] == "arn:aws:kms:eu-1:1:key/2"
