"""Exchange messages with the page that embeds this one."""

import asyncio
from collections.abc import Callable, Iterable

from app.contract import InterviewGrant, SubmissionReceipt
from app.contract.efficiency import Efficiency
from app.contract.embed.inbound import Configure, Order
from app.contract.embed.outbound import PageMessage, UploadError
from app.contract.embed.theme import Theme
from app.core.embed.host_report import HostReport
from app.core.notices import Topic
from app.core.ports import Clock
from app.core.session.actions import Action, PauseUploads, RenewTicket, ResumeUploads, RetryUploads, Submit
from app.core.session.notice_events import HostAnswered, HostAwaited
from app.core.session.screen import Screen
from app.core.session.ticket import LiveTicket
from app.core.upload.events import Fact
from app.core.upload.progress import SessionProgress

HOST_PATIENCE_S = 30  # a host page fetches the ticket from its own server, which may be slow

_ACTIONS: dict[str, Action] = {
    "pause": PauseUploads(),
    "resume": ResumeUploads(),
    "retry": RetryUploads(),
    "submit": Submit(),
}


class HostChannel:
    """Implement `core.ports.Host`. Before `attach` there is no host page, and messages are dropped."""

    def __init__(self) -> None:
        self._post: Callable[[PageMessage], None] = _to_nobody
        self._report: HostReport | None = None  # None: no session yet

    def attach(self, post: Callable[[PageMessage], None]) -> None:
        """Send every message with `post` from now on; `post` must not wait."""
        self._post = post

    def open(self, grant: InterviewGrant) -> None:
        self._report = HostReport(grant)

    def note(self, event: Fact, at: float) -> None:  # noqa: ARG002  a message has no time
        if self._report is not None:
            self._send(self._report.note(event))

    def show(self, progress: SessionProgress, at: float) -> None:
        if self._report is not None:
            self._send(self._report.show(progress, at))

    def show_receipt(self, receipt: SubmissionReceipt, report: Efficiency | None) -> None:
        if self._report is not None:
            self._send(self._report.submitted(receipt, report))

    def show_dead_end(self, topic: Topic) -> None:
        """Tell the host page that the session cannot continue here."""
        self._post(UploadError(question=None, take=None, track=None, reason=topic.value))

    def _send(self, messages: Iterable[PageMessage]) -> None:
        for message in messages:
            self._post(message)


async def obey(
    said: "asyncio.Queue[Configure | Order]",
    actions: "asyncio.Queue[Action]",
    configured: "asyncio.Future[Configure]",
    wear: Callable[[Theme], None],
    ticket: LiveTicket,
) -> None:
    """Carry out the host page's messages until cancelled. The first `Configure` becomes the result of `configured`."""
    while True:
        match await said.get():
            case Configure() as configure:
                wear(configure.theme)
                if configured.done():
                    renew(ticket, configure.ticket, actions)
                else:
                    ticket.text = configure.ticket
                    configured.set_result(configure)
            case Order(type=order):
                actions.put_nowait(_ACTIONS[order])


def renew(ticket: LiveTicket, text: str, actions: "asyncio.Queue[Action]") -> bool:
    """Replace the ticket by `text` if this is a newer ticket of the same session; return whether it was replaced."""
    longer_s = ticket.renew(text)
    if longer_s is not None:
        actions.put_nowait(RenewTicket(longer_s))
    return longer_s is not None


async def introduced(configured: "asyncio.Future[Configure]", view: Screen, clock: Clock) -> Configure:
    """Wait for the first `Configure`; show a notice after HOST_PATIENCE_S, and hide it when the wait ends."""

    async def lose_patience() -> None:
        await clock.sleep(HOST_PATIENCE_S)
        view.note(HostAwaited())

    losing_patience = asyncio.create_task(lose_patience())
    try:
        return await configured
    finally:
        losing_patience.cancel()
        view.note(HostAnswered())


def _to_nobody(_: PageMessage) -> None:
    """Drop a message: no host page is attached."""
