"""Run a program as a child process: restart it when it dies, and never leave it running."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence

_log = logging.getLogger("slipstream")
_STOP_TIMEOUT_S = 5
_POLL_S = 0.05
_FIRST_PAUSE_S = 0.1
_MAX_PAUSE_S = 10  # between restarts of a program that keeps dying
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ChildProcess:
    """Run one program until `stop()`. `name` is its name in the log."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._name = name
        self._command = command
        self._environment = environment
        self._child: subprocess.Popen[bytes] | None = None
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._supervise, name=name, daemon=True)
        self.failure: str | None = None  # why the program cannot be run; None: no such failure so far

    @property
    def pid(self) -> int | None:
        """Return the id of the newest process; None before the first start."""
        return self._child.pid if self._child else None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the program and wait for it. May be called twice."""
        self._is_stopping.set()
        self._thread.join()

    def _supervise(self) -> None:
        # The child is started, watched and ended by this one thread: Linux ties the parent-death
        # signal to the thread that started the child, not to the process.
        pause_s = _FIRST_PAUSE_S
        while not self._is_stopping.is_set():
            started = time.monotonic()
            try:
                child = self._spawn()
            except OSError as error:
                self.failure = error.strerror or "it cannot be run"
                return
            self._child = child
            self._watch(child)
            if self._is_stopping.is_set():
                _end(child)
                return
            if time.monotonic() - started > _MAX_PAUSE_S:
                pause_s = _FIRST_PAUSE_S
            _log.error("the %s ended with code %s; starting it again", self._name, child.returncode)
            self._is_stopping.wait(pause_s)
            pause_s = min(pause_s * 2, _MAX_PAUSE_S)

    def _watch(self, child: subprocess.Popen[bytes]) -> None:
        """Return when the child has died, or when `stop()` is called."""
        while child.poll() is None and not self._is_stopping.wait(_POLL_S):
            pass

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # its log may name URLs
            umask=0o077,  # what it writes is its owner's alone
            start_new_session=True,  # Ctrl-C must not reach the child, which ends after the last request
            # Between fork and exec it makes only system calls and takes no lock.
            preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509
        )


def _die_with(parent: int) -> Callable[[], None] | None:
    """Return a function that makes a child die with us, even on kill -9; None on other systems than Linux."""
    libc = _LIBC
    if libc is None:
        return None

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # we died before the call above
            os._exit(1)

    return ask


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
