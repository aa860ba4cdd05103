"""efficiency.json of pages that are hidden, closed, and opened again."""

from tests.support.page_driver import BOOT_TIMEOUT_MS

QUESTION = "first"


def test_page_that_is_left_reports_how_far_the_candidate_got_and_its_return_goes_on(sit_down):
    candidate = sit_down("single")
    candidate.begin()
    link = candidate.link
    candidate.page.goto("about:blank")
    left = candidate.until(candidate.report, "the page that was left has reported")
    assert (left.step, left.visits, left.recorded, left.is_submitted) == ("begun", 1, 0, False)

    candidate.page.goto(link, timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    candidate.record(QUESTION)
    candidate.until(lambda: len(candidate.recording(QUESTION).sizes) >= 3, "three chunks")
    candidate.stop(QUESTION)
    candidate.wait_until_safe()
    candidate.until(lambda: candidate.journal_rows()["answers"] == 2, "answer.json and the report are in the journal")
    candidate.page.reload(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    candidate.submit()

    whole = candidate.last_report()
    stored = candidate.stored_record(QUESTION)["size"]
    assert (whole.step, whole.visits, whole.recorded, whole.sent) == ("submitted", 2, stored, stored)
    assert whole.overlap is not None
    assert len(whole.uploads) == 1
