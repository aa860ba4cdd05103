"""The way of one upload, against a real store."""

import time
from typing import Any

import jwt
import pytest
from pydantic import JsonValue

from app.contract import MIB, FileRules, Question, Track, UploadPolicy
from server.signer.part_sizes import max_bytes, part_bytes_for, smaller_part_bytes
from server.store.storage import Storage
from tests.support.signer_client import NONCE, PART_BYTES, SECRET, Candidate

FULL = b"p" * PART_BYTES


def test_an_upload_arrives_byte_for_byte_under_the_servers_own_key(candidate: Candidate, storage: Storage):
    grant = candidate.create(content_type="video/webm;codecs=vp8,opus").json()
    parts = candidate.send(grant["upload"], [FULL, b"the end"])

    done = candidate.complete(grant["upload"], parts)

    key = f"trial/{candidate.session}/both/take-1/video.webm"
    assert done.json() == {"key": key, "size": PART_BYTES + 7}
    assert grant["key"] == key
    assert grant["part_bytes"] == PART_BYTES
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
        lambda parts: [*parts, {"number": 3, "size": 1, "etag": "0" * 32}],
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
    reply = candidate.post("/api/uploads/sign", {"upload": upload, "parts": [{"number": 1, "size": 2}]}).json()
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

    assert is_open == {"state": "open", "parts": parts, "next_after": None}
    assert is_done == {"state": "completed", "parts": [], "next_after": None}


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

    assert found == parts
    assert candidate.complete(upload, parts).status_code == 200


def test_behind_the_last_part_the_list_is_empty(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    candidate.send(upload, [FULL, b"end"])

    page = candidate.post("/api/uploads/list", {"upload": upload, "after": 500})

    assert page.json() == {"state": "open", "parts": [], "next_after": None}


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


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"take": 3}, 422),
        ({"question": "written"}, 422),
        ({"question": "nowhere"}, 404),
        ({"content_type": "text/html"}, 422),
        ({"content_type": "video/mp4\r\nx: y"}, 422),
        ({"content_type": "audio/mp4"}, 422),
        ({"content_type": "video/quicktime"}, 422),
    ],
)
def test_what_the_interview_does_not_ask_for_is_refused(candidate: Candidate, changes: dict[str, Any], status: int):
    assert candidate.create(**changes).status_code == status


@pytest.mark.parametrize("id_", ["../x", "%2e%2e/", "a/b", "‥", "a\0b", "x" * 65, "", ".hidden", "a\n"])
def test_bad_input_4_ids_that_could_leave_the_session_are_refused(candidate: Candidate, id_: str):
    assert candidate.create(question=id_).status_code == 422


def test_bad_input_11_more_takes_than_the_interview_allows_are_refused_with_a_reason(candidate: Candidate):
    reply = candidate.create(take=3)

    assert reply.status_code == 422
    assert reply.json()["detail"] == "This question allows 2 takes."


@pytest.mark.parametrize("number", ["0", "-1", "10001", "1.5", '"1"', "true", "null", "NaN", "Infinity", "1e999"])
def test_bad_input_5_impossible_part_numbers_are_refused(candidate: Candidate, number: str):
    upload = candidate.create().json()["upload"]
    body = f'{{"upload": "{upload}", "parts": [{{"number": {number}, "size": 1}}]}}'

    reply = candidate.client.post(
        "/api/uploads/sign", content=body, headers={**candidate.headers, "Content-Type": "application/json"}
    )

    assert reply.status_code == 422


@pytest.mark.parametrize("size", [0, -1, 1.5, "1", True, PART_BYTES + 1, 10**30])
def test_bad_input_5_impossible_part_sizes_are_refused(candidate: Candidate, size: object):
    upload = candidate.create().json()["upload"]

    reply = candidate.post("/api/uploads/sign", {"upload": upload, "parts": [{"number": 1, "size": size}]})

    assert reply.status_code == 422


def test_bad_input_11_more_bytes_than_the_time_limit_allows_are_refused_with_a_reason(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    beyond = 256 * MIB // PART_BYTES + 1

    reply = candidate.post("/api/uploads/sign", {"upload": upload, "parts": [{"number": beyond, "size": 1}]})

    assert reply.status_code == 422
    assert "time limit" in reply.json()["detail"]


def test_bad_input_6_handle_opens_nothing_for_another_session(candidate: Candidate, stranger: Candidate):
    upload = candidate.create().json()["upload"]
    parts = candidate.send(upload, [b"mine"])

    for path, body in (
        ("sign", {"parts": [{"number": 1, "size": 1}]}),
        ("list", {}),
        ("complete", {"parts": parts, "size": 4}),
        ("abort", {}),
    ):
        reply = stranger.post(f"/api/uploads/{path}", {"upload": upload, **body})
        assert (reply.status_code, reply.json()["type"]) == (401, "urn:slipstream:problem:ticket-refused")
    tampered = candidate.post("/api/uploads/list", {"upload": upload[:-2] + "xx"})

    assert tampered.status_code == 401
    assert candidate.complete(upload, parts).status_code == 200


def test_bad_input_6_ticket_is_no_handle_and_a_handle_is_no_ticket(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    assert candidate.post("/api/uploads/list", {"upload": candidate.ticket}).status_code == 401

    candidate.ticket = upload
    assert candidate.get("/api/interview").status_code == 401


def test_row_25_a_renewed_ticket_goes_on_with_what_an_expired_one_began(candidate: Candidate, storage: Storage):
    candidate.ticket = candidate.tickets.mint(session=candidate.session, interview="trial", life_s=2)
    grant = candidate.create().json()
    parts = candidate.send(grant["upload"], [FULL])
    time.sleep(3.1)  # tokens count whole seconds
    assert candidate.get("/api/interview").status_code == 401

    candidate.ticket = candidate.tickets.mint(session=candidate.session, interview="trial", life_s=3600)
    listed = candidate.post("/api/uploads/list", {"upload": grant["upload"]})
    assert (listed.status_code, listed.json().get("parts")) == (200, parts), listed.text
    end = candidate.client.put(candidate.sign(grant["upload"], 2, 3), content=b"end")
    parts.append({"number": 2, "size": 3, "etag": end.headers["etag"].strip('"')})

    assert candidate.complete(grant["upload"], parts).status_code == 200
    assert storage.objects.read(grant["key"]) == FULL + b"end"


def test_row_25_a_handle_of_an_older_signer_goes_on_after_its_end(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    claims = jwt.decode(upload, options={"verify_signature": False})
    older = jwt.encode({**claims, "exp": 1}, SECRET, "HS256")

    assert candidate.post("/api/uploads/list", {"upload": older}).json()["state"] == "open"


def test_row_23_parts_grow_where_ten_thousand_would_not_hold_the_recording():
    four_hours = Question(id="q", prompt="?", tracks=(Track.VIDEO,), limit_s=14_400)
    budget = max_bytes(four_hours, Track.VIDEO, UploadPolicy())
    part_bytes = part_bytes_for(budget, 256 * 1024)

    assert budget == 14_400 * (2_500_000 + 128_000) * 2 // 8
    assert 256 * 1024 < part_bytes < 2 * MIB
    assert part_bytes * 10_000 >= budget
    assert part_bytes_for(budget, 5 * MIB) == 5 * MIB


def test_a_question_that_takes_files_has_room_for_the_largest():
    short = Question(id="q", prompt="?", tracks=(Track.VIDEO,), limit_s=1, file=FileRules(max_bytes=300 * MIB))
    assert max_bytes(short, Track.VIDEO, UploadPolicy()) == 300 * MIB


def test_row_27_refused_part_size_is_answered_with_a_smaller_one_in_the_old_ones_place(
    candidate: Candidate, storage: Storage
):
    session_policy: dict[str, JsonValue] = {"part_bytes": 256 * 1024}
    candidate = candidate.on("1" * 32)
    candidate.ticket = candidate.tickets.mint(
        session=candidate.session, interview="trial", life_s=3600, policy=session_policy
    )
    before = candidate.create().json()
    after = candidate.create(part_bytes_at_most=128 * 1024).json()

    assert (before["part_bytes"], after["part_bytes"]) == (256 * 1024, 128 * 1024)
    assert len(list(storage.multipart.open_uploads(after["key"]))) == 1
    reply = candidate.complete(after["upload"], candidate.send(after["upload"], [b"x" * 128 * 1024, b"y"]))
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize(
    ("part_bytes", "at_most", "expected"),
    [
        (8 * MIB, None, 8 * MIB),
        (8 * MIB, 6 * MIB, 6 * MIB),
        (8 * MIB, 1, 5 * MIB),  # S3 takes no smaller ones
        (5 * MIB, 1, 5 * MIB),
        (256 * 1024, 128 * 1024, 128 * 1024),
        (256 * 1024, 1, 64 * 1024),
        (27 * 1024, 1, 27 * 1024),  # what the operator wants is small already
        (27 * 1024, 1 * MIB, 27 * 1024),
    ],
)
def test_row_27_parts_shrink_down_to_what_a_store_takes(part_bytes: int, at_most: int | None, expected: int):
    assert smaller_part_bytes(part_bytes, at_most) == expected


@pytest.mark.parametrize("at_most", [0, -1, 1.5, "1", True])
def test_bad_input_5_wished_part_size_is_a_size(candidate: Candidate, at_most: Any):
    assert candidate.create(part_bytes_at_most=at_most).status_code == 422
