"""Tell a candidate what stands in the way of the uploads, and take it back when it no longer does."""

from app.core.errors import AlreadySubmitted, Fatal, Stalled, TicketRefused, UploadError
from app.core.notices import Notice, Topic
from app.core.ports import Journal, View
from app.core.progress import SessionProgress


class StandingNotices:
    """Follow errors and figures; every notice shown here is hidden here."""

    def __init__(self, view: View, journal: Journal) -> None:
        self._view = view
        self._journal = journal
        self._shown: set[Topic] = set()
        self._was_durable = journal.is_durable

    def note(self, error: UploadError) -> None:
        match error:
            case TicketRefused():
                self._set(Notice(Topic.TICKET_EXPIRED), is_true=True)
            case AlreadySubmitted():
                self._set(Notice(Topic.ALREADY_SUBMITTED), is_true=True)
            case Fatal():
                self._set(Notice(Topic.UPLOAD_FAILED, detail=str(error)), is_true=True)
            case Stalled():
                self._set(Notice(Topic.SLOW), is_true=True)

    def note_acknowledged(self) -> None:
        self._set(Notice(Topic.SLOW), is_true=False)

    def show(self, progress: SessionProgress) -> None:
        self._set(Notice(Topic.INTERCEPTED), is_true=progress.is_intercepted)
        self._set(Notice(Topic.OFFLINE), is_true=progress.is_offline and not progress.is_intercepted)
        if not progress.has_failed:
            for topic in (Topic.UPLOAD_FAILED, Topic.TICKET_EXPIRED):
                self._set(Notice(topic), is_true=False)
        if self._was_durable:  # else NO_BACKUP was said at the start
            self._set(Notice(Topic.JOURNAL_FULL), is_true=not self._journal.is_durable)

    def _set(self, notice: Notice, *, is_true: bool) -> None:
        """Show a notice once, hide it once: figures come many times a second."""
        if is_true and (notice.topic not in self._shown or notice.detail):
            self._shown.add(notice.topic)
            self._view.show_notice(notice)
        elif not is_true and notice.topic in self._shown:
            self._shown.discard(notice.topic)
            self._view.hide_notice(notice.topic)
