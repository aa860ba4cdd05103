"""A Chromium that is measured, driven over DevTools' pipe with as little of the protocol as will do.

Not by Playwright: it switches DevTools' Network domain on, and with that Chromium keeps the body of every request in
memory until the page is gone. The wait after Stop would be the same, the memory would be the tool's and not the page's.
"""

import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.support.browsers import launch_options

POLL_S = 0.05
ANSWER_S = 60
EXIT_S = 10
READ, WRITE = 3, 4  # the file descriptors at which Chromium listens and speaks
# The gateway that takes streams has a certificate that is made for each run.
FLAGS = (
    "--ignore-certificate-errors",
    "--headless",
    "--remote-debugging-pipe",
    "--no-first-run",
    "--window-size=1280,900",
)

_IS_SHOWN = "document.querySelector({})?.checkVisibility() ?? false"


class Chromium:
    """One browser with one page; its profile is `profile`, or one of its own that is gone on `close()`.

    Its camera shows the `film` (camera.py); None: Chromium's own pattern.
    """

    def __init__(self, profile: Path | None = None, film: Path | None = None) -> None:
        self._profile = tempfile.TemporaryDirectory(prefix="slipstream-bench-", ignore_cleanup_errors=True)
        its_read, self._write = os.pipe()
        self._read, its_write = os.pipe()
        options = launch_options("chromium", is_measured=True)
        shown = [] if film is None else [f"--use-file-for-fake-video-capture={film}"]
        program = options.get("executable_path") or _playwrights_own()
        self._process = subprocess.Popen(
            [
                program,
                *FLAGS,
                *options["args"],
                *shown,
                f"--user-data-dir={profile or self._profile.name}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            close_fds=False,
            preexec_fn=_hand_over(its_read, its_write),  # noqa: PLW1509 - it makes system calls and takes no lock
        )
        os.close(its_read)
        os.close(its_write)
        self._unread = b""
        self._calls = 0
        self._session: str | None = None
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable")

    @property
    def pid(self) -> int:
        return self._process.pid

    def run_before(self, script: str) -> None:
        """Run a script in every page before its own."""
        self._call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def bypass_csp(self) -> None:
        self._call("Page.setBypassCSP", enabled=True)

    def open(self, url: str) -> None:
        self._call("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete'", 30)

    def evaluate(self, expression: str) -> Any:
        """Return what an expression (or its promise) comes to, as JSON can say it. The page takes it for a gesture."""
        reply = self._call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in reply:
            raise RuntimeError(reply["exceptionDetails"].get("exception", {}).get("description", "the page threw"))
        return reply["result"].get("value")

    def wait_for(self, expression: str, timeout_s: float) -> None:
        """Ask until it is true. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while not self.evaluate(expression):
            if time.monotonic() > deadline:
                shown = self.evaluate("document.body.innerText.slice(0, 500)")
                raise TimeoutError(f"not true within {timeout_s} s: {expression}\nThe page says: {shown}")
            time.sleep(POLL_S)

    def click(self, selector: str, timeout_s: float = 10) -> None:
        """Click what `selector` finds, once it is to be seen."""
        self.wait_for_shown(selector, timeout_s)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def wait_for_shown(self, selector: str, timeout_s: float = 10) -> None:
        self.wait_for(_IS_SHOWN.format(json.dumps(selector)), timeout_s)

    def collect_garbage(self) -> None:
        self._call("HeapProfiler.collectGarbage")

    def metrics(self) -> dict[str, float]:
        """Return the page's figures of DevTools' Performance domain, sizes in bytes."""
        self._call("Performance.enable")
        return {one["name"]: one["value"] for one in self._call("Performance.getMetrics")["metrics"]}

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(EXIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._write)
        os.close(self._read)
        self._profile.cleanup()

    def _call(self, method: str, **parameters: Any) -> Any:
        self._calls += 1
        message = {"id": self._calls, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            reply = self._next_message()
            if reply.get("id") == self._calls:  # the others are events
                if "error" in reply:
                    raise RuntimeError(f"{method}: {reply['error']['message']}")
                return reply["result"]

    def _next_message(self) -> dict[str, Any]:
        while b"\0" not in self._unread:
            if not select.select([self._read], [], [], ANSWER_S)[0]:
                raise TimeoutError("Chromium has not answered; its page may have crashed")
            data = os.read(self._read, 65_536)
            if not data:
                raise RuntimeError("Chromium has gone")
            self._unread += data
        one, _, self._unread = self._unread.partition(b"\0")
        message: dict[str, Any] = json.loads(one)
        return message


def _hand_over(its_read: int, its_write: int) -> Callable[[], None]:
    def move() -> None:
        high_read, high_write = os.dup2(its_read, 103), os.dup2(its_write, 104)  # 3 and 4 may be one of ours
        os.dup2(high_read, READ)
        os.dup2(high_write, WRITE)

    return move


def _playwrights_own() -> str:
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path
