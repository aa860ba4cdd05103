"""The screen stays on while a candidate speaks, and goes dark afterwards."""

import asyncio
from types import SimpleNamespace

import pytest

from tests.support.fake_javascript import Browser, JsError
from tests.support.held import settle

pytestmark = pytest.mark.anyio


class WakeLocks:
    """Those of the browser: one that is hidden takes what it gave, and gives nothing."""

    def __init__(self, document):
        self._document = document
        self.held = []

    async def request(self, _kind):
        if self._document.visibilityState == "hidden":
            raise JsError("NotAllowedError")
        await asyncio.sleep(0)
        lock = SimpleNamespace()
        lock.release = lambda: self._release(lock)
        self.held.append(lock)
        return lock

    def _release(self, lock):
        if lock in self.held:
            self.held.remove(lock)
        released = asyncio.get_running_loop().create_future()
        released.set_result(None)
        return released

    def see(self, state):
        self._document.visibilityState = state
        if state == "hidden":
            self.held.clear()
        self._document.dispatch("visibilitychange")


@pytest.fixture
def browser(monkeypatch):
    return Browser(monkeypatch)


@pytest.fixture
def screen(browser):
    browser.js.document.visibilityState = "visible"
    browser.js.navigator.wakeLock = WakeLocks(browser.js.document)
    return browser.js.navigator.wakeLock


@pytest.fixture
async def page_lifecycle(browser, screen):
    return browser.adapter("window.page_lifecycle", "BrowserPageLifecycle")()


async def test_screen_is_kept_on_for_a_take_alone(screen, page_lifecycle):
    await page_lifecycle.keep_awake(True)
    assert len(screen.held) == 1
    await page_lifecycle.keep_awake(False)
    assert screen.held == []


async def test_page_that_comes_back_during_a_take_keeps_the_screen_on_again(screen, page_lifecycle):
    await page_lifecycle.keep_awake(True)
    screen.see("hidden")
    screen.see("visible")
    await settle()
    assert len(screen.held) == 1
    await page_lifecycle.keep_awake(False)
    screen.see("hidden")
    screen.see("visible")
    await settle()
    assert screen.held == []


async def test_take_that_ends_while_the_browser_is_asked_leaves_the_screen_alone(screen, page_lifecycle):
    await asyncio.gather(page_lifecycle.keep_awake(True), page_lifecycle.keep_awake(False))
    assert screen.held == []


async def test_page_that_is_taken_over_leaves_the_screen_alone(screen, page_lifecycle):
    await page_lifecycle.keep_awake(True)
    page_lifecycle.close()
    screen.see("visible")
    await settle()
    assert screen.held == []
