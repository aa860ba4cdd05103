"""efficiency.json: who may write it, and what it says."""

import json
from typing import Any

import pytest

from app.contract.efficiency import MAX_REPORT_BYTES, Efficiency, EfficiencyRecord
from server.store.storage import Storage
from tests.support.signer_client import Candidate

REPORT = Efficiency(mode="progressive", step="begun", questions=3, answered=1, open_s=12.5, recorded=1_000)
HERE, THERE = "0" * 32, "1" * 32


def body(**changes: Any) -> Any:
    return {**json.loads(REPORT.model_dump_json()), **changes}


def written(storage: Storage, candidate: Candidate) -> EfficiencyRecord | None:
    found = storage.objects.read(f"trial/{candidate.session}/efficiency.json")
    return None if found is None else EfficiencyRecord.model_validate_json(found)


def test_report_is_written_with_what_the_signer_knows(candidate: Candidate, storage: Storage):
    assert candidate.post("/api/efficiency", body()).status_code == 204

    record = written(storage, candidate)
    assert record is not None
    assert (record.interview, record.session, record.is_submitted) == ("trial", candidate.session, False)
    assert record.written_at.endswith("Z")
    assert Efficiency(**{name: getattr(record, name) for name in Efficiency.model_fields}) == REPORT


def test_later_report_replaces_the_earlier_one(candidate: Candidate, storage: Storage):
    for recorded in (1, 2):
        candidate.post("/api/efficiency", body(recorded=recorded))

    record = written(storage, candidate)
    assert record is not None
    assert record.recorded == 2


def test_session_is_submitted_only_if_the_store_says_so(candidate: Candidate, storage: Storage):
    candidate.post("/api/efficiency", body(step="submitted"))
    claimed = written(storage, candidate)
    candidate.post("/api/submission", {"answers": candidate.answers()})
    candidate.post("/api/efficiency", body(step="submitted"))
    closed = written(storage, candidate)

    assert claimed is not None
    assert closed is not None
    assert (claimed.is_submitted, closed.is_submitted) == (False, True)


def test_device_that_lost_the_session_reports_nothing_more(candidate: Candidate, storage: Storage):
    here, there = candidate.on(HERE), candidate.on(THERE)
    here.create()
    there.post("/api/claim", {})

    assert here.post("/api/efficiency", body(recorded=1)).json()["type"].endswith(":taken-over")
    assert there.post("/api/efficiency", body(recorded=2)).status_code == 204
    record = written(storage, candidate)
    assert record is not None
    assert record.recorded == 2


def test_report_of_a_page_that_was_only_opened_claims_no_session(candidate: Candidate):
    candidate.on(HERE).post("/api/efficiency", body())

    assert candidate.on(THERE).get("/api/interview").json()["is_open_elsewhere"] is False


def test_policy_can_opt_out(candidate: Candidate, storage: Storage):
    candidate.ticket = candidate.tickets.mint(
        session=candidate.session, interview="trial", life_s=60, policy={"has_report": False}
    )

    assert candidate.post("/api/efficiency", body()).status_code == 204
    assert written(storage, candidate) is None


@pytest.mark.parametrize(
    "spoiled",
    [
        {"interview": "other"},  # only the signer says where a report belongs
        {"is_submitted": True},
        {"assignments": {}},
        {"step": "flown"},
        {"recorded": -1},
        {"overlap": 1.1},
        {"wait_s": float("inf")},
        {"retries": {"because": 1}},
        {"uploads": [{}]},
    ],
)
def test_report_that_makes_no_sense_is_refused(candidate: Candidate, storage: Storage, spoiled: dict[str, Any]):
    content = json.dumps({**body(), **spoiled})
    headers = {**candidate.headers, "Content-Type": "application/json"}
    reply = candidate.client.post("/api/efficiency", content=content, headers=headers)

    assert (reply.status_code, reply.json()["type"]) == (422, "urn:slipstream:problem:invalid")
    assert written(storage, candidate) is None


def test_report_that_no_browser_would_send_is_too_long(candidate: Candidate):
    content = json.dumps(body()) + " " * MAX_REPORT_BYTES
    headers = {**candidate.headers, "Content-Type": "application/json"}

    assert candidate.client.post("/api/efficiency", content=content, headers=headers).status_code == 413


def test_report_needs_a_ticket(candidate: Candidate):
    assert candidate.client.post("/api/efficiency", json=body()).status_code == 401
