"""The layout `resumable`: sessions as Google's documents describe them, from the first call to the object."""

import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.resumable_desk import MEDIA, PAGE, Desk, resumable_desk
from tests.support.scripted_gcs import STEP, Accident
from tests.support.scripted_s3 import Stored, md5_of


@pytest.fixture
def desk(interviews: Path) -> Iterator[Desk]:
    with resumable_desk(interviews) as desk:
        yield desk


def test_signer_begins_the_session_for_the_page_and_replaces_nothing(desk: Desk):
    grant = desk.create()

    assert desk.session.origin == PAGE
    assert desk.session.headers["content-type"] == "video/mp4"
    assert desk.session.headers["x-goog-if-generation-match"] == "0"
    assert not any(name.startswith("x-amz-") for name in desk.session.headers)
    assert (grant["is_md5_signed"], grant["parts"]["step_bytes"]) == (False, STEP)
    assert desk.url(grant).endswith("?upload_id=session-1")


def test_pieces_become_one_object_with_our_token(desk: Desk):
    grant = desk.create()
    desk.send_all(grant)

    done = desk.complete(grant)
    assert done.json() == {"key": grant["key"], "size": len(MEDIA)}
    assert desk.complete(grant).json() == done.json(), "a second call"
    assert desk.store.objects[grant["key"]].body == MEDIA
    assert len(desk.store.objects[grant["key"]].token) == 64
    assert desk.listed(grant) == ("completed", 0)


def test_signer_ends_a_session_whose_last_piece_did_not_say_so(desk: Desk):
    grant = desk.create()
    media = MEDIA[: 2 * STEP]
    assert desk.send(grant, 0, media).status_code == 308
    assert desk.store.objects == {}

    assert desk.complete(grant, media).status_code == 200
    assert desk.store.objects[grant["key"]].body == media


def test_list_says_how_much_of_a_broken_piece_is_there_and_it_may_be_sent_again(desk: Desk):
    grant = desk.create()
    assert desk.listed(grant) == ("open", 0)
    desk.store.accidents.append(Accident(share=0.75))
    with pytest.raises(httpx.TransportError):
        desk.send(grant, 0, MEDIA[: 2 * STEP])

    assert desk.listed(grant) == ("open", STEP)
    desk.send_all(grant)
    assert desk.complete(grant).status_code == 200
    assert desk.store.objects[grant["key"]].body == MEDIA


def test_session_without_all_bytes_is_not_completed(desk: Desk):
    grant = desk.create()
    desk.send(grant, 0, MEDIA[: 2 * STEP])

    assert desk.complete(grant).status_code == 422
    assert desk.store.open_sessions == [grant["key"]]


def test_damaged_object_is_deleted_and_its_upload_begins_again(desk: Desk):
    grant = desk.create()
    desk.send_all(grant, b"X" + MEDIA[1:])

    assert desk.complete(grant).json()["type"] == "urn:slipstream:problem:upload-unknown"
    assert desk.store.objects == {}
    again = desk.create()
    desk.send_all(again)
    assert desk.complete(again).status_code == 200


def test_object_of_a_page_that_cannot_digest_it_is_compared_by_size(desk: Desk):
    grant = desk.create()
    desk.send_all(grant)
    part = {"number": 1, "offset": 0, "size": len(MEDIA), "etag": "unknown"}
    body = {"upload": grant["upload"], "parts": [part], "size": len(MEDIA)}

    assert desk.candidate.post("/api/uploads/complete", body).status_code == 200


def test_object_that_another_device_has_stored_stays(desk: Desk):
    grant = desk.create()
    theirs = Stored(b"of another device", md5_of(b"of another device"), "theirs")
    desk.store.objects[grant["key"]] = theirs
    desk.send(grant, 0, MEDIA[: 2 * STEP])

    assert desk.send(grant, 2 * STEP, MEDIA[2 * STEP :], len(MEDIA)).status_code == 412
    assert desk.complete(grant).json()["type"] == "urn:slipstream:problem:take-exists"
    assert desk.store.objects == {grant["key"]: theirs}
    assert desk.store.open_sessions == [], "the session was left open"


def test_session_that_has_expired_is_unknown(desk: Desk):
    grant = desk.create()
    desk.send(grant, 0, MEDIA[: 2 * STEP])
    desk.store.sessions.clear()

    assert desk.listed(grant) == ("unknown", 0)
    assert desk.complete(grant).json()["type"] == "urn:slipstream:problem:upload-unknown"


def test_session_that_has_expired_after_its_end_is_completed(desk: Desk):
    grant = desk.create()
    desk.send_all(grant)
    desk.store.sessions.clear()

    assert desk.listed(grant) == ("completed", 0)
    assert desk.complete(grant).status_code == 200


def test_withdrawn_take_cancels_its_session_and_leaves_a_complete_object(desk: Desk):
    grant = desk.create()
    for _ in range(2):
        assert desk.candidate.post("/api/uploads/abort", {"upload": grant["upload"]}).status_code == 204
    assert desk.store.sessions == {}
    assert desk.send(grant, 0, MEDIA[:STEP]).status_code == 404

    other = desk.create(take=2)
    desk.send_all(other)
    desk.candidate.post("/api/uploads/abort", {"upload": other["upload"]})
    assert desk.store.objects.keys() == {other["key"]}


def test_recording_above_the_questions_limit_is_not_completed(desk: Desk):
    grant = desk.create()
    huge = 10**12
    body = {"upload": grant["upload"], "parts": [], "size": huge}
    assert desk.candidate.post("/api/uploads/complete", body).status_code == 422


def test_device_that_has_lost_the_interview_begins_no_session(desk: Desk):
    one, two = desk.candidate.on("a" * 32), desk.candidate.on("b" * 32)
    assert one.create().status_code == 201
    assert two.post("/api/claim", {}).status_code == 204

    assert one.create(take=2).json()["type"] == "urn:slipstream:problem:taken-over"
    assert two.create(take=2).status_code == 201


def test_no_log_names_a_session(desk: Desk, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.INFO)
    grant = desk.create()
    desk.send_all(grant)
    desk.complete(grant)
    told = [one.getMessage() for one in caplog.records if one.name != "httpx"]  # that is the test's own client
    assert told
    assert not any("upload_id" in line for line in told)
