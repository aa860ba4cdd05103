"""The process behind a page of Chromium: frozen, woken, killed."""

import os
import signal

from playwright.sync_api import Page

_SPIN = "() => { const until = performance.now() + 400; while (performance.now() < until); }"


def renderer_of(page: Page) -> int:
    """Return the process id of the page's renderer: the one that works when the page does.

    The browser keeps spare ones, and names none of them.
    """
    assert page.context.browser is not None
    devtools = page.context.browser.new_browser_cdp_session()

    def worked() -> dict[int, float]:
        processes = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
        return {one["id"]: one["cpuTime"] for one in processes if one["type"] == "renderer"}

    before = worked()
    page.evaluate(_SPIN)
    after = worked()
    devtools.detach()
    return max(after, key=lambda process: after[process] - before.get(process, 0.0))


def freeze(process: int) -> None:
    os.kill(process, signal.SIGSTOP)


def wake(process: int) -> None:
    os.kill(process, signal.SIGCONT)


def kill(process: int) -> None:
    os.kill(process, signal.SIGKILL)
