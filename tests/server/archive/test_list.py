"""`sessions list`: who has submitted, what is unfinished, and where they stopped."""

import csv
import io
import json
import secrets
from typing import Any

import pytest

from server.archive.contents import Contents
from server.archive.overview import table
from server.archive.stored_session import State
from server.signer.object_keys import SessionKeys
from server.store.embedded import EmbeddedStore
from server.store.storage import Storage
from tests.support.commands import Run
from tests.support.signer_client import PART_BYTES, Candidate
from tests.support.waiting import eventually

DEVICE = "d" * 32


def _opened(candidate: Candidate, storage: Storage, **claims: str) -> None:
    candidate.ticket = candidate.tickets.mint(
        session=candidate.session,
        interview="trial",
        life_s=60,
        **claims,  # type: ignore[arg-type]
    )
    candidate.get("/api/interview")
    eventually(lambda: storage.objects.head(f"trial/{candidate.session}/session.json"), "session.json")


def _rows(run: Run, *arguments: str) -> dict[str, dict[str, Any]]:
    done = run("list", "--json", *arguments)
    assert done.code == 0, done.err
    return {row["session"]: row for row in json.loads(done.out)}


def test_a_session_is_opened_then_unfinished_then_submitted(candidate: Candidate, storage: Storage, run: Run):
    _opened(candidate, storage, name="Ada", reference="K-17")
    seen = [_rows(run)[candidate.session]]
    answers = candidate.answers()
    seen.append(_rows(run)[candidate.session])
    candidate.post("/api/submission", {"answers": answers})
    seen.append(_rows(run)[candidate.session])

    assert [row["state"] for row in seen] == ["opened", "unfinished", "submitted"]
    assert {(row["name"], row["reference"]) for row in seen} == {("Ada", "K-17")}
    assert [row["recordings"] for row in seen] == [[], *[["both/take-1/audio", "both/take-1/video"]] * 2]
    assert [row["stopped_at"] for row in seen] == [None, "both", "both"]
    assert [row["submitted_at"] is None for row in seen] == [True, True, False]
    assert seen[1]["size"] > PART_BYTES


def test_an_open_upload_says_where_a_candidate_stopped(candidate: Candidate, run: Run):
    candidate.record([b"v"])
    grant = candidate.create(question="extra", track="audio", content_type="audio/webm").json()
    candidate.send(grant["upload"], [b"a"])

    row = _rows(run)[candidate.session]

    assert (row["state"], row["stopped_at"], row["open_uploads"]) == ("unfinished", "extra", ["extra/take-1/audio"])


def test_a_claim_and_a_connection_check_are_no_answers(candidate: Candidate, contents: Contents):
    on_device = candidate.on(DEVICE)
    on_device.post("/api/claim", {})
    on_device.post("/api/connection", {})

    stored = contents.session(candidate.session)

    assert (stored.state, stored.stopped_at(), len(stored.others)) == (State.OPENED, None, 2)


def test_only_sessions_in_one_state_are_listed(candidate: Candidate, stranger: Candidate, storage: Storage, run: Run):
    _opened(candidate, storage)
    stranger.record([b"v"])

    assert candidate.session in _rows(run, "--state", "opened", "--no-names")
    assert stranger.session not in _rows(run, "--state", "opened")
    assert stranger.session in _rows(run, "--state", "unfinished", "--interview", "trial")
    assert _rows(run, "--interview", "other") == {}


def test_the_list_costs_two_calls_however_many_sessions_there_are(storage: Storage, contents: Contents):
    interview = f"i{secrets.token_hex(4)}"
    for number in range(40):
        keys = SessionKeys(interview, f"s-{number}")
        storage.objects.write(keys.record, b"{}", "application/json")
        storage.objects.write(keys.answer("q", 1), b"{}", "application/json")
    calls: list[str] = []
    for client in (storage.bucket.client, storage.bucket.patient_client):
        client.meta.events.register("before-call.s3", lambda model, **_: calls.append(model.name), unique_id="counted")

    found = list(contents.sessions(interview))

    for client in (storage.bucket.client, storage.bucket.patient_client):
        client.meta.events.unregister("before-call.s3", unique_id="counted")
    assert len(found) == 40
    assert sorted(calls) == ["ListMultipartUploads", "ListObjectsV2"]


def test_names_in_csv_are_no_formulas(candidate: Candidate, storage: Storage, run: Run):
    _opened(candidate, storage, name='=HYPERLINK("https://evil.example")', reference="+1")

    done = run("list", "--csv")

    row = next(row for row in csv.DictReader(io.StringIO(done.out)) if row["session"] == candidate.session)
    assert (row["name"], row["reference"]) == ('\'=HYPERLINK("https://evil.example")', "'+1")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@a", " =1", "\t=1", "\r=1", "＝1", "\n@"])
def test_no_cell_begins_a_formula(cell: str):
    _, row = csv.reader(io.StringIO(table(["a"], [[cell]]), newline=""))

    assert row == [f"'{cell}"]


def test_a_table_is_printed_for_people(
    candidate: Candidate, storage: Storage, run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("COLUMNS", "200")
    _opened(candidate, storage, name="[red]Ada\x1b[2J", reference="K")

    done = run("list")

    assert "[red]Ada[2J" in done.out, "a name is neither markup nor a command to the terminal"
    assert candidate.session in done.out
    assert " opened" in done.err


def test_an_unknown_session_is_said_and_one_in_two_interviews_too(storage: Storage, run: Run):
    name = f"s-{secrets.token_hex(4)}"
    for interview in ("one", "two"):
        storage.objects.write(SessionKeys(interview, name).record, b"{}", "application/json")

    assert "There is no session 'nobody' in the bucket." in run("delete", "nobody").err
    assert "There is no session '../..' in the bucket." in run("delete", "../..").err
    assert f"Say which: one/{name} or two/{name}." in run("delete", name).err


def _beside(store: EmbeddedStore, **more: str) -> dict[str, str]:
    """Return the environment of a command that runs beside the embedded store of a server."""
    own_bucket = {"SLIPSTREAM_S3_ENDPOINT": "", "SLIPSTREAM_S3_BUCKET": ""}
    return {**own_bucket, "SLIPSTREAM_DATA": str(store.data), **more}


def test_beside_a_running_server_its_own_store_tells_what_is_open(candidate: Candidate, store: EmbeddedStore, run: Run):
    candidate.create()
    keys = {"SLIPSTREAM_STORE_KEY_ID": store.key_id, "SLIPSTREAM_STORE_KEY_SECRET": store.key_secret}

    done = run("list", "--json", **_beside(store, SLIPSTREAM_STORE_PORT=str(store.port), **keys))

    rows = {row["session"]: row for row in json.loads(done.out)}
    assert rows[candidate.session]["open_uploads"] == ["both/take-1/video"]
    assert done.err == ""


def test_without_its_keys_the_same_files_are_listed_and_what_is_missing_is_said(
    candidate: Candidate, store: EmbeddedStore, run: Run
):
    candidate.record([b"v"])
    candidate.create(take=2)

    done = run("list", "--json", **_beside(store))

    rows = {row["session"]: row for row in json.loads(done.out)}
    assert (rows[candidate.session]["recordings"], rows[candidate.session]["open_uploads"]) == (
        ["both/take-1/video"],
        [],
    )
    assert "Uploads that are open at a running server's own store are not seen." in done.err
