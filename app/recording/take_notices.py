"""The notices about one take, while it runs and when it has ended."""

from collections.abc import Iterable

from app.core.notices import Notice, Topic
from app.core.session.screen import Screen
from app.recording.file_import import TOPICS as OF_A_FILE
from app.recording.signal_watch import EMPTY_TAKES
from app.recording.take import Ending, Take

ENDS = {  # the notice about a take that did not end by Stop; the first match holds
    Ending.DEVICE_LOST: Topic.DEVICE_LOST,
    Ending.BROKEN: Topic.RECORDING_BROKE,
    Ending.NOTHING_CAME: Topic.NOTHING_COMES,
}
OF_A_TAKE = (Topic.CUT_OFF, Topic.PICTURE_TURNED, *EMPTY_TAKES, *ENDS.values())  # about what is recorded
_OF_AN_EARLIER_TRY = (Topic.NOTHING_RECORDED, Topic.TOO_SHORT, Topic.CANNOT_RECORD)


def hide_news(question: str, view: Screen) -> None:
    """Hide the notices about earlier tries, takes and chosen files."""
    for topic in (*_OF_AN_EARLIER_TRY, *OF_A_TAKE, *OF_A_FILE.values()):
        view.hide_notice(topic, question)


def hide_of_take(question: str, view: Screen) -> None:
    """Hide the notices about a take that no longer counts."""
    for topic in OF_A_TAKE:
        view.hide_notice(topic, question)


def show_state(question: str, take: Take, view: Screen) -> None:
    """Show what is unusual about a running take."""
    if take.is_begun_anew:
        view.show_notice(Notice(Topic.BEGUN_ANEW, question))
    if take.is_turned:
        view.show_notice(Notice(Topic.PICTURE_TURNED, question))
    if take.is_muted:
        view.show_notice(Notice(Topic.DEVICE_MUTED, question))
    else:
        view.hide_notice(Topic.DEVICE_MUTED, question)


def end_notice(question: str, endings: Iterable[Ending], kept_s: float | None) -> Notice | None:
    """Return the notice about a take that has ended; None: all is well. `kept_s` is None if nothing is kept."""
    reached = set(endings)
    topic = next((topic for ending, topic in ENDS.items() if ending in reached), None)
    if topic is None or (topic is Topic.NOTHING_COMES and kept_s is not None):  # one of two tracks is enough
        return Notice(Topic.NOTHING_RECORDED, question) if kept_s is None else None
    return Notice(topic, question, elapsed_s=kept_s)
