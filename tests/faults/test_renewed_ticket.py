"""Row 25: the ticket expires in mid-upload, and the candidate comes back with a new one."""

import time

import pytest
from playwright.sync_api import expect

from tests.support.faults.speaking import arrive, assert_same_upload, has_parts, speak
from tests.support.late_ticket import open_link_late
from tests.support.page_driver import BOOT_TIMEOUT_MS

INTERVIEW = "single"


@pytest.mark.parametrize("browser_name", ["chromium", "firefox"], indirect=True)
def test_row_25_upload_whose_ticket_expired_goes_on_with_a_new_link(sit_down_with_faults, faults):
    candidate = sit_down_with_faults(INTERVIEW, link="about:blank")
    candidate.watch.expect("Status code: 403")  # Firefox, of a store that adds no CORS header to what it refuses
    ends_at = open_link_late(candidate, INTERVIEW) + time.monotonic()
    speak(candidate, lambda: has_parts(candidate, 2), "two parts are stored")
    candidate.until(lambda: time.monotonic() > ends_at, "the link has expired")
    expect(candidate.notice("ticket-expired")).to_be_visible()
    candidate.stop("first")
    assert candidate.state("first") != "completed"
    expired = candidate.page

    candidate.page = expired.context.new_page()
    expired.close()
    candidate.page.goto(faults.stack.ticket_link(session=candidate.session, interview=INTERVIEW))
    expect(candidate.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    arrive(candidate, faults)

    assert_same_upload(faults)
    candidate.submit()
    [answer] = candidate.read_json("submission.json")["answers"]
    candidate.assert_object_is(candidate.recording("first"), answer["tracks"]["audio"])
