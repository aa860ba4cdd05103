"""sessions.csv, and answers.txt of each session."""

from collections.abc import Iterable

from server.archive.export.shown import ShownSession
from server.archive.overview import table

_HEAD = [
    "interview",
    "session",
    "name",
    "reference",
    "state",
    "closed_by_operator",
    "opened_at",
    "submitted_at",
    "questions",
    "answered",
    "recordings",
    "duration_s",
    "size",
    "problems",
    "folder",
]


def sessions_csv(sessions: Iterable[ShownSession]) -> str:
    """Return one row a session; sizes in bytes."""
    return table(_HEAD, (_row(one) for one in sessions))


def _row(shown: ShownSession) -> list[object]:
    plan, row = shown.planned, shown.planned.row
    return [
        row.interview,
        row.session,
        row.name,
        row.reference,
        str(row.state),
        "yes" if plan.is_closed_by_operator else "no",
        row.opened_at,
        row.submitted_at,
        len(plan.answers),
        plan.given,
        len(shown.tracks),
        round(sum(track.duration_s or 0.0 for track in shown.tracks), 1),
        sum(track.planned.record.size for track in shown.tracks),
        " ".join(shown.problems),
        str(plan.folder),
    ]


def answers_text(shown: ShownSession) -> str:
    """Return the questions with the written answers and the names of the files, to read without a browser."""
    row = shown.planned.row
    lines = [shown.planned.title, f"{row.name or row.session} ({row.reference or row.session}), {row.state}", ""]
    for answer in shown.answers:
        plan = answer.planned
        lines += [f"{plan.number}. {plan.prompt or plan.question}", ""]
        lines += [f"   {track.planned.path.name}" for track in answer.tracks]
        if plan.answer is None:
            lines.append("   (no answer)")
        if plan.answer is not None and plan.answer.text:
            lines += [f"   {line}" for line in plan.answer.text.splitlines()]
        lines.append("")
    return "\n".join([*lines, *shown.problems])
