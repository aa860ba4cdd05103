"""What becomes a row, and what is named as a fault."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.contract.efficiency import EfficiencyRecord
from server.reports.bucket import ListedObject
from server.reports.listing import ids_of
from server.reports.rows import COLUMNS, MAX_BYTES, PARTITIONS, row_of
from tests.support.synthetic_sessions import sessions

NOW = datetime(2026, 11, 27, tzinfo=UTC)
LISTED = ListedObject("backend/s-1/efficiency.json", "etag", NOW, 1_000)


def record(**changed: Any) -> dict[str, Any]:
    return {**next(sessions(1)), "session": "s-1", **changed}


def row(body: dict[str, Any]) -> dict[str, Any]:
    return row_of(LISTED, json.dumps(body).encode(), NOW)


def test_every_figure_of_a_report_has_a_column():
    elsewhere = {"uploads", "interview"}  # the sums of all uploads are in the row; the interview is in the path

    assert set(EfficiencyRecord.model_fields) - elsewhere <= set(COLUMNS)
    assert set(row(record())) <= set(COLUMNS) | set(PARTITIONS)


def test_the_month_is_that_of_writing_in_utc():
    assert row(record(written_at="2026-11-01T00:30:00+02:00"))["month"] == "2026-10"


def test_fields_of_a_newer_signer_are_ignored():
    assert "fault" not in row(record(invented_later=1))


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (b"", "Invalid JSON: EOF while parsing a value at line 1 column 0"),
        (b'{"half": ', "Invalid JSON: EOF while parsing a value at line 1 column 9"),
        (b"\xff\xfe", "Invalid JSON: expected value at line 1 column 1"),
        (b" " * (MAX_BYTES + 1), "larger than 256 KiB"),
    ],
)
def test_what_is_no_report_is_a_row_with_a_fault(body: bytes, fault: str):
    damaged = row_of(LISTED, body, NOW)

    assert (damaged["fault"], damaged["key"], damaged["month"]) == (fault, LISTED.key, "2026-11")
    assert "wait_s" not in damaged


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"wait_s": -1}, "wait_s: Input should be greater than or equal to 0"),
        ({"session": "s-2"}, "names another interview or session than its key"),
        ({"written_at": "yesterday"}, "written_at: not a time as in RFC 3339"),
        ({"written_at": "2026-11-27T10:00:00"}, "written_at: without a time zone"),
    ],
)
def test_a_foreign_report_is_a_row_with_a_fault(changed: dict[str, Any], fault: str):
    assert row(record(**changed))["fault"] == fault


@pytest.mark.parametrize(
    "key",
    [
        "_tail/backend/s-1/efficiency.json",
        "backend/s-1/question/efficiency.json",
        "analytics/interview=backend/month=2026-11/efficiency.json",
        "backend/efficiency.json",
        "backend/s-1/submission.json",
        "backend/.s/efficiency.json",
    ],
)
def test_other_objects_are_no_reports(key: str):
    assert ids_of(key) is None
