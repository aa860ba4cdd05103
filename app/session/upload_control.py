"""Control the uploads by the candidate's actions, the network and the state of the answers."""

from app.core.ports import Ports
from app.core.session.actions import (
    NetworkChanged,
    PageReturned,
    PauseUploads,
    RenewTicket,
    ResumeUploads,
    RetryUploads,
)
from app.core.session.events import SessionEvent, SubmissionStepped, TakeReplaced, TakeRestored, TakeSetAside
from app.core.session.notice_events import TicketRenewed
from app.core.session.state import SessionState
from app.core.session.submission import opens_bulk
from app.core.upload.scheduler import Scheduler
from app.upload.uploader import Uploader

UploadAction = PauseUploads | ResumeUploads | RetryUploads | RenewTicket | NetworkChanged | PageReturned


class UploadControl:
    def __init__(self, scheduler: Scheduler, uploader: Uploader, ports: Ports, ends_at: float) -> None:
        """`ends_at` is the clock second at which the ticket ends."""
        self._scheduler = scheduler
        self._uploader = uploader
        self._ports = ports
        self._ends_at = ends_at

    @property
    def has_ticket_ended(self) -> bool:
        """Whether the ticket has expired: nothing new can be stored."""
        return self._ports.clock.now() >= self._ends_at

    def obey(self, action: UploadAction) -> None:
        match action:
            case PauseUploads():
                self._scheduler.is_paused = True
            case ResumeUploads():
                self._scheduler.is_paused = False
            case RetryUploads():
                self._scheduler.retry()
            case RenewTicket(longer_s=longer_s):
                self._ends_at += longer_s
                self._ports.view.note(TicketRenewed())
                self._scheduler.retry()  # what failed because the last ticket was refused
            case NetworkChanged(is_online=is_online):
                self._scheduler.set_online(is_online)
            case PageReturned():
                # Timers stop while the page is hidden or the computer sleeps.
                self._scheduler.skip_backoff()
        self._uploader.wake()

    def follow(self, event: SessionEvent, before: SessionState, state: SessionState) -> None:
        """Restore, suspend or abandon a take's uploads as the take is restored, discarded or replaced."""
        match event:
            case TakeSetAside(question=question) if (aside := state.answers[question].discarded) is not None:
                self._scheduler.discard(question, aside.key)
            case TakeRestored(question=question):
                self._scheduler.restore(question, state.answers[question].key)
            case TakeReplaced(question=question) if (gone := before.answers[question].discarded) is not None:
                self._scheduler.abandon(question, gone.key, gone.take)
            case SubmissionStepped():
                self._scheduler.is_submitting = opens_bulk(state.submission)
            case _:
                pass
