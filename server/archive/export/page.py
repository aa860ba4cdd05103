"""The export as one page to open from the disk: no script, no network, for light and dark, phone, desk and paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from server.archive.export import words
from server.archive.export.links import Links
from server.archive.export.shown import ShownSession
from server.archive.stored_session import State

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_MOST_PRELOADED = 60  # recordings; browsers limit the players of a page, and a still stands for each video


@dataclass(frozen=True, slots=True)
class InterviewPart:
    title: str
    sessions: Sequence[ShownSession]


def page_of(sessions: Sequence[ShownSession], links: Links | None) -> str:
    """Return the page. `links` None: the recordings are files beside it."""
    now = datetime.now(UTC)
    recordings = sum(len(one.tracks) for one in sessions)
    return _TEMPLATES.get_template("page.html").render(
        sessions=sessions,
        interviews=_by_interview(sessions),
        numbers={one.planned.folder: number for number, one in enumerate(sessions, start=1)},
        counts=[(state, sum(one.planned.row.state is state for one in sessions)) for state in State],
        recordings=recordings,
        made_at=now,
        links_end_at=None if links is None else now + timedelta(seconds=links.life_s),
        sources="file: 'self'" if links is None else links.storage.urls.origin(),
        preload="metadata" if links is None and recordings <= _MOST_PRELOADED else "none",
        words=words,
    )


def _by_interview(sessions: Sequence[ShownSession]) -> list[InterviewPart]:
    """Return the sessions by interview. They come in the order of their keys."""
    grouped = groupby(sessions, key=lambda one: (one.planned.row.interview, one.planned.title))
    return [InterviewPart(title, tuple(found)) for (_, title), found in grouped]
