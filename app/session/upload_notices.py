"""Tell a candidate what stands in the way of the uploads, and take it back when it no longer does."""

from app.core.errors import AlreadySubmitted, Fatal, Stalled, TakenOver, TicketRefused, UploadError
from app.core.notices import Notice, Topic
from app.core.ports import Journal
from app.core.session.screen import Screen
from app.core.upload.events import CommandFailed, Fact, PartAcknowledged, RecordingId
from app.core.upload.progress import SessionProgress, TrackState


class UploadNotices:
    """Follow errors and figures; every notice shown here is hidden here."""

    def __init__(self, view: Screen, journal: Journal) -> None:
        self._view = view
        self._journal = journal
        self._shown: dict[Topic, Notice] = {}
        self._failures: dict[Topic, Notice] = {}  # what a person must do something about, once waiting does not help
        self._recovered: frozenset[RecordingId] = frozenset()
        self._was_durable = journal.is_durable

    def recover(self, uploads: frozenset[RecordingId]) -> None:
        """Say that recordings of an earlier visit go on, and later that all of them are stored."""
        self._recovered = uploads
        self._set(Notice(Topic.RECOVERING), is_true=True)

    def note(self, event: Fact, at: float) -> None:  # noqa: ARG002  what is said has no time
        match event:
            case CommandFailed(error=error):
                self._note_failure(error)
            case PartAcknowledged():
                self._set(Notice(Topic.SLOW), is_true=False)
            case _:
                pass

    def _note_failure(self, error: UploadError) -> None:
        match error:
            case TakenOver():
                pass  # then nothing here goes on
            case TicketRefused():
                self._failures[Topic.TICKET_EXPIRED] = Notice(Topic.TICKET_EXPIRED)
            case AlreadySubmitted():
                self._set(Notice(Topic.ALREADY_SUBMITTED), is_true=True)
            case Fatal():
                self._failures[Topic.UPLOAD_FAILED] = Notice(Topic.UPLOAD_FAILED, detail=str(error))
            case Stalled():
                self._set(Notice(Topic.SLOW), is_true=True)

    def show(self, progress: SessionProgress, at: float) -> None:  # noqa: ARG002  as for `note`
        self._set(Notice(Topic.CAPTIVE_PORTAL), is_true=progress.is_captive_portal)
        self._set(Notice(Topic.OFFLINE), is_true=progress.is_offline and not progress.is_captive_portal)
        self._set(Notice(Topic.STORE_AWAY), is_true=progress.is_store_away and not progress.is_captive_portal)
        self._set(Notice(Topic.SIGNER_INVALID), is_true=progress.is_signer_invalid)
        refusal = next((refusal.sentence for refusal in progress.refusals), "")
        self._set(Notice(Topic.STORE_REFUSES, detail=refusal), is_true=bool(progress.refusals))
        self._show_recovered(progress)
        self._show_failures(progress)
        if progress.is_safe:
            self._set(Notice(Topic.SLOW), is_true=False)
        if self._was_durable:  # else NO_BACKUP was said at the start
            self._set(Notice(Topic.JOURNAL_FULL), is_true=not self._journal.is_durable)

    def _show_recovered(self, progress: SessionProgress) -> None:
        """Say how the recordings of the earlier visit stand; nothing of those that were given up since."""
        states = {track.state for track in progress.tracks if track.upload in self._recovered}
        self._set(Notice(Topic.RECOVERING, is_over=states == {TrackState.COMPLETED}), is_true=bool(states))

    def _show_failures(self, progress: SessionProgress) -> None:
        """Say what has failed only while something has: a refusal may cure itself, and patience may end without one."""
        if not progress.has_failed:
            self._failures.clear()
        elif not (self._failures or progress.refusals) and Topic.ALREADY_SUBMITTED not in self._shown:
            problems = (track.problem for track in progress.tracks if track.state is TrackState.FAILED)
            self._failures[Topic.UPLOAD_FAILED] = Notice(Topic.UPLOAD_FAILED, detail=next(problems, ""))
        for topic in (Topic.UPLOAD_FAILED, Topic.TICKET_EXPIRED):
            self._set(self._failures.get(topic, Notice(topic)), is_true=topic in self._failures)

    def _set(self, notice: Notice, *, is_true: bool) -> None:
        """Show a notice once, hide it once: figures come many times a second."""
        if is_true and self._shown.get(notice.topic) != notice:
            self._shown[notice.topic] = notice
            self._view.show_notice(notice)
        elif not is_true and self._shown.pop(notice.topic, None) is not None:
            self._view.hide_notice(notice.topic)
