"""What `sessions list` says of each session."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

from pydantic import BaseModel, TypeAdapter

from app.contract import SessionRecord
from server.archive.places import take_place
from server.archive.stored_session import State, StoredSession

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # a cell that begins so may be run by a spreadsheet


class SessionRow(BaseModel):
    interview: str
    session: str
    name: str = ""
    reference: str = ""
    state: State
    opened_at: str | None  # RFC 3339, UTC; None: an older signer has not noted it
    submitted_at: str | None
    touched_at: str  # when something was last stored or begun
    stopped_at: str | None  # the question at which that was
    recordings: list[str]  # as "question/take-1/video"
    open_uploads: list[str]  # recordings of which the end is missing
    size: int  # bytes of all its objects; what open uploads hold is not in it


def row_of(stored: StoredSession, record: SessionRecord | None) -> SessionRow:
    submitted_at = stored.submitted_at
    uploads = (take_place(stored.keys, one.key) for one in stored.uploads)
    return SessionRow(
        interview=stored.keys.interview,
        session=stored.keys.session,
        name=record.name if record else "",
        reference=record.reference if record else "",
        state=stored.state,
        opened_at=record.opened_at if record else None,
        submitted_at=None if submitted_at is None else moment(submitted_at),
        touched_at=moment(stored.touched_at),
        stopped_at=stored.stopped_at(),
        recordings=[place.name for place, _ in stored.recordings()],
        open_uploads=sorted({place.name for place in uploads if place is not None}),
        size=stored.size,
    )


def as_json(rows: list[SessionRow]) -> str:
    return TypeAdapter(list[SessionRow]).dump_json(rows, indent=2).decode()


def as_csv(rows: Iterable[SessionRow]) -> str:
    return table(
        list(SessionRow.model_fields),
        (
            [" ".join(value) if isinstance(value, list) else value for value in row.model_dump(mode="json").values()]
            for row in rows
        ),
    )


def table(head: list[str], rows: Iterable[list[object]]) -> str:
    """Return CSV (RFC 4180) in which no cell is a formula to a spreadsheet: names are what candidates are called."""
    file = io.StringIO()
    written = csv.writer(file)
    written.writerow(head)
    written.writerows([_harmless(cell) for cell in row] for row in rows)
    return file.getvalue()


def _harmless(cell: object) -> object:
    if cell is None:
        return ""
    is_formula = isinstance(cell, str) and (cell.startswith(("\t", "\r", "\n")) or cell.lstrip().startswith(_FORMULA))
    return f"'{cell}" if is_formula else cell


def moment(at: float) -> str:
    """Return Unix seconds as RFC 3339 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
