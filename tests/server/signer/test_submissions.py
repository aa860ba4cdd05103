"""Documents, and the record that closes a session."""

import hashlib
import json
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.contract import Question, TextRules
from server.signer.document_sizes import max_answer_bytes
from server.signer.tickets import Tickets
from server.store.storage import Storage
from tests.support.signer_client import Candidate

BODY = b'{"text": "Yes."}'


def test_a_document_is_stored_by_its_signed_url(candidate: Candidate, storage: Storage):
    md5 = hashlib.md5(BODY).hexdigest()
    signed = candidate.post(
        "/api/documents/sign", {"question": "written", "take": 1, "size": len(BODY), "md5": md5}
    ).json()

    assert candidate.client.put(signed["url"], content=BODY + b" ", headers=signed["headers"]).status_code == 403
    assert candidate.client.put(signed["url"], content=BODY, headers={"content-type": "text/html"}).status_code == 403
    assert candidate.client.put(signed["url"], content=BODY, headers=signed["headers"]).status_code == 200
    assert signed["key"] == f"trial/{candidate.session}/written/take-1/answer.json"
    assert storage.objects.read(signed["key"]) == BODY


def test_a_submission_closes_the_session(candidate: Candidate, storage: Storage):
    upload = candidate.create(question="extra", track="audio", content_type="audio/mp4").json()["upload"]
    answers = candidate.answers()

    receipt = candidate.post("/api/submission", {"answers": answers})

    assert receipt.status_code == 200, receipt.text
    written = storage.objects.read(f"trial/{candidate.session}/submission.json")
    assert written is not None
    assert json.loads(written) == receipt.json()
    assert storage.multipart.open_uploads(f"trial/{candidate.session}/") == []
    for path, body in (("/api/uploads/list", {"upload": upload}), ("/api/uploads/abort", {"upload": upload})):
        assert candidate.post(path, body).json()["type"].endswith(":already-submitted")
    assert candidate.create(take=2).status_code == 403
    assert candidate.get("/api/interview").status_code == 403


def test_the_same_submission_again_gives_the_same_receipt_and_another_is_refused(candidate: Candidate):
    answers = candidate.answers()
    first = candidate.post("/api/submission", {"answers": answers})
    again = candidate.post("/api/submission", {"answers": answers})
    answers[1]["text"] = "No."
    other = candidate.post("/api/submission", {"answers": answers})

    assert first.json() == again.json()
    assert (other.status_code, other.json()["type"]) == (403, "urn:slipstream:problem:already-submitted")


def _track(answers: list[dict[str, Any]]) -> dict[str, Any]:
    track: dict[str, Any] = answers[0]["tracks"]["video"]
    return track


@pytest.mark.parametrize(
    ("spoil", "type_"),
    [
        (lambda a: a.pop(), "incomplete"),
        (lambda a: a[1].update(text="  "), "incomplete"),
        (lambda a: a[0]["tracks"].clear(), "incomplete"),
        (lambda a: _track(a).update(size=1), "incomplete"),
        (lambda a: a[0].update(take=2), "invalid"),
        (lambda a: _track(a).update(content_type="video/webm"), "invalid"),
        (lambda a: _track(a).update(key="trial/someone/both/take-1/video.mp4"), "invalid"),
        (lambda a: _track(a).update(key="../../etc/passwd"), "invalid"),
        (lambda a: a[1].update(text="more than ten"), "invalid"),
        (lambda a: a[0].update(text="not asked for"), "invalid"),
        (lambda a: a.append(dict(a[1])), "invalid"),
        (lambda a: _track(a).update(duration_s=-1), "invalid"),
    ],
)
def test_a_submission_that_does_not_hold_is_refused_and_may_be_corrected(candidate: Candidate, spoil: Any, type_: str):
    answers = candidate.answers()
    spoiled = json.loads(json.dumps(answers))
    spoil(spoiled)

    refused = candidate.post("/api/submission", {"answers": spoiled})

    assert refused.status_code == 422
    assert refused.json()["type"].endswith(f":{type_}")
    assert candidate.post("/api/submission", {"answers": answers}).status_code == 200


def test_one_track_of_two_is_an_answer(candidate: Candidate):
    answers = candidate.answers()
    answers[0]["tracks"].pop("audio")

    assert candidate.post("/api/submission", {"answers": answers}).status_code == 200


def test_an_incomplete_submission_lists_what_is_missing(candidate: Candidate):
    reply = candidate.post("/api/submission", {"answers": []}).json()

    assert [(error["question"], error["msg"]) for error in reply["errors"]] == [
        ("both", "not answered"),
        ("written", "not answered"),
    ]


def test_the_interview_tells_what_the_bucket_already_has(candidate: Candidate, storage: Storage):
    answers = candidate.answers()
    key = f"trial/{candidate.session}/both/take-1/answer.json"
    storage.objects.write(key, json.dumps(answers[0]).encode(), "application/json")

    assert [answer["question"] for answer in candidate.get("/api/interview").json()["answers"]] == ["both"]


def test_of_two_takes_the_later_one_is_told(candidate: Candidate, storage: Storage):
    for take in (1, 2):
        record = {"question": "both", "take": take}
        key = f"trial/{candidate.session}/both/take-{take}/answer.json"
        storage.objects.write(key, json.dumps(record).encode(), "application/json")

    assert [answer["take"] for answer in candidate.get("/api/interview").json()["answers"]] == [2]


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"question": "nobody", "take": 1}', b'{"question": "both", "take": 9}']
)
def test_a_document_that_does_not_fit_the_interview_is_left_out(candidate: Candidate, storage: Storage, body: bytes):
    storage.objects.write(f"trial/{candidate.session}/both/take-1/answer.json", body, "application/json")

    assert candidate.get("/api/interview").json()["answers"] == []


def test_bad_input_8_document_longer_than_an_answer_can_be_is_neither_signed_nor_read(
    candidate: Candidate, storage: Storage, monkeypatch: pytest.MonkeyPatch
):
    four_mib = 4 * 1024 * 1024
    asked = {"question": "written", "take": 1, "md5": "0" * 32}
    most = max_answer_bytes(Question(id="written", prompt="?", text=TextRules(max_characters=10)))
    assert candidate.post("/api/documents/sign", {**asked, "size": most}).status_code == 200
    assert candidate.post("/api/documents/sign", {**asked, "size": most + 1}).status_code == 422
    planted = f"trial/{candidate.session}/written/take-1/answer.json"
    storage.objects.write(planted, b'{"text": "' + b"x" * four_mib + b'"}', "application/json")
    read: list[str] = []
    monkeypatch.setattr(storage.objects, "read", read.append)

    assert candidate.get("/api/interview").json()["answers"] == []
    assert read == []


@pytest.mark.parametrize("session", ["probe", "connection-check", "device-", "submission", "_tail", "_pad"[1:]])
def test_session_with_any_name_is_safe(client: httpx.Client, tickets: Tickets, storage: Storage, session: str):
    if session.startswith("_"):
        with pytest.raises(ValidationError):
            tickets.mint(session=session, interview="trial", life_s=60)
        return
    candidate = Candidate(client, tickets, session)
    submission = {"answers": candidate.answers()}

    assert candidate.post("/api/submission", submission).status_code == 200
    assert client.get("/api/health").status_code == 200
    kept = storage.objects.sizes(f"trial/{session}/")
    assert {f"trial/{session}/both/take-1/{name}" for name in ("video.mp4", "audio.webm")} <= kept.keys()


def test_submission_says_what_only_the_page_vouches_for(candidate: Candidate, storage: Storage):
    receipt = candidate.post("/api/submission", {"answers": candidate.answers()}).json()

    assert {one["claimed"][0] for one in receipt["objects"]} == {"sha256"}
    assert all({"duration_s"} <= {*one["claimed"]} and "size" not in one["claimed"] for one in receipt["objects"])
