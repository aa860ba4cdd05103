"""Row 18: one session in two tabs."""

import pytest
from playwright.sync_api import expect

from tests.support.faults.invariants import Arrived, journalled
from tests.support.faults.renderer import kill, renderer_of
from tests.support.faults.speaking import arrive, assert_same_upload, has_parts, speak, speak_on
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import PART_BYTES


def dead_end(page, topic):
    return page.locator(f"[data-dead-end={topic}]")


def open_in_another_tab(candidate):
    """Open the same link; return the tab that was in front before. The candidate has moved on to the new one."""
    first = candidate.page
    candidate.page = first.context.new_page()
    candidate.page.goto(candidate.link)
    return first


@pytest.mark.parametrize("browser_name", ["chromium", "firefox"], indirect=True)
def test_row_18_two_tabs_on_one_session_only_one_uploads_and_the_other_can_take_over(sit_down_with_faults, faults):
    candidate = sit_down_with_faults(before="")
    speak(candidate, lambda: has_parts(candidate, 1), "a part is stored")
    first = open_in_another_tab(candidate)
    expect(dead_end(candidate.page, "other-tab")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    parts = len(candidate.stored_parts("first"))
    speak_on(candidate, lambda: has_parts(candidate, parts + 2), "the first tab goes on uploading")
    kept = journalled(candidate, "first")

    dead_end(candidate.page, "other-tab").get_by_role("button").click()

    expect(dead_end(first, "taken-over")).to_be_visible()
    expect(candidate.notice("recovering")).to_be_visible()
    candidate.begin()
    expect(candidate.notice("cut-off")).to_be_visible()
    arrive(candidate, faults, Arrived("first", at_least=kept))
    assert_same_upload(faults)


def test_row_18_crashed_holder_frees_the_lock(sit_down_with_faults, faults, browsers):
    browser = browsers.launch_chromium()
    try:
        candidate = sit_down_with_faults(browser=browser, before="")
        speak(candidate, lambda: has_parts(candidate, 1), "a part is stored")
        faults.store.down()
        backlog = candidate.backlog
        speak_on(candidate, lambda: candidate.backlog > backlog + PART_BYTES, "a part waits in the journal")
        kept = journalled(candidate, "first")
        holder = renderer_of(candidate.page)
        first = open_in_another_tab(candidate)
        expect(dead_end(candidate.page, "other-tab")).to_be_visible(timeout=BOOT_TIMEOUT_MS)

        with first.expect_event("crash"):
            kill(holder)
        faults.store.up()
        candidate.page.reload()

        expect(candidate.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
        candidate.begin()
        arrive(candidate, faults, Arrived("first", at_least=kept))
    finally:
        browser.close()
