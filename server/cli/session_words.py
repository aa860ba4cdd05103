"""What the `sessions` commands say."""

from datetime import datetime

from rich.table import Table

from server.archive.abandoned import Kept
from server.archive.completion import Completed, Outcome
from server.archive.erasure import Erased
from server.archive.overview import SessionRow
from server.archive.stored_session import State, StoredSession

_MIB = 1024 * 1024
_STYLES = {State.SUBMITTED: "green", State.UNFINISHED: "yellow", State.OPENED: "dim"}


def table_of(rows: list[SessionRow]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("interview", "session", "name", "reference", "state", "when", "stopped at", "recordings", "MiB"):
        table.add_column(title, justify="right" if title in {"recordings", "MiB"} else "left", overflow="fold")
    for row in rows:
        state = f"[{_STYLES[row.state]}]{row.state}[/]"
        count = f"{len(row.recordings)}" + (f" + {len(row.open_uploads)} open" if row.open_uploads else "")
        table.add_row(
            row.interview,
            row.session,
            _plain(row.name),
            _plain(row.reference),
            state,
            _local(row.submitted_at or row.touched_at),
            "" if row.state is State.SUBMITTED else row.stopped_at or "",
            count,
            f"{row.size / _MIB:,.1f}",
        )
    return table


def totals_of(rows: list[SessionRow]) -> str:
    counts = [(sum(row.state is state for row in rows), state) for state in State]
    return f"{plural(len(rows), 'session')}: " + ", ".join(f"{count:,} {state}" for count, state in counts) + "."


def completed_words(done: Completed) -> list[str]:
    """Return what `sessions complete` did with one session, a sentence each."""
    name = name_of(done.stored)
    if done.outcome is Outcome.ACTIVE:
        return [f"{name}: left alone. Something has arrived in the last hour; the candidate may be at it."]
    if done.outcome is Outcome.SUBMITTED:
        return [f"{name}: is submitted. There is nothing to complete."]
    said = [f"{name}: {one.place.name} completed, {one.size / _MIB:,.1f} MiB." for one in done.kept if one.size]
    said += [f"{name}: {_nothing(one)}" for one in done.kept if not one.size]
    said += [
        f"{name}: {plural(one.others, 'other upload')} of {one.place.name} left open; a take is stored once."
        for one in done.kept
        if one.others and not done.is_closed
    ]
    if done.is_closed:
        said.append(f"{name}: closed. Its candidate is told that it is submitted.")
    return said or [f"{name}: nothing to complete."]


def _nothing(kept: Kept) -> str:
    if kept.is_refused:
        return f"the store refuses to complete {kept.place.name}; its upload stays open."
    return f"{kept.place.name} has no beginning in the store, and stays open."


def erased_words(name: str, erased: Erased) -> list[str]:
    what = f"{plural(erased.objects, 'object')} and {plural(erased.uploads, 'open upload')}"
    return [f"{name}: deleted {what}.", *erased.left]


def name_of(stored: StoredSession) -> str:
    return f"{stored.keys.interview}/{stored.keys.session}"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _local(moment: str) -> str:
    try:
        return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return ""


def _plain(text: str) -> str:
    """Return text without what would be rich's markup, or a terminal's commands."""
    return "".join(letter for letter in text if letter.isprintable()).replace("[", "\\[")
