"""The connection check at a real store: signed parts that arrive, and nothing that stays."""

from typing import Any

import httpx
import pytest

from app.contract.connection import SIZES, body_of, md5_of
from server.store.storage import Storage
from tests.support.signer_client import Candidate


def begin(candidate: Candidate) -> dict[str, Any]:
    reply = candidate.post("/api/connection", {})
    assert reply.status_code == 201
    probe: dict[str, Any] = reply.json()
    return probe


def put(part: dict[str, Any]) -> httpx.Response:
    headers = {name: value for name, value in part["headers"].items() if name.lower() != "host"}
    return httpx.put(part["url"], content=body_of(part["size"]), headers=headers)


def left(candidate: Candidate, storage: Storage) -> list[tuple[str, str]]:
    return storage.multipart.open_uploads(f"trial/{candidate.session}/connection-check")


def test_every_part_arrives_and_nothing_stays(candidate: Candidate, storage: Storage):
    probe = begin(candidate)
    assert [part["size"] for part in probe["parts"]] == list(SIZES)
    for part in probe["parts"]:
        assert put(part).headers["ETag"].strip('"') == md5_of(part["size"])

    assert candidate.post("/api/connection/end", {"upload": probe["upload"]}).status_code == 204
    assert left(candidate, storage) == []
    assert storage.objects.head(f"trial/{candidate.session}/connection-check") is None
    assert candidate.post("/api/connection/end", {"upload": probe["upload"]}).status_code == 204, "a repeated call"


def test_a_check_that_nobody_has_ended_is_ended_by_the_next_one(candidate: Candidate, storage: Storage):
    begin(candidate)
    second = begin(candidate)
    assert [upload for _, upload in left(candidate, storage)] == [second["upload"]]


def test_it_claims_nothing_and_is_no_answer(candidate: Candidate):
    here, there = candidate.on("0" * 32), candidate.on("1" * 32)
    begin(here)
    begin(there)
    grant = there.get("/api/interview").json()
    assert (grant["answers"], grant["is_open_elsewhere"]) == ([], False)
    here.create()  # this device records first, and has the session
    assert here.get("/api/interview").json()["is_open_elsewhere"] is False


def test_a_submitted_session_measures_nothing_more(candidate: Candidate, storage: Storage):
    probe = begin(candidate)
    candidate.post("/api/submission", {"answers": candidate.answers()})
    assert left(candidate, storage) == [], "closing the session cleans up"
    assert candidate.post("/api/connection", {}).status_code == 403
    assert candidate.post("/api/connection/end", {"upload": probe["upload"]}).status_code == 204


@pytest.mark.parametrize("upload", ["", "x" * 3_000, None, 7])
def test_nothing_but_the_id_of_an_upload_is_taken(candidate: Candidate, upload):
    assert candidate.post("/api/connection/end", {"upload": upload}).status_code == 422


def test_bytes_of_a_part_are_the_same_on_both_sides_and_do_not_repeat():
    assert body_of(64) == body_of(64)
    assert body_of(SIZES[0]).count(body_of(16)) == 1
