"""Requests for uploads that the signer refuses, and how large it makes parts."""

import time
from typing import Any

import jwt
import pytest
from pydantic import JsonValue

from app.contract import MIB
from server.store.profiles import PROFILES
from server.store.storage import Storage
from tests.support.signer_client import PART_BYTES, SECRET, Candidate

AWS = PROFILES["aws"]
FULL = b"p" * PART_BYTES


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
    body = f'{{"upload": "{upload}", "parts": [{{"number": {number}, "offset": 0, "size": 1}}]}}'

    reply = candidate.client.post(
        "/api/uploads/sign", content=body, headers={**candidate.headers, "Content-Type": "application/json"}
    )

    assert reply.status_code == 422


@pytest.mark.parametrize("size", [0, -1, 1.5, "1", True, PART_BYTES + 1, 10**30])
def test_bad_input_5_impossible_part_sizes_are_refused(candidate: Candidate, size: object):
    upload = candidate.create().json()["upload"]

    reply = candidate.post("/api/uploads/sign", {"upload": upload, "parts": [{"number": 1, "offset": 0, "size": size}]})

    assert reply.status_code == 422


def test_bad_input_11_more_bytes_than_the_time_limit_allows_are_refused_with_a_reason(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    beyond = 256 * MIB

    reply = candidate.post(
        "/api/uploads/sign", {"upload": upload, "parts": [{"number": 2, "offset": beyond, "size": 1}]}
    )

    assert reply.status_code == 422
    assert "time limit" in reply.json()["detail"]


def test_bad_input_6_handle_opens_nothing_for_another_session(candidate: Candidate, stranger: Candidate):
    upload = candidate.create().json()["upload"]
    parts = candidate.send(upload, [b"mine"])

    for path, body in (
        ("sign", {"parts": [{"number": 1, "offset": 0, "size": 1}]}),
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
    stored = [{name: part[name] for name in ("number", "size", "etag")} for part in parts]
    assert (listed.status_code, listed.json().get("parts")) == (200, stored), listed.text
    end = candidate.client.put(candidate.sign(grant["upload"], 2, 3), content=b"end")
    parts.append({"number": 2, "offset": PART_BYTES, "size": 3, "etag": end.headers["etag"].strip('"')})

    assert candidate.complete(grant["upload"], parts).status_code == 200
    assert storage.objects.read(grant["key"]) == FULL + b"end"


def test_row_25_a_handle_of_an_older_signer_goes_on_after_its_end(candidate: Candidate):
    upload = candidate.create().json()["upload"]
    claims = jwt.decode(upload, options={"verify_signature": False})
    older = jwt.encode({**claims, "exp": 1}, SECRET, "HS256")

    assert candidate.post("/api/uploads/list", {"upload": older}).json()["state"] == "open"


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

    assert [grant["parts"]["max_bytes"] for grant in (before, after)] == [256 * 1024, 128 * 1024]
    assert len(list(storage.multipart.open_uploads(after["key"]))) == 1
    reply = candidate.complete(after["upload"], candidate.send(after["upload"], [b"x" * 128 * 1024, b"y"]))
    assert reply.status_code == 200, reply.text


@pytest.mark.parametrize("at_most", [0, -1, 1.5, "1", True])
def test_bad_input_5_wished_part_size_is_a_size(candidate: Candidate, at_most: Any):
    assert candidate.create(part_bytes_at_most=at_most).status_code == 422
