"""A browser with a profile of its own that is killed without a warning, and opened again on what the disk has."""

import os
import signal
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Playwright

from tests.benchmarks.memory import PROC, descendants
from tests.support.browsers import launch_options
from tests.support.page_driver import TIMEOUT_MS
from tests.support.page_watch import PageWatch


class Kill(StrEnum):
    RENDERER = "renderer"
    BROWSER = "browser"


class Victim:
    """Open again after a kill by asking for `context`."""

    def __init__(self, playwright: Playwright, name: str, profile: Path) -> None:
        self._type = getattr(playwright, name)
        self._options = launch_options(name)
        self._profile = profile
        self._context: BrowserContext | None = None  # None: not running
        self.watches: list[PageWatch] = []  # one a launch

    @property
    def context(self) -> BrowserContext:
        if self._context is None:
            self._context = self._type.launch_persistent_context(str(self._profile), **self._options)
            self._context.set_default_timeout(TIMEOUT_MS)
            self.watches.append(PageWatch(self._context))
        return self._context

    def kill(self, kill: Kill) -> None:
        """End every process of the page, or of the whole browser, by SIGKILL."""
        root = self._root()
        tree = descendants(root)
        pids = [pid for pid in tree if "--type=renderer" in _command(pid)] if kill is Kill.RENDERER else tree
        assert pids, "there was nothing to kill"
        for pid in pids:
            with suppress(ProcessLookupError):  # it has gone with its parent
                os.kill(pid, signal.SIGKILL)
        if kill is Kill.BROWSER:
            self.close()

    def close(self) -> None:
        """End it in peace, or put away what a kill has left. May be called twice."""
        if self._context is not None:
            with suppress(Error):  # nobody answers after a kill
                self._context.close()
            self._context = None

    def _root(self) -> int:
        """Return the browser's first process: no other can have been started by us before it."""
        return next(pid for pid in descendants(os.getpid()) if str(self._profile) in _command(pid))


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "cmdline").read_text(errors="replace")  # Chromium's children part words by spaces
    except OSError:
        return ""  # it has ended
