"""session.json: whose session it is."""

import json
import threading
import time

import httpx
import pytest
from pydantic import ValidationError

from server.errors import StoreUnavailable
from server.signer.tickets import Tickets
from server.store.storage import Storage
from tests.support.signer_client import Candidate
from tests.support.waiting import eventually


def _ticket(tickets: Tickets, session: str, **claims: str) -> str:
    return tickets.mint(session=session, interview="trial", life_s=60, **claims)  # type: ignore[arg-type]


def test_the_first_opening_notes_whose_session_it_is(candidate: Candidate, storage: Storage):
    candidate.ticket = _ticket(candidate.tickets, candidate.session, name="Ada", reference="K-17", locale="pl")
    key = f"trial/{candidate.session}/session.json"

    assert candidate.get("/api/interview").status_code == 200

    eventually(lambda: storage.objects.head(key), "session.json")
    noted = json.loads(storage.objects.read(key) or b"")
    assert noted.pop("opened_at")[:10] == time.strftime("%Y-%m-%d", time.gmtime())
    assert noted == {
        "interview": "trial",
        "session": candidate.session,
        "name": "Ada",
        "reference": "K-17",
        "locale": "pl",
    }
    assert candidate.ticket.encode() not in (storage.objects.read(key) or b"")


def test_a_later_opening_with_another_ticket_changes_nothing(candidate: Candidate, storage: Storage):
    key = f"trial/{candidate.session}/session.json"
    candidate.get("/api/interview")
    eventually(lambda: storage.objects.head(key), "session.json")
    before = storage.objects.read(key)

    candidate.ticket = _ticket(candidate.tickets, candidate.session, name="Mallory")
    candidate.get("/api/interview")
    other = Candidate(candidate.client, candidate.tickets, f"{candidate.session}-2")
    other.get("/api/interview")  # its record is written after any other that was asked for before
    eventually(lambda: storage.objects.head(f"trial/{other.session}/session.json"), "the next record")

    assert storage.objects.read(key) == before


def test_a_later_opening_costs_no_call_more(candidate: Candidate, storage: Storage):
    candidate.get("/api/interview")
    eventually(lambda: storage.objects.head(f"trial/{candidate.session}/session.json"), "session.json")
    calls: list[str] = []
    events = storage.bucket.client.meta.events
    events.register("before-call.s3", lambda params, **_: calls.append(params["url_path"]), unique_id="counted")

    candidate.get("/api/interview")

    other = Candidate(candidate.client, candidate.tickets, f"{candidate.session}-2")
    other.get("/api/interview")  # its record is written after any other that was asked for before
    eventually(lambda: any(f"{other.session}/session.json" in call for call in calls), "the next record")
    events.unregister("before-call.s3", unique_id="counted")
    assert [call for call in calls if f"{candidate.session}/session.json" in call] == []


def test_a_store_that_fails_or_hangs_keeps_nobody_from_beginning(
    candidate: Candidate, storage: Storage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    goes_on, key = threading.Event(), f"trial/{candidate.session}/session.json"

    def fail(*_: object) -> bool:
        goes_on.wait(30)
        raise StoreUnavailable

    with monkeypatch.context() as store:
        store.setattr(storage.objects, "write_once", fail)
        assert candidate.get("/api/interview").status_code == 200
        goes_on.set()
        eventually(lambda: "session.json) is not written" in caplog.text, "the warning")
    assert storage.objects.head(key) is None

    candidate.get("/api/interview")

    eventually(lambda: storage.objects.head(key), "session.json")


def test_the_submission_carries_the_reference(candidate: Candidate, client: httpx.Client):
    candidate.ticket = _ticket(candidate.tickets, candidate.session, reference="K-17")

    receipt = candidate.post("/api/submission", {"answers": candidate.answers()}).json()

    assert (receipt["reference"], receipt["closed_by_operator"]) == ("K-17", False)


def test_a_reference_is_at_most_200_characters_long(tickets: Tickets):
    with pytest.raises(ValidationError, match="reference"):
        _ticket(tickets, "s", reference="9" * 201)
