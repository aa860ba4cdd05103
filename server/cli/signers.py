"""`python serve.py signer`: several processes of server.cli.asgi on one port, with connections that end."""

import sys

import uvicorn
from rich.console import Console
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from server.cli.asgi import checked
from server.cli.logs import set_up_logging
from server.cli.serve import MAX_REQUEST_HEAD, listening
from server.http.connections import BoundedProtocol
from server.settings import Settings

_GRACE_S = 20  # for calls that are under way: completing a large recording may take the store a while


def run_signers(settings: Settings, workers: int | None, console: Console) -> None:
    """Serve until SIGINT or SIGTERM; `workers`: None means as WEB_CONCURRENCY says, or one.

    Each process reads the settings from its environment. Exits with 3 if one cannot start. Raises SettingsError.
    """
    config = config_of(checked(settings), workers)
    set_up_logging(console)
    with listening(settings) as listener:
        processes = Multiprocess(config, [listener])
        processes.run()
    # uvicorn itself ends with 0, and whoever supervises it would think that it was asked to.
    if any(process.exitcode == STARTUP_FAILURE for process in processes.processes):
        sys.exit(STARTUP_FAILURE)


def config_of(settings: Settings, workers: int | None) -> uvicorn.Config:
    """Return what uvicorn needs to know."""
    return uvicorn.Config(
        "server.cli.asgi:app",
        host=settings.host,
        port=settings.port,
        workers=workers,
        http=BoundedProtocol,  # uvicorn's own command cannot choose it
        log_config=None,
        access_log=False,  # our own leaves out the query
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        h11_max_incomplete_event_size=MAX_REQUEST_HEAD,
        ws="none",
        lifespan="on",
    )
