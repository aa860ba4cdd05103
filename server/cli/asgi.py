"""The ASGI application of `python serve.py signer`: page and signer for an operator's bucket, from SLIPSTREAM_… alone.

`uvicorn server.cli.asgi:app` runs it too. Without a proxy before it, connections that send nothing would then stay.
"""

import logging
import os
import threading
from contextlib import ExitStack

from pydantic import ValidationError
from rich.console import Console
from starlette.types import ASGIApp, Receive, Scope, Send

from server.cli.logs import set_up_logging
from server.cli.sentences import sentences_of
from server.cli.serve import checked_signer
from server.errors import SignerError
from server.http.app import create_app
from server.settings import Settings, SettingsError
from server.signer.interview_file import InterviewError

_THREADS_S = 3.0


class Entry:
    """Build the application when the server starts, not when this module is imported; end with a sentence if it cannot.

    Workers, and signers on other machines, share nothing but their settings.
    """

    def __init__(self) -> None:
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif self._app is None:
            raise RuntimeError("Start with uvicorn's --lifespan on (or auto): the signer is built in it.")
        else:
            await self._app(scope, receive, send)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        console = Console(stderr=True)
        set_up_logging(console)
        logging.getLogger("uvicorn.access").handlers = []  # it writes queries, where a ticket may stand by mistake
        with ExitStack() as ends:
            try:
                self._app = _build(console, ends)
            except (SettingsError, InterviewError, SignerError, ValidationError) as error:
                await receive()
                await send({"type": "lifespan.startup.failed", "message": " ".join(sentences_of(error))})
                return
            await self._app(scope, receive, send)
        _end_within(_THREADS_S)


def _end_within(limit_s: float) -> None:
    """End the process by then, although threads still wait for a store that hangs; Python would join them first."""
    watch = threading.Timer(limit_s, os._exit, (0,))
    watch.daemon = True
    watch.start()


def _build(console: Console, ends: ExitStack) -> ASGIApp:
    """Return the application. Raises SettingsError, InterviewError or StoreError."""
    settings = checked(Settings())
    return create_app(settings, ends.enter_context(checked_signer(settings, settings.page_origin(), console)))


def checked(settings: Settings) -> Settings:
    """Return settings with which signers may run side by side. Raises SettingsError."""
    if settings.is_embedded:
        raise SettingsError(
            "Set SLIPSTREAM_S3_BUCKET (and SLIPSTREAM_S3_ENDPOINT, unless it is at AWS): several signers need a bucket "
            "that they share. Only `python serve.py` starts a store of its own."
        )
    if settings.secret is None:
        raise SettingsError(
            "Set SLIPSTREAM_SECRET, at least 32 characters and the same for every signer: "
            "one opens the tickets of another."
        )
    if settings.url is None and not settings.page_origins:
        raise SettingsError(
            "Set SLIPSTREAM_URL to the address at which candidates reach the page, "
            "or SLIPSTREAM_PAGE_ORIGINS if it is served from elsewhere."
        )
    return settings


app = Entry()
