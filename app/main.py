"""Composition root: the only file that names concrete classes."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from app.browser.clock import BrowserClock, BrowserRandomness
from app.browser.media.blobs import BlobDigester, BlobPlayback, cut_blobs
from app.browser.media.files import BrowserFiles
from app.browser.media.media_devices import BrowserMediaDevices
from app.browser.network.endpoints import BrowserEndpoints
from app.browser.network.network import BrowserNetwork
from app.browser.network.signer import HttpSigner
from app.browser.network.transport import BrowserTransport
from app.browser.storage.lock import WebLock
from app.browser.storage.row_store import open_row_store
from app.browser.window import window
from app.browser.window.frames import BrowserFrames
from app.browser.window.host_window import HostWindow
from app.browser.window.instruments import BrowserInstruments
from app.browser.window.languages import BrowserLanguages
from app.browser.window.launch import keep_ticket, opened_embed, opened_ticket
from app.browser.window.page_lifecycle import BrowserPageLifecycle
from app.contract import InterviewGrant
from app.contract.embed.inbound import Configure, Order
from app.contract.embed.outbound import Ready
from app.core.errors import JournalFull
from app.core.notices import Notice, Topic
from app.core.ports import Ports
from app.core.session.actions import Action
from app.core.session.launch_url import LaunchUrlError, is_embed
from app.core.session.notice_events import StorageMissing
from app.core.session.screen import Screen
from app.core.session.ticket import LiveTicket, is_same_session
from app.journal.journal import PageJournal
from app.page.interview.view import PageView
from app.page.kit import language, theme
from app.session.admission import Admission
from app.session.assignment import settled
from app.session.host import HostChannel, introduced, obey, renew
from app.session.language import LanguageControl
from app.session.session import Session


async def start() -> None:
    """Run the page from the ticket to the receipt."""
    actions: asyncio.Queue[Action] = asyncio.Queue()
    host_channel = HostChannel()

    def fail(error: BaseException) -> None:
        # On any error: do not leave the candidate with a page that seems to work. The journal keeps what was recorded.
        running.cancel()
        window.report(error)
        view.show_dead_end(Notice(Topic.PAGE_FAILED))

    view = Screen(
        lambda: PageView(window.document(), actions.put_nowait), BrowserFrames(fail), host_channel.show_dead_end
    )
    languages = BrowserLanguages()

    def speak(catalogue: str | None, tag: str) -> bool:
        if not language.speak(catalogue, languages.figures(tag)):
            return False
        view.redraw()
        return True

    language_control = LanguageControl(languages, speak)
    following = asyncio.create_task(language_control.follow())
    running = asyncio.create_task(_run_page(view, host_channel, actions, language_control))
    await asyncio.wait({running})
    if not running.cancelled() and (error := running.exception()) is not None:
        fail(error)
    await following  # until the page closes: the candidate can change the receipt's language, too


async def _run_page(
    view: Screen, host_channel: HostChannel, actions: "asyncio.Queue[Action]", language_control: LanguageControl
) -> None:
    try:
        await language_control.settle(window.early_locale())
    finally:
        window.end_boot()
    run = _run_embedded if is_embed(window.query()) else _run_alone
    await run(view, host_channel, actions, language_control)


async def _run_alone(
    view: Screen, host_channel: HostChannel, actions: "asyncio.Queue[Action]", language_control: LanguageControl
) -> None:
    ticket = LiveTicket()
    window.on_new_fragment(partial(_follow_link, ticket, actions))
    try:
        ticket.text = opened_ticket()
    except LaunchUrlError:
        view.show_dead_end(Notice(Topic.LINK_INVALID))
        return
    if not ticket.text:
        view.show_dead_end(Notice(Topic.TICKET_MISSING))
        return
    keep_ticket(ticket.text)
    await _run(Opening(ticket), view, host_channel, actions, language_control)


def _follow_link(ticket: LiveTicket, actions: "asyncio.Queue[Action]") -> None:
    """Use the ticket of a link opened in this tab: renew this session's ticket, or reload for another session."""
    with suppress(LaunchUrlError):  # an invalid link changes nothing
        opened = opened_ticket()
        if opened and not renew(ticket, opened, actions) and not is_same_session(ticket.text, opened):
            window.reload()  # the link stays in the address for the page that comes
        else:
            keep_ticket(ticket.text)  # the newer one of the two


async def _run_embedded(
    view: Screen, host_channel: HostChannel, actions: "asyncio.Queue[Action]", language_control: LanguageControl
) -> None:
    try:
        launch = opened_embed()
    except LaunchUrlError as error:
        window.warn(str(error))
        view.show_dead_end(Notice(Topic.HOST_REFUSED))
        return
    said: asyncio.Queue[Configure | Order] = asyncio.Queue()
    configured: asyncio.Future[Configure] = asyncio.get_running_loop().create_future()
    host = HostWindow(launch, BrowserClock(), said.put_nowait)
    host_channel.attach(host.post)
    ticket = LiveTicket()
    obeying = asyncio.create_task(obey(said, actions, configured, partial(theme.wear, window.document()), ticket))
    try:
        host.post(Ready())
        first = await introduced(configured, view, BrowserClock())
        await _run(Opening(ticket, first.locale or ""), view, host_channel, actions, language_control)
        await obeying  # until the window closes: the host page may still change the theme
    finally:
        obeying.cancel()


@dataclass(frozen=True, slots=True)
class Opening:
    """Hold the ticket and the language with which a session starts."""

    ticket: LiveTicket
    locale: str = ""  # requested by the host page; "": none


async def _run(
    opening: Opening,
    view: Screen,
    host_channel: HostChannel,
    actions: "asyncio.Queue[Action]",
    language_control: LanguageControl,
) -> None:
    signer = HttpSigner(window.signer_url(), opening.ticket, await window.device_name())
    admission = Admission(signer, view, actions, BrowserClock(), BrowserRandomness())
    grant = await admission.ask()
    await language_control.settle(grant.locale, opening.locale)
    lost, lock = asyncio.Event(), WebLock(grant.interview.id, grant.session)
    try:
        grant = await admission.enter(grant, lock, lost.set)
        if not await _sit(grant, signer, view, host_channel, actions, ask=admission.ask, lost=lost):
            view.show_dead_end(Notice(Topic.TAKEN_OVER))
    finally:
        lock.close()


async def _sit(
    grant: InterviewGrant,
    signer: HttpSigner,
    view: Screen,
    host_channel: HostChannel,
    actions: "asyncio.Queue[Action]",
    *,
    ask: Callable[[], Awaitable[InterviewGrant]],
    lost: asyncio.Event,
) -> bool:
    """Run the session; return False if another tab took it over, True if it ended.

    A takeover by another device ends the session, as Submit does.
    """
    journal = await _open_journal(grant, view)
    grant = await settled(grant, signer, journal, ask)
    media_devices, network, page_lifecycle = BrowserMediaDevices(), BrowserNetwork(), BrowserPageLifecycle()
    instruments, playback = BrowserInstruments(), BlobPlayback(f"slipstream-{grant.interview.id}~{grant.session}")
    ports = Ports(
        signer=signer,
        transport=BrowserTransport(grant.policy),
        endpoints=BrowserEndpoints(window.signer_url(), grant.store_origin),
        console=window.BrowserConsole(),
        journal=journal,
        digester=BlobDigester(),
        clock=BrowserClock(),
        randomness=BrowserRandomness(),
        media_devices=media_devices,
        files=BrowserFiles(),
        playback=playback,
        network=network,
        page_lifecycle=page_lifecycle,
        instruments=instruments,
        view=view,
        host=host_channel,
    )
    try:
        return await _unless_lost(Session(grant, ports, actions), lost)
    finally:
        media_devices.dispose()
        for adapter in (network, page_lifecycle, instruments, journal):
            adapter.close()
        await playback.clear()


async def _unless_lost(session: Session, lost: asyncio.Event) -> bool:
    """Run the session; return True when it has ended, False as soon as another tab takes it over."""
    running, watch = asyncio.create_task(session.run()), asyncio.create_task(lost.wait())
    try:
        await asyncio.wait({running, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            return False
        if running.result():  # raises the session's error, if any
            keep_ticket("")
        return True
    finally:
        watch.cancel()
        running.cancel()
        await asyncio.gather(running, watch, return_exceptions=True)


async def _open_journal(grant: InterviewGrant, view: Screen) -> PageJournal:
    if window.has_storage():
        with suppress(JournalFull):
            row_store = await open_row_store(grant.interview.id, grant.session, grant.expires_in_s)
            return PageJournal(row_store, cut_blobs)
    view.note(StorageMissing())
    return PageJournal(None, cut_blobs)
