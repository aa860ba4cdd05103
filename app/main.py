"""Composition root: the only file that names concrete classes."""

import asyncio
import sys

import js

from app.browser.clock import BrowserChance, BrowserClock
from app.browser.interop import optional
from app.browser.journal import open_journal
from app.browser.media import BlobDigester, BlobPlayback
from app.browser.memory_journal import MemoryJournal
from app.browser.network import BrowserNetwork
from app.browser.signer import HttpSigner
from app.browser.studio import BrowserStudio
from app.browser.transport import XhrTransport
from app.contract import InterviewGrant
from app.core.errors import AlreadySubmitted, JournalFull, Retryable, TicketRefused, UploadError
from app.core.events import Wish
from app.core.link import LinkError, ticket_of
from app.core.notices import Notice, Topic
from app.core.ports import Journal, Ports
from app.page.view import PageView
from app.session import Session

TRIES = 4  # to reach the signer at start; afterwards a person may as well reload
FIRST_WAIT_S = 0.5


async def start() -> None:
    """Run the page from the ticket to the receipt."""
    wishes: asyncio.Queue[Wish] = asyncio.Queue()
    view = PageView(js.document, wishes.put_nowait)
    js.document.getElementById("boot").remove()
    try:
        await _run(view, wishes)
    except Exception as error:  # noqa: BLE001  the one place where nothing may pass
        # Whatever it was, the candidate must not sit before a page that looks alive. The journal has what is recorded.
        js.console.error(_trace(error))
        view.show_dead_end(Notice(Topic.PAGE_FAILED))
        _let_go()


async def _run(view: PageView, wishes: "asyncio.Queue[Wish]") -> None:
    try:
        ticket = ticket_of(str(js.location.hash))
    except LinkError:
        view.show_dead_end(Notice(Topic.LINK_INVALID))
        return
    if ticket is None:
        view.show_dead_end(Notice(Topic.TICKET_MISSING))
        return
    signer = HttpSigner(_signer_url(), ticket)
    try:
        grant = await _ask_for_interview(signer)
    except UploadError as error:
        view.show_dead_end(Notice(_topic(error)))
        return
    journal = await _open_journal(grant, view)
    ports = Ports(
        signer=signer,
        transport=XhrTransport(grant.policy),
        journal=journal,
        digester=BlobDigester(),
        clock=BrowserClock(),
        chance=BrowserChance(),
        studio=BrowserStudio(),
        playback=BlobPlayback(),
        network=BrowserNetwork(),
        view=view,
    )
    await Session(grant, ports, wishes).run()


async def _ask_for_interview(signer: HttpSigner) -> InterviewGrant:
    """Ask a few times: the first request of a page is the likeliest to meet a waking network."""
    for failures in range(TRIES - 1):
        try:
            return await signer.interview()
        except Retryable:
            await asyncio.sleep(FIRST_WAIT_S * 2**failures)
    return await signer.interview()


async def _open_journal(grant: InterviewGrant, view: PageView) -> Journal:
    if js.slipstreamBoot.idbWorks:
        try:
            return await open_journal(grant.session)
        except JournalFull:
            pass
    view.show_notice(Notice(Topic.NO_BACKUP))
    return MemoryJournal()


def _signer_url() -> str:
    """Return where the operator has put the signer: the page's own `<meta>` says so, no link can."""
    js_meta = optional(js.document.querySelector("meta[name=slipstream-signer]"))
    path = str(js_meta.content) if js_meta is not None else "./api/"
    return str(js.URL.new(path, js.document.baseURI).href)


def _topic(error: UploadError) -> Topic:
    if isinstance(error, TicketRefused):
        return Topic.TICKET_REFUSED
    return Topic.ALREADY_SUBMITTED if isinstance(error, AlreadySubmitted) else Topic.SIGNER_UNREACHABLE


def _trace(error: BaseException) -> str:
    """Name the error's kind and where it arose. Not its message: that may hold a URL."""
    lines = [type(error).__name__]
    step = error.__traceback__
    while step is not None:
        lines.append(f"  {step.tb_frame.f_code.co_filename}:{step.tb_lineno}")
        step = step.tb_next
    if isinstance(error, BaseExceptionGroup):
        lines += [_trace(inner) for inner in error.exceptions]
    return "\n".join(lines)


def _let_go() -> None:
    """An error that reached the interpreter's top keeps every Blob of its frames alive."""
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        setattr(sys, name, None)
