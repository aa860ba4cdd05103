"""Who gets the layout `resumable`, by which rules, and the calls that begin and ask a session at the store."""

from datetime import UTC, datetime

import pytest

from app.contract import MIB, Layout, Question, Track, UploadPolicy
from server.errors import StoreMisconfigured, StoreUnavailable
from server.settings import Settings, SettingsError
from server.signer.part_sizes import layout_for, max_bytes, rules_for
from server.signer.policy_check import check_policy
from server.store.google_signature import HmacKey, signed_headers
from server.store.profiles import GENERIC, PROFILES
from tests.support.resumable_desk import GCS, PAGE, storage_at
from tests.support.scripted_gcs import STEP, ScriptedGcs, running_gcs

RESUMABLE = UploadPolicy(layout=Layout.RESUMABLE)


# The signature. The expected one is from ClickHouse's tests of the same signature, which are not ours.


def test_signature_is_googles():
    signed = signed_headers(
        "PUT",
        "https://storage.googleapis.com/test-bucket/dir/obj.txt",
        {"x-goog-if-generation-match": "0"},
        HmacKey("GOOGTESTACCESSKEY", "testsecretkey"),
        region="auto",
        at=datetime(2026, 7, 3, tzinfo=UTC),
    )
    assert signed["authorization"] == (
        "GOOG4-HMAC-SHA256 Credential=GOOGTESTACCESSKEY/20260703/auto/storage/goog4_request, "
        "SignedHeaders=host;x-goog-content-sha256;x-goog-date;x-goog-if-generation-match, "
        "Signature=4f82e49c69753329afd4768ccf1db6b472dbbd86d082a08b5b9f9fe368fb6ef6"
    )


# Who gets this layout, and its rules.


def test_only_who_asks_for_it_and_has_sessions_gets_it():
    assert layout_for(RESUMABLE, GCS) is Layout.RESUMABLE
    assert layout_for(UploadPolicy(), GCS) is Layout.MULTIPART
    assert layout_for(RESUMABLE, GENERIC) is Layout.MULTIPART


def test_policy_for_a_store_without_sessions_is_refused_at_the_start():
    with pytest.raises(SettingsError, match="has no resumable sessions"):
        check_policy(Settings(), {"layout": "resumable"}, PROFILES["aws"], "here")
    check_policy(Settings(), {"layout": "resumable", "part_bytes": 300_000}, GCS, "here")


@pytest.mark.parametrize("limit_s", [60, 3600, 4 * 3600])
def test_parts_are_multiples_that_hold_the_longest_recording(limit_s: int):
    question = Question(id="q", prompt="?", tracks=(Track.VIDEO,), limit_s=limit_s)
    budget = max_bytes(question, Track.VIDEO, RESUMABLE)
    rules = rules_for(Layout.RESUMABLE, RESUMABLE, GCS, budget, None)
    assert rules.step_bytes == STEP
    assert {rules.smallest(number) % STEP for number in (1, 2501, 5001, 7501)} == {0}
    assert sum(2500 * rules.smallest(number) for number in (1, 2501, 5001, 7501)) >= budget
    assert rules.min_bytes == STEP


def test_part_bytes_are_rounded_up_and_a_gateways_limit_down():
    assert rules_for(Layout.RESUMABLE, UploadPolicy(part_bytes=300_000), GCS, MIB, None).max_bytes == 2 * STEP
    assert rules_for(Layout.RESUMABLE, RESUMABLE, GCS, MIB, 700_000).max_bytes == 2 * STEP
    assert rules_for(Layout.RESUMABLE, RESUMABLE, GCS, MIB, 100_000).max_bytes == STEP


# The calls.


def test_page_reaches_the_session_where_the_store_is_public():
    storage = storage_at("http://10.0.0.1:9000", "https://store.example")
    assert storage.sessions.page_url("/bucket/key?upload_id=1") == "https://store.example/bucket/key?upload_id=1"


@pytest.mark.parametrize(
    ("status", "kind"), [(503, StoreUnavailable), (429, StoreUnavailable), (403, StoreMisconfigured)]
)
def test_refusals_are_told_apart(status: int, kind: type[Exception]):
    store = ScriptedGcs()
    store.refusal = status
    with running_gcs(store) as origin:
        sessions = storage_at(origin).sessions
        with pytest.raises(kind):
            sessions.start("key", "video/mp4", "token", PAGE)
        with pytest.raises(kind):
            sessions.stored("/bucket/key?upload_id=1")


def test_session_at_another_place_is_not_handed_to_a_page():
    store = ScriptedGcs()
    with running_gcs(store) as origin:
        storage = storage_at(origin)
        assert storage.sessions.start("key", "video/mp4", "token", PAGE).startswith("/bucket/key?upload_id=")
        store.location = "http://evil.example"
        with pytest.raises(StoreMisconfigured):
            storage.sessions.start("key", "video/mp4", "token", PAGE)


def test_store_that_is_away_is_unavailable_and_quotes_no_session():
    storage = storage_at("http://127.0.0.1:9")
    with pytest.raises(StoreUnavailable) as told:
        storage.sessions.stored("/bucket/key?upload_id=secret")
    assert told.value.__cause__ is None
    assert "secret" not in str(told.value)
