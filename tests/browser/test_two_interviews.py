"""One session name used for two interviews: each has a journal and a lock of its own."""

from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS, Candidate


def open_interview(candidate: Candidate, interview: str) -> Candidate:
    """Open another interview under the same session name, in another tab of the same browser."""
    page = candidate.page.context.new_page()
    other = Candidate(page, candidate.watch, candidate.stack, interview, candidate.session)
    page.goto(candidate.stack.ticket_link(session=candidate.session, interview=interview))
    return other


def test_row_35_one_session_name_at_two_interviews_mixes_no_recording(sit_down):
    spoken = sit_down("spoken")
    spoken.begin()
    spoken.record("first")
    spoken.pause()
    spoken.until(lambda: len(spoken.recording("first").sizes) >= 3, "three chunks")
    spoken.stop("first")
    spoken.until(lambda: spoken.backlog > 0, "something waits in the journal")
    recorded = spoken.recording("first")
    first_tab = spoken.page
    beside = open_interview(spoken, "single")
    beside.begin()  # not kept away by the other interview's lock
    beside.page.close()
    first_tab.close()

    single = open_interview(spoken, "single")
    single.begin()
    expect(single.question("first")).to_have_attribute("data-answered", "false")
    expect(single.notice("recovering")).to_have_count(0)
    assert single.page.locator("body").get_attribute("data-safe") == "true", "it waits for another interview's bytes"

    again = open_interview(spoken, "spoken")
    expect(again.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    again.begin()
    again.wait_for_state("first", "completed")
    again.wait_until_safe()
    record = again.stored_record("first")
    again.assert_object_is(recorded, record)
    assert single.objects() == {}, "a recording went to the wrong interview"
    assert (single.open_uploads(), again.open_uploads()) == ({}, {})
