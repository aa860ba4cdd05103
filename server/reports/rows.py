"""One row of the table for each report that was read: its figures, or what is wrong with it."""

from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from app.contract.efficiency import EfficiencyRecord
from server.reports.bucket import ListedObject
from server.reports.listing import ids_of

MAX_BYTES = 256 * 1024  # the page's report has at most 60 KiB; the signer adds the assignments
# DuckDB's names of the types; docs/REPORTS.md has the same table for Athena, Trino and Spark.
COLUMNS = {
    "key": "VARCHAR",
    "etag": "VARCHAR",
    "modified_at": "TIMESTAMPTZ",  # the store's clock; of several rows of one key the last one counts
    "read_at": "TIMESTAMPTZ",
    "fault": "VARCHAR",  # NULL: a good report; else every figure is NULL
    "session": "VARCHAR",
    "written_at": "TIMESTAMPTZ",
    "version": "INTEGER",
    "mode": "VARCHAR",
    "layout": "VARCHAR",
    "step": "VARCHAR",
    "is_submitted": "BOOLEAN",
    "visits": "INTEGER",
    "questions": "INTEGER",
    "answered": "INTEGER",
    "failed": "INTEGER",
    "ready_s": "DOUBLE",
    "open_s": "DOUBLE",
    "total_s": "DOUBLE",
    "first_byte_s": "DOUBLE",
    "wait_s": "DOUBLE",
    "overlap": "DOUBLE",
    "recorded": "BIGINT",
    "recorded_s": "DOUBLE",
    "sent": "BIGINT",
    "sent_twice": "BIGINT",
    "bytes_per_second": "DOUBLE",
    "stalls": "INTEGER",
    "retries": "MAP(VARCHAR, INTEGER)",
    "retried": "INTEGER",
    "recovered": "INTEGER",
    "offline_s": "DOUBLE",
    "peak_backlog": "BIGINT",
    "peak_memory": "BIGINT",
    "longest_task_s": "DOUBLE",
    "score": "INTEGER",
    "advice": "VARCHAR[]",
    "omitted": "INTEGER",
    "assignments": "MAP(VARCHAR, STRUCT(variant VARCHAR, planned MAP(VARCHAR, DOUBLE)))",
}
PARTITIONS = {"interview": "VARCHAR", "month": "VARCHAR"}  # in the folders' names, not in the files
_FIGURES = set(COLUMNS) & set(EfficiencyRecord.model_fields)


def row_of(listed: ListedObject, body: bytes, now: datetime) -> dict[str, Any]:
    """Return the row of one report, as JSON can hold it; a damaged or foreign one gives a row with a `fault`."""
    interview, session = ids_of(listed.key) or ("", "")
    row: dict[str, Any] = {
        "key": listed.key,
        "etag": listed.etag,
        "modified_at": listed.modified_at.isoformat(),
        "read_at": now.isoformat(),
        "interview": interview,
        "session": session,
        "month": _month(listed.modified_at),
    }
    try:
        return row | _figures(body, interview, session)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        return row | {"fault": f"{where}: {first['msg']}" if where else str(first["msg"])}
    except _Foreign as error:
        return row | {"fault": str(error)}


class _Foreign(Exception):
    """Well-formed, but not the report that belongs under this key."""


def _figures(body: bytes, interview: str, session: str) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise _Foreign(f"larger than {MAX_BYTES // 1024} KiB")
    record = EfficiencyRecord.model_validate_json(body)
    if (record.interview, record.session) != (interview, session):
        raise _Foreign("names another interview or session than its key")
    try:
        written_at = datetime.fromisoformat(record.written_at)
    except ValueError:
        raise _Foreign("written_at: not a time as in RFC 3339") from None
    if written_at.tzinfo is None:
        raise _Foreign("written_at: without a time zone")
    figures = record.model_dump(mode="json", include=_FIGURES)
    return figures | {"written_at": written_at.isoformat(), "month": _month(written_at)}


def _month(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m}"
