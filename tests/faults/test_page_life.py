"""Rows 13 and 19: the page is left and comes back, is hidden, frozen, or put aside by the browser."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.support.faults.invariants import Arrived, journalled
from tests.support.faults.renderer import freeze, renderer_of, wake
from tests.support.faults.speaking import arrive, assert_same_upload, finish, has_parts, speak, speak_on
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import PART_BYTES

ASLEEP_S = 4  # longer than this stack's patience with a stall (2 s) and with a reply (3 s)
# No headless browser hides a page.
HIDEABLE = """
let shown = "visible";
Object.defineProperty(document, "visibilityState", { get: () => shown });
globalThis.slipstreamShow = (now) => {
  shown = now;
  document.dispatchEvent(new Event("visibilitychange"));
};
"""
REFUSED_BY_BFCACHE = "performance.getEntriesByType('navigation')[0].notRestoredReasons?.reasons.length"


def reload(candidate):
    candidate.page.reload()


def go_back(candidate):
    candidate.page.goto("about:blank")
    candidate.page.go_back()


def close(candidate):
    link, context = candidate.link, candidate.page.context
    candidate.page.close()
    candidate.page = context.new_page()
    candidate.page.goto(link)


def speak_until_cut_off(candidate, faults, leave):
    """Leave in the middle of a recording, some of it stored, some not; return the bytes that were safe by then."""
    speak(candidate, lambda: has_parts(candidate, 2), "two parts are stored")
    faults.store.down()
    backlog = candidate.backlog
    speak_on(candidate, lambda: candidate.backlog > backlog + 2 * PART_BYTES, "two more parts wait in the journal")
    kept = journalled(candidate, "first")
    leave(candidate)
    expect(candidate.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    expect(candidate.notice("cut-off")).to_have_text(re.compile(r"after \d+\s(s|min)"))
    return kept


@pytest.mark.parametrize(
    ("browser_name", "leave"),
    [("chromium", reload), ("firefox", reload), ("chromium", close)],
    indirect=["browser_name"],
)
def test_row_13_recording_that_a_page_left_goes_on_with_the_same_upload(sit_down_with_faults, faults, leave):
    candidate = sit_down_with_faults()
    kept = speak_until_cut_off(candidate, faults, leave)

    faults.store.up()

    arrive(candidate, faults, Arrived("first", at_least=kept))
    assert_same_upload(faults)


def test_row_13_and_19_bfcache_keeps_no_live_camera_and_what_back_finds_can_be_made_again(
    sit_down_with_faults, faults, browsers
):
    browser = browsers.launch_chromium(without=("--disable-back-forward-cache",))
    try:
        candidate = sit_down_with_faults(browser=browser, before="")  # a camera that is live
        speak_until_cut_off(candidate, faults, go_back)
        assert candidate.page.evaluate(REFUSED_BY_BFCACHE), "the browser never thought of keeping the page"

        candidate.discard("first")
        expect(candidate.notice("cut-off")).to_be_hidden()
        faults.store.up()
        candidate.record("first")
        speak_on(candidate, lambda: has_parts(candidate, 2), "two parts of the next take are stored")
        candidate.stop("first")

        arrive(candidate, faults, Arrived("first", take=2))
    finally:
        browser.close()


def test_row_19_hidden_and_asleep_for_longer_than_all_patience_goes_on_after_waking(
    sit_down_with_faults, faults, browsers
):
    browser = browsers.launch_chromium()
    try:
        candidate = sit_down_with_faults(browser=browser, before=HIDEABLE)
        speak(candidate, lambda: has_parts(candidate, 1), "a part is stored")
        process = renderer_of(candidate.page)
        candidate.page.evaluate("slipstreamShow('hidden')")
        freeze(process)
        before = len(candidate.stored_parts("first"))
        time.sleep(ASLEEP_S)
        assert len(candidate.stored_parts("first")) <= before + 2, "the page has not slept"
        wake(process)
        candidate.page.evaluate("slipstreamShow('visible')")

        speak_on(candidate, lambda: has_parts(candidate, before + 4), "recording and sending go on")
        for topic in ("device-lost", "offline", "slow", "upload-failed"):
            expect(candidate.notice(topic)).to_be_hidden()
        finish(candidate, faults)
    finally:
        browser.close()
