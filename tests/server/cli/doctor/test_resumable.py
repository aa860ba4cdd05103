"""What the doctor finds about resumable sessions."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from pydantic import AnyHttpUrl, SecretStr

from server.settings import Settings
from tests.support.doctor import doctor
from tests.support.scripted_gcs import ScriptedGcs, running_gcs
from tests.support.signer_client import SECRET

PAGE = "http://127.0.0.1:8000"


@pytest.fixture
def store() -> ScriptedGcs:
    return ScriptedGcs()


@pytest.fixture
def settings(store: ScriptedGcs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # keeps the keys that it has found once
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "GOOG-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with running_gcs(store) as origin:
        yield Settings(
            secret=SecretStr(SECRET),
            url=AnyHttpUrl(PAGE),
            s3_endpoint=AnyHttpUrl(origin),
            s3_bucket="bucket",
            s3_profile="gcs",
            policy={"layout": "resumable"},
        )


def test_store_whose_sessions_work_passes_and_keeps_nothing(store: ScriptedGcs, settings: Settings):
    assert doctor(settings).has_passed

    assert [one.content[-7:] for one in store.sessions.values()] == [b"the end"]
    assert store.objects == {}
    assert store.open_sessions == []


def test_sessions_are_tried_only_if_a_policy_asks_for_them(store: ScriptedGcs, settings: Settings):
    doctor(settings.model_copy(update={"policy": {}}))

    assert store.sessions == {}


def test_bucket_that_hides_range_is_named(store: ScriptedGcs, settings: Settings):
    store.shows_range = False
    assert "hides range" in doctor(settings).text
    assert store.open_sessions == [], "the session was left open"


def test_interview_that_asks_for_sessions_has_them_tried(store: ScriptedGcs, settings: Settings, tmp_path: Path):
    (tmp_path / "one.toml").write_text(
        'id = "one"\ntitle = "One"\n[policy]\nlayout = "resumable"\n'
        '[[questions]]\nid = "q"\nprompt = "Why?"\ntracks = ["audio"]\nlimit_s = 60\n',
        encoding="utf-8",
    )
    doctor(settings.model_copy(update={"policy": {}, "interviews": tmp_path}))

    assert len(store.sessions) == 1
