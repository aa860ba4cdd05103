"""`sessions delete` and `sessions retain`: nothing of a session is left, and what the store keeps is said."""

import io
import json
import os
import pwd
import secrets
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from server.archive.erasure import Erasure
from server.errors import StoreUnavailable
from server.signer.object_keys import SessionKeys
from server.store.storage import Storage
from tests.support.commands import Run
from tests.support.seaweed import KEY_ID, KEY_SECRET, running_seaweed, storage_of
from tests.support.signer_client import Candidate
from tests.support.stack import s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOCKED = "locked"


@pytest.fixture(scope="module")
def locking(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[tuple[Storage, S3Client]]":
    """A bucket with versions and Object Lock."""
    with (
        running_seaweed(tmp_path_factory.mktemp("seaweed"), ["http://127.0.0.1:1"]) as store,
        closing(s3_client(store.url, KEY_ID, KEY_SECRET)) as s3,
    ):
        s3.create_bucket(Bucket=LOCKED, ObjectLockEnabledForBucket=True)
        yield Storage(replace(storage_of(store).access, bucket=LOCKED)), s3


def test_nothing_of_a_session_is_left(candidate: Candidate, stranger: Candidate, storage: Storage, run: Run):
    candidate.post("/api/submission", {"answers": candidate.answers()})
    candidate.on("d" * 32).post("/api/claim", {})
    stranger.record([b"mine"])
    tail = f"_tail/trial/{candidate.session}/both/take-1/video.mp4/{'f' * 32}/00000/0000001"
    storage.objects.write(tail, b"x", "video/mp4")
    before = storage.objects.keys(f"trial/{stranger.session}/")

    done = run("delete", candidate.session, "--yes")

    assert (done.code, f"trial/{candidate.session}: deleted 4 objects" in done.err) == (0, True), done.err
    assert [key for key in storage.objects.keys("") if candidate.session in key] == []
    assert storage.multipart.open_uploads(f"trial/{candidate.session}/") == []
    assert storage.objects.keys(f"trial/{stranger.session}/") == before


def test_open_uploads_are_deleted_too(candidate: Candidate, storage: Storage, run: Run):
    grant = candidate.create().json()
    candidate.send(grant["upload"], [b"begun"])

    run("delete", candidate.session, "--yes")

    assert storage.multipart.open_uploads(f"trial/{candidate.session}/") == []


def test_nothing_is_deleted_without_a_yes(
    candidate: Candidate, storage: Storage, run: Run, monkeypatch: pytest.MonkeyPatch
):
    candidate.record([b"v"])
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))

    done = run("delete", candidate.session)

    assert (done.code, len(storage.objects.keys(f"trial/{candidate.session}/"))) == (1, 1)
    assert f"Delete trial/{candidate.session} (1 object)?" in done.err


def test_every_version_is_deleted(locking: "tuple[Storage, S3Client]"):
    storage, s3 = locking
    keys = SessionKeys("trial", "versions")
    for body in (b"1", b"2"):
        storage.objects.write(keys.answer("q", 1), body, "application/json")
    storage.objects.delete(keys.answer("q", 1))  # hidden by a delete marker
    storage.objects.write(keys.record, b"{}", "application/json")

    erased = Erasure(storage).erase(keys.prefix)

    assert (erased.objects, erased.left) == (4, ())
    listed = s3.list_object_versions(Bucket=LOCKED, Prefix=keys.prefix)
    assert (listed.get("Versions", []), listed.get("DeleteMarkers", [])) == ([], [])


def test_what_object_lock_keeps_is_named_and_the_rest_is_deleted(locking: "tuple[Storage, S3Client]"):
    storage, s3 = locking
    keys = SessionKeys("trial", "kept")
    storage.objects.write(keys.record, b"{}", "application/json")
    until = datetime.now(UTC) + timedelta(days=30)
    s3.put_object(
        Bucket=LOCKED,
        Key=keys.submission,
        Body=b"{}",
        ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate=until,
    )

    erased = Erasure(storage).erase(keys.prefix)

    assert erased.objects == 1
    assert [f"is kept by Object Lock until {until:%Y-%m-%d}." in sentence for sentence in erased.left] == [True]
    assert storage.objects.keys(keys.prefix) == [keys.submission]


def test_what_was_submitted_longer_ago_is_not_retained(
    candidate: Candidate, storage: Storage, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    interview = f"i{secrets.token_hex(4)}"
    for session in ("a", "b"):
        storage.objects.write(SessionKeys(interview, session).submission, b"{}", "application/json")
    candidate.record([b"v"])
    days = ("retain", "--interview", interview, "--days", "30", "--yes")
    now = time.time()

    assert "There is nothing to delete." in run(*days).err
    monkeypatch.setattr("server.cli.session_deletion.time", SimpleNamespace(time=lambda: now + 31 * 24 * 3600))
    tried = run(*days, "--dry-run")
    assert (len(storage.objects.keys(f"{interview}/")), f"{interview}/a would be deleted" in tried.err) == (2, True)
    assert not (tmp_path / "audit.jsonl").exists()
    run(*days)

    assert storage.objects.keys(f"{interview}/") == []
    assert storage.objects.keys(f"trial/{candidate.session}/")
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    assert [(line["command"], line["session"], line["objects"], line["left"]) for line in lines] == [
        ("retain", "a", 1, 0),
        ("retain", "b", 1, 0),
    ]


def test_a_whole_interview_is_deleted(storage: Storage, run: Run, tmp_path: Path):
    interview = f"i{secrets.token_hex(4)}"
    storage.objects.write(SessionKeys(interview, "a").record, b"{}", "application/json")
    storage.objects.write(f"{interview}2/b/session.json", b"{}", "application/json")

    done = run("delete", "--interview", interview, "--yes")

    assert (done.code, storage.objects.keys(interview)) == (0, [f"{interview}2/b/session.json"])
    line = json.loads((tmp_path / "audit.jsonl").read_text())
    user = pwd.getpwuid(os.getuid()).pw_name
    assert (line["interview"], line["session"], line["user"]) == (interview, None, user)


def test_without_an_audit_log_nothing_is_done(candidate: Candidate, storage: Storage, run: Run, tmp_path: Path):
    candidate.record([b"v"])
    (tmp_path / "folder").mkdir()

    done = run("delete", candidate.session, "--yes", "--audit", str(tmp_path / "folder"))

    assert (done.code, len(storage.objects.keys(f"trial/{candidate.session}/"))) == (1, 1)
    assert "cannot be written (Is a directory), so nothing was done." in done.err


def test_what_fails_is_noted_as_failed(candidate: Candidate, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    candidate.record([b"v"])

    def fail(*_: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr("server.store.inventory.Inventory.versions", fail)
    done = run("delete", candidate.session, "--yes")

    assert done.code == 1
    assert json.loads((tmp_path / "audit.jsonl").read_text())["outcome"] == "failed"
