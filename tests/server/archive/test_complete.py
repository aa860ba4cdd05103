"""`sessions complete`: what a candidate has begun and left is kept."""

import json
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.contract import AnswerRecord, SubmissionReceipt
from server.archive.activity import last_activity
from server.archive.completion import Completed, Completion, Outcome
from server.archive.contents import Contents
from server.store.storage import Storage
from tests.support.commands import Run
from tests.support.signer_client import PART_BYTES, Candidate
from tests.support.waiting import eventually

LATER_S = 2 * 3600.0
PIECES = [b"v" * PART_BYTES, b"w" * PART_BYTES, b"x"]
DEVICE = "d" * 32


def _complete(storage: Storage, contents: Contents, session: str, *, closes: bool = False) -> Completed:
    completion = Completion(storage, contents)
    return completion.complete(contents.session(session), time.time() + LATER_S, ["both", "written"], closes=closes)


def _begun(candidate: Candidate, pieces: list[bytes] = PIECES, **changes: str) -> str:
    """Send pieces and leave. Return the key."""
    grant = candidate.create(**changes).json()
    candidate.send(grant["upload"], pieces)
    key: str = grant["key"]
    return key


def _answer(storage: Storage, candidate: Candidate, take: str) -> AnswerRecord:
    return AnswerRecord.model_validate_json(
        storage.objects.read(f"trial/{candidate.session}/{take}/answer.json") or b""
    )


def test_what_has_arrived_becomes_the_recording(candidate: Candidate, storage: Storage, contents: Contents):
    key = _begun(candidate)

    done = _complete(storage, contents, candidate.session)

    assert [(one.place.name, one.size) for one in done.kept] == [("both/take-1/video", 2 * PART_BYTES + 1)]
    assert storage.objects.read(key) == b"".join(PIECES)
    record = _answer(storage, candidate, "both/take-1").tracks["video"]  # type: ignore[index]
    assert (record.key, record.size, record.sha256) == (key, 2 * PART_BYTES + 1, None)
    assert (record.interrupted, record.content_type) == (True, "video/mp4")
    assert candidate.get("/api/interview").json()["answers"], "the candidate may go on, with this answer"


def test_parts_behind_a_gap_are_not_part_of_it(candidate: Candidate, storage: Storage, contents: Contents):
    grant = candidate.create().json()
    for number in (1, 2, 4):
        candidate.client.put(candidate.sign(grant["upload"], number, PART_BYTES), content=b"%d" % number * PART_BYTES)

    _complete(storage, contents, candidate.session)

    assert storage.objects.read(grant["key"]) == b"1" * PART_BYTES + b"2" * PART_BYTES


def test_a_try_that_was_killed_before_its_end_is_repeated(candidate: Candidate, storage: Storage, contents: Contents):
    grant = candidate.create().json()
    for number in (1, 3):
        candidate.client.put(candidate.sign(grant["upload"], number, PART_BYTES), content=b"%d" % number * PART_BYTES)
    [upload] = contents.session(candidate.session).uploads
    storage.bucket.client.upload_part(
        Bucket=storage.bucket.name, Key=grant["key"], UploadId=upload.id, PartNumber=3, Body=b""
    )
    assert list(storage.multipart.all_parts(grant["key"], upload.id)) == [1], "an empty part is none to a page"

    _complete(storage, contents, candidate.session)

    assert storage.objects.read(grant["key"]) == b"1" * PART_BYTES


def test_an_upload_without_its_first_part_is_left_open(candidate: Candidate, storage: Storage, contents: Contents):
    grant = candidate.create().json()
    candidate.client.put(candidate.sign(grant["upload"], 2, PART_BYTES), content=b"2" * PART_BYTES)

    done = _complete(storage, contents, candidate.session)

    assert [one.size for one in done.kept] == [0]
    assert storage.objects.head(grant["key"]) is None
    assert [one.key for one in contents.session(candidate.session).uploads] == [grant["key"]]


def test_a_second_time_changes_nothing(candidate: Candidate, storage: Storage, contents: Contents):
    _begun(candidate)
    _complete(storage, contents, candidate.session, closes=True)
    before = {key: storage.objects.read(key) for key in storage.objects.keys(f"trial/{candidate.session}/")}

    done = _complete(storage, contents, candidate.session, closes=True)

    assert (done.outcome, done.kept) == (Outcome.SUBMITTED, ())
    assert before == {key: storage.objects.read(key) for key in storage.objects.keys(f"trial/{candidate.session}/")}


def test_a_stored_take_is_not_replaced_by_another_upload_of_it(
    candidate: Candidate, storage: Storage, contents: Contents
):
    grant = candidate.create().json()
    candidate.send(grant["upload"], [b"left behind"])
    storage.objects.write(grant["key"], b"stored", "video/mp4")

    done = _complete(storage, contents, candidate.session)

    assert (done.kept, storage.objects.read(grant["key"])) == ((), b"stored")


def test_of_two_uploads_of_one_take_the_longer_one_is_kept(candidate: Candidate, storage: Storage, contents: Contents):
    key = f"trial/{candidate.session}/both/take-1/video.mp4"
    for content in (b"long enough", b"short"):
        upload = storage.multipart.create(key, "video/mp4", "token")
        url, _ = storage.urls.sign_part(key, upload, 1, size=len(content), md5=None, life_s=60)
        assert candidate.client.put(url, content=content).is_success

    [kept] = _complete(storage, contents, candidate.session).kept

    assert (storage.objects.read(key), kept.others) == (b"long enough", 1)


def test_a_recording_without_answer_json_gets_one_with_the_text_given_before(
    candidate: Candidate, storage: Storage, contents: Contents
):
    text = AnswerRecord(question="both", take=1, text="As I said", revision=3)
    path = f"trial/{candidate.session}/both/take-1/answer.json"
    storage.objects.write(path, text.model_dump_json().encode(), "application/json")
    candidate.record([b"a take"], take=2)

    _complete(storage, contents, candidate.session)

    answer = _answer(storage, candidate, "both/take-2")
    assert (answer.text, answer.revision, list(answer.tracks)) == ("As I said", 3, ["video"])


def test_a_candidate_of_this_hour_is_left_alone(candidate: Candidate, storage: Storage, run: Run):
    key = _begun(candidate)

    done = run("complete", candidate.session)

    assert (done.code, storage.objects.head(key)) == (0, None)
    assert "left alone. Something has arrived in the last hour" in done.err


def test_a_new_part_of_an_old_upload_is_activity(candidate: Candidate, storage: Storage, contents: Contents):
    grant = candidate.create().json()
    stored = contents.session(candidate.session)
    begun_at = stored.uploads[0].started_at or 0.0
    while time.time() < begun_at + 1.1:  # the store tells whole seconds
        time.sleep(0.05)
    candidate.send(grant["upload"], [b"v"])

    assert last_activity(storage, stored) > begun_at


def test_a_closed_session_is_submitted_for_its_candidate(candidate: Candidate, storage: Storage, contents: Contents):
    ticket = candidate.tickets.mint(session=candidate.session, interview="trial", life_s=60, reference="K-17")
    candidate.ticket = ticket
    candidate.get("/api/interview")
    eventually(lambda: storage.objects.head(f"trial/{candidate.session}/session.json"), "session.json")
    _begun(candidate)
    candidate.on(DEVICE).post("/api/claim", {})

    _complete(storage, contents, candidate.session, closes=True)

    receipt = SubmissionReceipt.model_validate_json(
        storage.objects.read(f"trial/{candidate.session}/submission.json") or b""
    )
    assert (receipt.closed_by_operator, [one.question for one in receipt.answers]) == (True, ["both"])
    assert [one.size for one in receipt.objects] == [2 * PART_BYTES + 1]
    assert receipt.reference == "K-17"
    reply = candidate.get("/api/interview")
    assert (reply.status_code, reply.json()["type"]) == (403, "urn:slipstream:problem:already-submitted")
    submitted = candidate.post("/api/submission", {"answers": [{"question": "written", "take": 1, "text": "Late"}]})
    assert submitted.status_code == 403
    assert storage.multipart.open_uploads(f"trial/{candidate.session}/") == []


def test_the_latest_take_at_each_question_counts(candidate: Candidate, storage: Storage, contents: Contents):
    candidate.record([b"first"])
    candidate.record([b"second"], take=2)
    _begun(candidate, [b"sound"], question="extra", track="audio", content_type="audio/webm")

    _complete(storage, contents, candidate.session, closes=True)

    receipt = json.loads(storage.objects.read(f"trial/{candidate.session}/submission.json") or b"")
    assert [(one["question"], one["take"]) for one in receipt["answers"]] == [("both", 2), ("extra", 1)]


def test_all_that_are_older_are_completed_and_noted(
    candidate: Candidate, storage: Storage, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    key = _begun(candidate)
    later = SimpleNamespace(time=lambda: time.time() + 8 * 24 * 3600)
    monkeypatch.setattr("server.cli.sessions.time", later)

    done = run("complete", "--older-than", "7d", "--interview", "trial", "--close")

    assert (done.code, storage.objects.read(key)) == (0, b"".join(PIECES)), done.err
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
    [line] = [line for line in lines if line["session"] == candidate.session]
    assert {name: line[name] for name in ("command", "interview", "outcome", "recordings")} == {
        "command": "close",
        "interview": "trial",
        "outcome": "done",
        "recordings": 1,
    }


def test_a_session_without_loose_ends_is_neither_touched_nor_noted(
    candidate: Candidate, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, storage: Storage
):
    candidate.record([b"v"])
    answer = AnswerRecord(question="both", take=1).model_dump_json().encode()
    storage.objects.write(f"trial/{candidate.session}/both/take-1/answer.json", answer, "application/json")
    monkeypatch.setattr("server.cli.sessions.time", SimpleNamespace(time=lambda: time.time() + 8 * 24 * 3600))

    run("complete", "--older-than", "7d", "--interview", "trial")

    audit = tmp_path / "audit.jsonl"
    assert candidate.session not in (audit.read_text() if audit.exists() else "")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Name a session, or say with --older-than"),
        (("s", "--older-than", "7d"), "Name a session, or say with --older-than"),
        (("--older-than", "soon"), "'soon' is not a time such as 90m, 36h or 7d."),
    ],
)
def test_what_cannot_be_meant_is_said(run: Run, arguments: tuple[str, ...], says: str):
    done = run("complete", *arguments)

    assert (done.code, says in done.err) == (1, True), done.err
