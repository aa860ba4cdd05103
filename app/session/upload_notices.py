"""Show notices about upload problems, and hide each notice when its problem is over."""

from app.core.errors import AlreadySubmitted, Fatal, Stalled, TakenOver, TicketRefused, UploadError
from app.core.notices import Notice, Topic
from app.core.ports import Journal
from app.core.session.notice_events import UploadProblemFound, UploadProblemOver
from app.core.session.screen import Screen
from app.core.upload.events import CommandFailed, Fact, PartAcknowledged
from app.core.upload.progress import SessionProgress, TrackState
from app.core.upload.recording_id import RecordingId


class UploadNotices:
    """Show notices for errors and progress figures, and hide them again (all but ALREADY_SUBMITTED)."""

    def __init__(self, view: Screen, journal: Journal) -> None:
        self._view = view
        self._journal = journal
        self._shown: dict[Topic, Notice] = {}
        self._failures: dict[Topic, Notice] = {}  # waiting does not help: a person must act
        self._recovered: frozenset[RecordingId] = frozenset()
        self._was_durable = journal.is_durable

    def recover(self, uploads: frozenset[RecordingId]) -> None:
        """Show that uploads of an earlier visit continue, and later that all of them are stored."""
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
                pass  # the session ends on this device
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
        if self._was_durable:  # else NO_BACKUP was shown at the start
            self._set(Notice(Topic.JOURNAL_FULL), is_true=not self._journal.is_durable)

    def _show_recovered(self, progress: SessionProgress) -> None:
        """Show the state of the earlier visit's recordings, except those that were abandoned since."""
        states = {track.state for track in progress.tracks if track.upload in self._recovered}
        self._set(Notice(Topic.RECOVERING, is_over=states == {TrackState.COMPLETED}), is_true=bool(states))

    def _show_failures(self, progress: SessionProgress) -> None:
        """Show failures only while something has failed, as a refusal may end by itself.

        Tries may also run out without a fatal error or a refusal: then show the problem of the failed track.
        """
        if not progress.has_failed:
            self._failures.clear()
        elif not (self._failures or progress.refusals) and Topic.ALREADY_SUBMITTED not in self._shown:
            problems = (track.problem for track in progress.tracks if track.state is TrackState.FAILED)
            self._failures[Topic.UPLOAD_FAILED] = Notice(Topic.UPLOAD_FAILED, detail=next(problems, ""))
        for topic in (Topic.UPLOAD_FAILED, Topic.TICKET_EXPIRED):
            self._set(self._failures.get(topic, Notice(topic)), is_true=topic in self._failures)

    def _set(self, notice: Notice, *, is_true: bool) -> None:
        """Show or hide a notice only if that changes something: progress arrives many times a second."""
        if is_true and self._shown.get(notice.topic) != notice:
            self._shown[notice.topic] = notice
            self._view.note(UploadProblemFound(notice))
        elif not is_true and self._shown.pop(notice.topic, None) is not None:
            self._view.note(UploadProblemOver(notice.topic))
