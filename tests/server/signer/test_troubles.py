"""What pages cannot mend stands in the signer's log, with what to do."""

import logging

import pytest

from app.contract import TroubleKind
from tests.support.signer_client import Candidate


@pytest.mark.parametrize("kind", TroubleKind)
def test_row_27_operator_reads_what_is_refused_where_and_what_to_do(
    candidate: Candidate, caplog: pytest.LogCaptureFixture, kind: TroubleKind
):
    with caplog.at_level(logging.WARNING, "slipstream.trouble"):
        reply = candidate.post("/api/trouble", {"kind": kind, "question": "both", "part_bytes": 65_536})

    assert reply.status_code == 204
    [record] = [record for record in caplog.records if record.name == "slipstream.trouble"]
    assert record.levelno == logging.WARNING
    line = record.getMessage()
    assert all(word in line for word in (kind, f"trial/{candidate.session}", "question both", "65536"))
    assert candidate.ticket not in line


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "anything"}, 422),
        ({"question": "both\nforged line"}, 422),
        ({"question": "nowhere"}, 404),
        ({"part_bytes": 0}, 422),
        ({"text": "free"}, 422),
    ],
)
def test_row_27_nobody_writes_into_the_log_what_they_like(
    candidate: Candidate, caplog: pytest.LogCaptureFixture, change: dict[str, object], status: int
):
    body = {"kind": "blocked", "question": "both"} | change
    with caplog.at_level(logging.WARNING, "slipstream.trouble"):
        assert candidate.post("/api/trouble", body).status_code == status

    assert not [record for record in caplog.records if record.name == "slipstream.trouble"]


def test_row_27_trouble_without_a_ticket_is_not_heard(candidate: Candidate):
    body = {"kind": "blocked", "question": "both"}
    assert candidate.client.post("/api/trouble", json=body).status_code == 401
