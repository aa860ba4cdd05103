"""One session on two devices: one records, the other is told and can take over, and nothing collides."""

from typing import Any

import pytest

from app.contract import ProblemType, Track
from server.signer.devices import Devices
from server.signer.object_keys import SessionKeys
from server.store.multipart import OpenUpload
from server.store.storage import Storage
from tests.support.signer_client import PART_BYTES, Candidate

LAPTOP, PHONE = "1" * 32, "2" * 32


def is_elsewhere(candidate: Candidate) -> bool:
    told: bool = candidate.get("/api/interview").json()["is_open_elsewhere"]
    return told


def take_over(candidate: Candidate) -> None:
    assert candidate.post("/api/claim", None).status_code == 204


def problem(reply: Any) -> str:
    told: str = reply.json()["type"]
    return told


def test_row_41_the_later_device_is_told_however_often_each_looks(candidate: Candidate):
    laptop, phone = candidate.on(LAPTOP), candidate.on(PHONE)
    assert [is_elsewhere(one) for one in (laptop, phone)] == [False, False], "a link that was only opened counts"
    laptop.create()
    assert [is_elsewhere(one) for one in (laptop, phone, laptop, phone)] == [False, True, False, True]


def test_row_41_the_later_device_begins_nothing_before_it_takes_over_and_the_earlier_nothing_after(
    candidate: Candidate,
):
    laptop, phone = candidate.on(LAPTOP), candidate.on(PHONE)
    assert laptop.create().status_code == 201
    document = {"question": "written", "take": 1, "size": 2, "md5": "0" * 32}
    for refused in (phone.create(), phone.post("/api/documents/sign", document)):
        assert (refused.status_code, problem(refused)) == (409, ProblemType.TAKEN_OVER)

    take_over(phone)
    assert phone.create().status_code == 201
    assert problem(laptop.create()) == ProblemType.TAKEN_OVER
    assert problem(laptop.post("/api/submission", {"answers": []})) == ProblemType.TAKEN_OVER
    assert [is_elsewhere(laptop), is_elsewhere(phone)] == [True, False]

    take_over(laptop)
    assert laptop.create().status_code == 201
    assert [is_elsewhere(laptop), is_elsewhere(phone)] == [False, True]


def test_row_41_two_devices_at_one_take_abort_nothing_of_each_other_and_the_first_to_be_complete_counts(
    candidate: Candidate, storage: Storage
):
    laptop, phone = candidate.on(LAPTOP), candidate.on(PHONE)
    spoken, typed = [b"l" * PART_BYTES, b"aptop"], [b"p" * PART_BYTES, b"hone"]
    on_laptop = laptop.create().json()
    sent = laptop.send(on_laptop["upload"], spoken[:1])
    take_over(phone)
    on_phone = phone.create(nonce=PHONE).json()
    assert on_phone["key"] == on_laptop["key"]
    assert phone.complete(on_phone["upload"], phone.send(on_phone["upload"], typed)).status_code == 200

    assert laptop.post("/api/uploads/list", {"upload": on_laptop["upload"]}).json()["state"] == "open"
    late = laptop.complete(on_laptop["upload"], sent)
    assert (late.status_code, problem(late)) == (409, ProblemType.TAKE_EXISTS)
    assert storage.objects.read(on_phone["key"]) == b"".join(typed), "what was stored has been replaced"
    assert [key for key, _ in storage.multipart.open_uploads(on_phone["key"])] == [], "an upload is left open"

    take_over(laptop)
    assert problem(laptop.create()) == ProblemType.TAKE_EXISTS
    again = laptop.create(take=2).json()
    assert laptop.complete(again["upload"], laptop.send(again["upload"], spoken)).status_code == 200


def test_row_41_a_lost_reply_to_a_creation_leaves_nothing_open_on_the_device_that_has_the_session(
    candidate: Candidate, storage: Storage
):
    laptop, phone = candidate.on(LAPTOP), candidate.on(PHONE)
    key = laptop.create().json()["key"]
    take_over(phone)
    phone.create()
    kept = phone.create().json()
    assert len(storage.multipart.open_uploads(key)) == 2, "the other device's upload was aborted, or an own one is left"
    assert phone.complete(kept["upload"], phone.send(kept["upload"], [b"whole"])).status_code == 200


def test_a_store_that_forgets_what_was_begun_lets_the_device_go_on(candidate: Candidate, storage: Storage):
    laptop = candidate.on(LAPTOP)
    laptop.create()
    for key, upload in storage.multipart.open_uploads(f"trial/{candidate.session}/"):
        storage.multipart.abort(key, upload)
    assert laptop.create().status_code == 201
    assert not is_elsewhere(laptop)
    assert is_elsewhere(candidate.on(PHONE))


def test_a_device_that_has_said_nothing_is_neither_told_nor_held_up(candidate: Candidate):
    assert candidate.on(LAPTOP).create().status_code == 201
    assert not is_elsewhere(candidate)
    assert candidate.create().status_code == 201
    assert candidate.post("/api/claim", None).status_code == 422


def test_a_device_can_only_be_named_by_32_digits(candidate: Candidate):
    for name in ("../x", "A" * 32, "1" * 31, "1" * 33, "x/submission.json"):
        assert candidate.on(name).get("/api/interview").status_code == 422


def test_submission_ends_every_claim(candidate: Candidate, storage: Storage):
    laptop = candidate.on(LAPTOP)
    assert laptop.post("/api/submission", {"answers": laptop.answers()}).status_code == 200
    assert storage.multipart.open_uploads(f"trial/{candidate.session}/") == []


def test_a_store_that_lists_no_uploads_by_prefix_is_not_filled_with_claims(
    candidate: Candidate, storage: Storage, monkeypatch: pytest.MonkeyPatch
):
    """MinIO lists those of a whole key alone."""
    lists, create = storage.multipart.list_open, storage.multipart.create
    made: list[str] = []

    def created(key: str, content_type: str, token: str) -> str:
        made.append(key)
        return create(key, content_type, token)

    def listed(prefix: str) -> list[OpenUpload]:
        return [one for one in lists(prefix) or () if one.key == prefix]

    monkeypatch.setattr(storage.multipart, "list_open", listed)
    monkeypatch.setattr(storage.multipart, "create", created)
    devices, keys = Devices(storage), SessionKeys("trial", candidate.session)
    for device in (LAPTOP, PHONE, LAPTOP):
        assert not devices.is_elsewhere(keys, device)
        assert devices.check(keys, device).superseded(keys.recording("both", 1, Track.VIDEO, "video/mp4"), device) == []
    assert made == [keys.claim(LAPTOP)]
    assert lists(keys.claim(LAPTOP)) == [], "the claim is left open"


def test_who_says_no_device_leaves_no_creation_open_behind_the_next(candidate: Candidate, storage: Storage):
    keys = {candidate.create().json()["key"] for _ in range(3)}
    assert [len(storage.multipart.open_uploads(key)) for key in keys] == [1]


def test_a_session_that_changes_devices_again_and_again_leaves_few_uploads_open(candidate: Candidate, storage: Storage):
    laptop, phone = candidate.on(LAPTOP), candidate.on(PHONE)
    for _ in range(4):
        for device in (laptop, phone):
            take_over(device)
            key = device.create().json()["key"]
    assert len(storage.multipart.open_uploads(key)) == 3, "the own one, and two that others may come back to"
    assert len(storage.multipart.open_uploads(f"trial/{candidate.session}/device-")) == 1


@pytest.mark.parametrize(
    "listing", [None, [OpenUpload("trial/x/device-1", "1", None)]], ids=["refused", "without times"]
)
def test_a_listing_that_cannot_be_had_takes_a_session_from_nobody(
    candidate: Candidate, storage: Storage, monkeypatch: pytest.MonkeyPatch, listing: list[OpenUpload] | None
):
    devices, keys = Devices(storage), SessionKeys("trial", candidate.session)
    devices.check(keys, LAPTOP)
    with monkeypatch.context() as refusing:
        refusing.setattr(storage.multipart, "list_open", lambda _: listing)
        assert not devices.is_elsewhere(keys, PHONE)
        assert devices.check(keys, PHONE).claims == ()
    assert devices.is_elsewhere(keys, PHONE)
    assert not devices.is_elsewhere(keys, LAPTOP)
