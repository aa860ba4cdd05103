"""How the page writes names, times, lengths and sizes."""

from datetime import UTC, datetime

from server.archive.export.shown import ShownSession, ShownTrack
from server.archive.stored_session import State

_UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
STATES = {State.SUBMITTED: "Submitted", State.UNFINISHED: "Unfinished", State.OPENED: "Only opened"}


def name_of(shown: ShownSession) -> str:
    row = shown.planned.row
    return row.name or row.reference or row.session


def state_of(shown: ShownSession) -> str:
    return "Closed by the operator" if shown.planned.is_closed_by_operator else STATES[shown.planned.row.state]


def moment(given: str | datetime | None) -> str:
    """Return a time as 28 November 2026, 08:12 UTC; "" for none, or one that cannot be read."""
    if isinstance(given, str):
        try:
            given = datetime.fromisoformat(given)
        except ValueError:
            return ""
    return "" if given is None else f"{given.astimezone(UTC):%-d %B %Y, %H:%M} UTC"


def length(seconds: float | None) -> str:
    """Return 0:07, 12:30 or 1:02:03; "" for an unknown length."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    for unit, name in _UNITS:
        if count >= unit:
            return f"{count / unit:,.1f} {name}"
    return f"{count} bytes"


def total_length(shown: ShownSession) -> str:
    """Return how long a reviewer listens: of an answer with two tracks, to one."""
    longest = (max((track.duration_s or 0.0 for track in answer.tracks), default=0.0) for answer in shown.answers)
    return length(sum(longest))


def facts(track: ShownTrack) -> list[str]:
    """Return what stands under a player."""
    record = track.planned.record
    told = ["Video" if track.planned.track == "video" else "Sound", length(track.duration_s), size(record.size)]
    if record.prepared:
        told.append("a file of the candidate’s")
    if record.interrupted:
        told.append("cut short")
    if record.gaps:
        told.append(f"{len(record.gaps)} gap" + ("s" if len(record.gaps) > 1 else ""))
    if track.media is not None and not track.media.problems and record.sha256 is not None:
        told.append("as recorded")
    return [one for one in told if one]
