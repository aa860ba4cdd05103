"""The way of one upload, against a real store."""

import json
import time
from typing import Any

import pytest

from server.store.storage import Storage
from tests.support.signer_client import NONCE, PART_BYTES, Candidate

FULL = b"p" * PART_BYTES


def test_an_upload_arrives_byte_for_byte_under_the_servers_own_key(candidate: Candidate, storage: Storage):
    grant = candidate.create(content_type="video/webm;codecs=vp8,opus").json()
    parts = candidate.send(grant["upload"], [FULL, b"the end"])

    done = candidate.complete(grant["upload"], parts)

    key = f"trial/{candidate.session}/both/take-1/video.webm"
    assert done.json() == {"key": key, "size": PART_BYTES + 7}
    assert grant["key"] == key
    assert grant["parts"] == {
        "min_bytes": PART_BYTES,
        "max_bytes": PART_BYTES,
        "window_bytes": None,
        "is_streamed": False,
        "step_bytes": None,
    }
    assert storage.objects.read(key) == FULL + b"the end"
    assert storage.multipart.open_uploads(key) == []


def test_completing_twice_gives_the_same_answer(candidate: Candidate):
    grant = candidate.create().json()
    parts = candidate.send(grant["upload"], [b"once"])

    first, second = candidate.complete(grant["upload"], parts), candidate.complete(grant["upload"], parts)

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()


def test_completing_again_with_another_size_is_not_taken_for_success(candidate: Candidate):
    grant = candidate.create().json()
    parts = candidate.send(grant["upload"], [b"once"])
    candidate.complete(grant["upload"], parts)

    again = candidate.complete(grant["upload"], [{**parts[0], "size": 5}])

    assert again.status_code == 409
    assert again.json()["type"].endswith(":upload-unknown")


def test_an_upload_that_the_store_lost_is_named_so(candidate: Candidate, storage: Storage):
    grant = candidate.create().json()
    parts = candidate.send(grant["upload"], [b"gone"])
    for key, upload in storage.multipart.open_uploads(grant["key"]):
        storage.multipart.abort(key, upload)

    assert candidate.complete(grant["upload"], parts).json()["type"].endswith(":upload-unknown")
    assert candidate.post("/api/uploads/list", {"upload": grant["upload"]}).json()["state"] == "unknown"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts[:1],
        lambda parts: [
            *parts,
            {"number": 3, "offset": parts[-1]["offset"] + parts[-1]["size"], "size": 1, "etag": "0" * 32},
        ],
        lambda parts: [{**parts[0], "etag": "0" * 32}, parts[1]],
        lambda parts: [parts[1], parts[0]],
        lambda parts: [parts[0], parts[0]],
        lambda parts: [{**parts[0], "size": 1}, parts[1]],
        lambda parts: [],
        lambda parts: [{**parts[0], "etag": "no MD5"}, parts[1]],
    ],
    ids=["too few", "too many", "wrong ETag", "unordered", "repeated", "wrong size", "none", "no ETag"],
)
def test_bad_input_7_wrong_parts_are_refused_and_the_upload_stays_usable(candidate: Candidate, spoil: Any):
    grant = candidate.create().json()
    parts = candidate.send(grant["upload"], [FULL, b"end"])

    assert candidate.complete(grant["upload"], spoil(parts)).status_code == 422

    assert candidate.complete(grant["upload"], parts).status_code == 200


def test_bad_input_5_part_goes_only_to_its_own_number_with_its_own_size(candidate: Candidate):
    url = candidate.sign(candidate.create().json()["upload"], 1, 5)

    assert candidate.client.put(url, content=b"123456").status_code == 403
    assert candidate.client.put(url, content=b"1234").status_code == 403
    assert candidate.client.put(url.replace("partNumber=1", "partNumber=2"), content=b"12345").status_code == 403
    assert candidate.client.put(url.replace("both", "written"), content=b"12345").status_code == 403
    assert candidate.client.put(url, content=b"12345").status_code == 200


def test_a_url_ends_with_its_ticket(candidate: Candidate):
    candidate.ticket = candidate.tickets.mint(session=candidate.session, interview="trial", life_s=2)
    upload = candidate.create().json()["upload"]
    reply = candidate.post(
        "/api/uploads/sign", {"upload": upload, "parts": [{"number": 1, "offset": 0, "size": 2}]}
    ).json()
    part = reply["parts"][0]

    assert 1 <= part["life_s"] <= 2
    time.sleep(3.1)

    assert candidate.client.put(part["url"], content=b"ok").status_code in {400, 403}
    assert candidate.get("/api/interview").status_code == 401


def test_the_store_lets_the_page_send_a_part_and_read_its_etag(candidate: Candidate, origin: str):
    url = candidate.sign(candidate.create().json()["upload"], 1, 2)

    preflight = candidate.client.options(url, headers={"Origin": origin, "Access-Control-Request-Method": "PUT"})
    stored = candidate.client.put(url, content=b"ok", headers={"Origin": origin})

    assert preflight.headers["access-control-allow-origin"] == origin
    assert "etag" in stored.headers["access-control-expose-headers"].lower()


def test_a_second_creation_replaces_an_upload_whose_reply_was_lost(candidate: Candidate, storage: Storage):
    candidate = candidate.on("1" * 32)
    first = candidate.create().json()
    second = candidate.create().json()

    assert candidate.post("/api/uploads/list", {"upload": first["upload"]}).json()["state"] == "unknown"
    assert candidate.post("/api/uploads/list", {"upload": second["upload"]}).json()["state"] == "open"
    assert len(storage.multipart.open_uploads(first["key"])) == 1


@pytest.mark.parametrize("content_type", ["video/mp4", "video/webm"])
def test_a_take_is_never_overwritten_not_even_in_another_format(candidate: Candidate, content_type: str):
    candidate.record([b"mine"])

    refused = candidate.create(content_type=content_type, nonce=NONCE[::-1])

    assert refused.status_code == 409
    assert refused.json()["type"].endswith(":take-exists")


def test_listing_tells_what_is_stored_and_when_it_is_complete(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    parts = candidate.send(upload, [FULL, b"end"])

    is_open = candidate.post("/api/uploads/list", {"upload": upload}).json()
    candidate.complete(upload, parts)
    is_done = candidate.post("/api/uploads/list", {"upload": upload}).json()

    assert is_open == {"state": "open", "parts": without_offsets(parts), "next_after": None, "stored_bytes": 0}
    assert is_done == {"state": "completed", "parts": [], "next_after": None, "stored_bytes": 0}


def test_listing_pages_through_more_parts_than_fit_one_page(
    candidate: Candidate, storage: Storage, monkeypatch: pytest.MonkeyPatch
):
    upload = candidate.create().json()["upload"]
    parts = candidate.send(upload, [FULL] * 4 + [b"end"])
    monkeypatch.setattr("server.store.multipart.PART_PAGE", 2)

    found, after = [], 0
    while after is not None:
        page = candidate.post("/api/uploads/list", {"upload": upload, "after": after}).json()
        assert len(page["parts"]) <= 2
        found += page["parts"]
        after = page["next_after"]

    assert found == without_offsets(parts)
    assert candidate.complete(upload, parts).status_code == 200


def test_behind_the_last_part_the_list_is_empty(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    candidate.send(upload, [FULL, b"end"])

    page = candidate.post("/api/uploads/list", {"upload": upload, "after": 500})

    assert page.json() == {"state": "open", "parts": [], "next_after": None, "stored_bytes": 0}


def test_aborting_leaves_nothing_open_and_may_be_repeated(candidate: Candidate, storage: Storage):
    grant = candidate.create().json()
    candidate.send(grant["upload"], [b"take it back"])

    for _ in range(2):
        assert candidate.post("/api/uploads/abort", {"upload": grant["upload"]}).status_code == 204
    assert storage.multipart.open_uploads(grant["key"]) == []


def test_aborting_does_not_unmake_what_is_complete(candidate: Candidate, storage: Storage):
    grant = candidate.create().json()
    candidate.complete(grant["upload"], candidate.send(grant["upload"], [b"kept"]))

    assert candidate.post("/api/uploads/abort", {"upload": grant["upload"]}).status_code == 204
    assert storage.objects.read(grant["key"]) == b"kept"


def without_offsets(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parts as the store lists them: it does not know where they belong."""
    return [{name: part[name] for name in ("number", "size", "etag")} for part in parts]


def test_candidate_whose_last_take_the_operator_has_completed_can_still_go_on(candidate: Candidate, storage: Storage):
    record = candidate.record([b"said before"], take=2)  # the last of two
    assert candidate.create(take=3).status_code == 422
    left = {"question": "both", "take": 2, "tracks": {"video": record | {"sha256": None, "interrupted": True}}}
    key = f"trial/{candidate.session}/both/take-2/answer.json"
    storage.objects.write(key, json.dumps(left).encode(), "application/json")

    assert candidate.create(take=3).status_code == 201
    assert candidate.create(take=4).status_code == 422
