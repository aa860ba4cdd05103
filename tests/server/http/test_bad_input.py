"""Whatever is sent, the signer answers with a problem, and never with its own failure."""

import base64
import json
import time
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.contract import Identifier, Track
from server.errors import TicketRefused
from server.signer.object_keys import SessionKeys
from server.signer.tickets import Tickets
from tests.support.signer_client import SECRET, Candidate

CALLS = ("uploads", "uploads/sign", "uploads/list", "uploads/complete", "uploads/abort", "documents/sign", "submission")


def _claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"aud": "slipstream", "sub": "s", "interview": "trial", "iat": now, "exp": now + 60} | changes
    return {name: value for name, value in claims.items() if value is not None}


def _unsigned(claims: dict[str, Any]) -> str:
    def encoded(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(claims)}."


WRONG_TICKETS = {
    "none": None,
    "junk": "junk",
    "three dots": "a.b.c",
    "expired": jwt.encode(_claims(exp=1), SECRET, "HS256"),
    "other key": jwt.encode(_claims(), SECRET + "!", "HS256"),
    "alg none": _unsigned(_claims()),
    "other algorithm": jwt.encode(_claims(), SECRET * 2, "HS512"),
    "other audience": jwt.encode(_claims(aud="elsewhere"), SECRET, "HS256"),
    "several audiences": jwt.encode(_claims(aud=["slipstream", "elsewhere"]), SECRET, "HS256"),
    "no expiry": jwt.encode(_claims(exp=None), SECRET, "HS256"),
    "no session": jwt.encode(_claims(sub=None), SECRET, "HS256"),
    "session outside": jwt.encode(_claims(sub="../other"), SECRET, "HS256"),
    "interview outside": jwt.encode(_claims(interview="../../etc/passwd"), SECRET, "HS256"),
    "bad policy": jwt.encode(_claims(policy={"mode": "sideways"}), SECRET, "HS256"),
    "long": "x" * 20_000,
}


def test_bad_input_1_every_wrong_ticket_gets_the_same_answer(client: httpx.Client):
    replies = {
        name: client.get("/api/interview", headers={"Authorization": f"Bearer {ticket}"} if ticket else {})
        for name, ticket in WRONG_TICKETS.items()
    }

    replies |= {
        call: client.post(f"/api/{call}", json={}, headers={"Authorization": f"Bearer {WRONG_TICKETS['other key']}"})
        for call in CALLS
    }
    assert {reply.status_code for reply in replies.values()} == {401}
    assert len({reply.text for reply in replies.values()}) == 1


def test_bad_input_1_submitted_ticket_is_refused_everywhere(candidate: Candidate):
    assert candidate.post("/api/submission", {"answers": candidate.answers()}).status_code == 200

    replies = [candidate.get("/api/interview"), *(candidate.post(f"/api/{call}", {}) for call in CALLS[:-1])]

    assert {reply.status_code for reply in replies} == {403}
    assert {reply.json()["type"] for reply in replies} == {"urn:slipstream:problem:already-submitted"}


@pytest.mark.parametrize("header", ["Basic dTpw", "Bearer", "Bearer x y", "bearer é", "Token x"])
def test_bad_input_1_other_authorization_is_refused_alike(client: httpx.Client, header: str):
    assert client.get("/api/interview", headers={b"Authorization": header.encode()}).status_code == 401


@given(st.text(max_size=200))
@settings(max_examples=100)
def test_bad_input_1_no_text_is_a_ticket(text: str):
    with pytest.raises(TicketRefused):
        Tickets(SECRET).read(text)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'{"a": NaN}',
        b"\xff\xfe\x00",
        b'{"upload": "\xff"}',
        b'{"upload": "\\ud800", "\\ud800": 1}',
        b"[" * 100_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b"1" * 10_000,
        b'"' + b"x" * 1_000_000 + b'"',
    ],
    ids=range(13),
)
def test_bad_input_8_wrong_body_is_a_problem_of_the_sender(candidate: Candidate, call: str, body: bytes):
    reply = candidate.client.post(
        f"/api/{call}", content=body, headers={**candidate.headers, "Content-Type": "application/json"}
    )

    _assert_problem(reply)
    assert 400 <= reply.status_code < 500


def test_bad_input_8_body_over_the_limit_is_not_read(candidate: Candidate):
    too_long = b'"' + b"x" * 300_000 + b'"'
    headers = {**candidate.headers, "Content-Type": "application/json"}

    assert candidate.client.post("/api/uploads", content=too_long, headers=headers).status_code == 413
    assert candidate.client.post("/api/uploads", content=iter([too_long]), headers=headers).status_code == 413
    assert candidate.client.post("/api/submission", content=b" " * 9_000_000, headers=headers).status_code == 413


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_bad_input_8_another_content_type_is_refused(candidate: Candidate, content_type: str):
    reply = candidate.client.post(
        "/api/uploads", content=b'{"a": 1}', headers={**candidate.headers, "Content-Type": content_type}
    )

    _assert_problem(reply)
    assert reply.status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/api/uploads", "/api/interview", "/", "/static/x"])
def test_bad_input_8_odd_methods_are_refused(candidate: Candidate, method: str, path: str):
    reply = candidate.client.request(method, path, headers=candidate.headers)

    _assert_problem(reply)
    assert reply.status_code == 405


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/nothing", "/%00", "/" + "x" * 5_000])
def test_unknown_paths_are_problems_too(client: httpx.Client, path: str):
    reply = client.get(path)

    _assert_problem(reply)
    assert reply.status_code == 404


def test_a_ticket_for_an_interview_that_is_gone_says_so(candidate: Candidate, tickets: Tickets):
    candidate.ticket = tickets.mint(session="s", interview="gone", life_s=60)

    assert candidate.get("/api/interview").json()["type"].endswith(":not-found")


def test_errors_do_not_repeat_what_was_sent(candidate: Candidate):
    reply = candidate.post("/api/uploads/list", {"upload": "secret" * 1_000, "after": "secret"})

    assert reply.status_code == 422
    assert "secret" not in reply.text


@given(st.text(max_size=70), st.text(max_size=70))
@settings(max_examples=300)
def test_bad_input_4_no_accepted_id_leaves_the_sessions_prefix(session: str, question: str):
    adapter: TypeAdapter[str] = TypeAdapter(Identifier)
    try:
        keys, id_ = SessionKeys("trial", adapter.validate_python(session)), adapter.validate_python(question)
    except ValidationError:
        return
    key = keys.recording(id_, 1, Track.VIDEO, "video/mp4")

    assert key.split("/") == ["trial", session, question, "take-1", "video.mp4"]
    assert ".." not in key
    assert key.isascii()


def _assert_problem(reply: httpx.Response) -> None:
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["type"].startswith("urn:slipstream:problem:")
    assert problem["status"] == reply.status_code
