"""Run the page, the signer and, if no bucket is set, the embedded store, until a signal."""

import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from rich.console import Console

from server.cli.doctor.quick import check_store
from server.cli.logs import set_up_logging
from server.http.app import create_app
from server.http.connections import BoundedProtocol
from server.http.dependencies import Signer, make_signer
from server.http.launch_url import launch_url
from server.settings import LOOPBACK, ROOT, Settings, SettingsError, origin_of
from server.signer.interview_file import read_interview
from server.signer.interviews import Interviews
from server.signer.policy_check import check_policies, checked_flags
from server.signer.tickets import Tickets
from server.store.access import open_storage

DEMO_LIFE_S = 12 * 3600
_GRACE_S = 5  # for requests that are under way at Ctrl-C
MAX_REQUEST_HEAD = 128 * 1024  # bytes; an overlong launch URL should still open the page


def run(settings: Settings, console: Console) -> None:
    """Serve until SIGINT or SIGTERM.

    Raises SettingsError, InterviewError or StoreError before anything is served.
    """
    set_up_logging(console)
    with _stopped_by_signals(), listening(settings) as listener:
        port = listener.getsockname()[1]
        page_url = origin_of(settings.url) if settings.url else f"http://{_link_host(settings.host)}:{port}"
        if settings.page_origins:
            page_url = settings.page_origins[0]
        with checked_signer(settings, page_url, console) as signer:
            _serve(settings, signer, page_url, listener, console)
    console.print("Stopped. What was stored stays where it is.")
    _leave_threads()


def _leave_threads() -> None:
    """End the process although threads still wait for a store that hangs; Python would join them first."""
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


@contextmanager
def checked_signer(settings: Settings, page_url: str, console: Console) -> Iterator[Signer]:
    """Check interviews, policies, flags and store, and yield the signer; an embedded store ends with the context.

    Raises SettingsError, InterviewError or StoreError.
    """
    for path in Interviews(settings.interviews).files():
        read_interview(path)
    with open_storage(settings, page_url) as storage:
        check_policies(settings, storage.access.profile)
        with checked_flags(settings, storage.access.profile) as flags:
            check_store(settings, storage, page_url, console)
            yield make_signer(settings, storage, page_origin=page_url, flags=flags)


def _serve(settings: Settings, signer: Signer, page_url: str, listener: socket.socket, console: Console) -> None:
    app = create_app(
        settings, signer, page_origin=page_url if settings.is_embedded and not settings.page_origins else None
    )
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        log_config=None,
        access_log=False,  # our own leaves out the query
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=MAX_REQUEST_HEAD,
        ws="none",
    )
    _Server(config, lambda: _announce(settings, page_url, signer.store_origin, console)).run([listener])


class _Server(uvicorn.Server):
    """Call `on_ready` when the first request can be answered."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def demo_ticket(settings: Settings) -> str | None:
    """Return a ticket for one interview with a new session.

    None if there is no interview, or a bucket of the operator's own: standard output is often a log that others read.
    """
    ids = Interviews(settings.interviews).ids()
    if not ids or not settings.is_embedded:
        return None
    return Tickets(*settings.ticket_secrets()).mint(
        session=f"demo-{secrets.token_hex(6)}",
        interview="demo" if "demo" in ids else ids[0],
        life_s=DEMO_LIFE_S,
    )


def _announce(settings: Settings, page_url: str, store_origin: str, console: Console) -> None:
    if (ticket := demo_ticket(settings)) is None:
        print(f"ready {page_url}/", flush=True)
    else:
        print(f"ready {launch_url(page_url, ticket)}", flush=True)
        # The same page embedded in a host page, with a session of its own: two tabs must not share one.
        print(f"embedded {page_url}/static/host.html#ticket={demo_ticket(settings)}", flush=True)
    if not (ROOT / "static/vendor/manifest.json").is_file():
        console.print("[yellow]The page's own Python is not laid out yet.[/] Run `make build`, then reload.")
    how = "Open a link above: each holds a ticket for one interview."
    if ticket is None:
        how = "Make a link for each candidate: `python serve.py ticket INTERVIEW`."
    console.print(f"[bold]Slipstream is ready.[/] {how}")
    where = settings.data.absolute() if settings.is_embedded else f"the bucket {settings.s3_bucket}"
    console.print(
        f"Recordings go to {where}, by way of {store_origin}. Ctrl-C stops everything.", highlight=False, soft_wrap=True
    )


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """Bind the port first: if it is taken, nothing else is started. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns off Nagle's algorithm only if IPPROTO_TCP is named. The algorithm costs 40 ms per call.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise SettingsError(
                f"The page cannot be served on {settings.host} port {settings.port} ({error.strerror}). "
                "Choose another with --port, or let one be found with --port 0."
            ) from error
        listener.listen(128)
        yield listener


def _link_host(host: str) -> str:
    """Return the host name for launch URLs."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        return LOOPBACK
    return f"[{host}]" if ":" in host else host


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """End without an error on Ctrl-C and on SIGTERM, after every `with` block has cleaned up."""

    def leave(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    except KeyboardInterrupt:
        pass  # requested, so not an error
    finally:
        signal.signal(signal.SIGTERM, before)
