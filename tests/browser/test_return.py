"""Coming back: what the journal had committed goes on where it was."""

import pytest
from playwright.sync_api import expect

from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM, PART_BYTES

NO_STORAGE = """
Object.defineProperty(globalThis, "indexedDB", {
  configurable: true,
  value: { open() { throw new DOMException("The operation is insecure.", "SecurityError"); } },
});
"""


@pytest.mark.parametrize("policy", [{}, {"part_bytes": None}], ids=["equal parts", "parts by the uplink"])
def test_reload_while_recording_goes_on_with_the_same_upload(sit_down, policy):
    candidate = sit_down(policy=policy)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.stored_parts("first")) >= 2, "two parts are stored")
    candidate.pause()
    backlog = candidate.backlog
    candidate.until(lambda: candidate.backlog > backlog + 2 * PART_BYTES, "two more parts wait in the journal")
    [(key, upload)] = candidate.open_uploads().items()
    sent_before = {put.number for put in candidate.watch.parts("first") if put.status == 200}
    interrupted = candidate.recording("first")
    kept = int(candidate.track("first").locator("progress").get_attribute("max") or 0)

    candidate.page.reload()
    expect(candidate.notice("recovering")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    expect(candidate.notice("cut-off")).to_contain_text("The page was closed or reloaded after")
    expect(candidate.notice("cut-off").locator("[data-goto=first]")).to_have_text("1. Say something.")
    candidate.begin()
    expect(candidate.notice("cut-off")).to_have_count(1)  # at its question
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()

    record = candidate.stored_record("first")
    assert record["key"] == key
    assert record["interrupted"]
    assert record["duration_s"] > 0
    media = candidate.stack.read(key)
    assert len(media) == record["size"] >= kept, "something that the page had shown as recorded is lost"
    candidate.assert_chunks_are(interrupted, media)
    parts = candidate.watch.parts("first")
    assert {put.upload for put in parts} == {upload}, "another upload was begun"
    acknowledged = [put.number for put in parts if put.status == 200]
    assert len(acknowledged) == len(set(acknowledged)), "an acknowledged part was sent twice"
    assert sent_before < set(acknowledged)
    assert candidate.open_uploads() == {}
    assert candidate.journal_rows()["chunks"] == 0


def test_reload_keeps_a_complete_answer_and_a_text(sit_down):
    candidate = sit_down()
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: candidate.stored_parts("first"), "a part is stored")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.write("words", "Still here?")
    candidate.until(lambda: "words/take-1/answer.json" in candidate.objects(), "the text is stored")
    candidate.wait_until_safe()
    recorded = candidate.recording("first")
    sent = len(candidate.watch.parts("first"))

    candidate.page.reload()
    candidate.begin()
    expect(candidate.question("first")).to_have_attribute("data-answered", "true")
    candidate.go_to("words")
    expect(candidate.question("words").locator("textarea")).to_have_value("Still here?")
    candidate.record("second")
    candidate.until(lambda: len(candidate.recording("second").sizes) >= 3, "three chunks")
    candidate.stop("second")
    candidate.submit()

    assert len(candidate.watch.parts("first")) == sent, "a stored answer was sent again"
    answers = {answer["question"]: answer for answer in candidate.read_json("submission.json")["answers"]}
    candidate.assert_object_is(recorded, answers["first"]["tracks"]["audio"])
    assert answers["words"]["text"] == "Still here?"


@CHROMIUM
def test_reload_finds_a_discarded_take_discarded_and_able_to_come_back(sit_down):
    candidate = sit_down()
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: candidate.stored_parts("first"), "a part is stored")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    candidate.discard("first")
    expect(candidate.question("first").locator("[data-phase]")).to_have_attribute("data-phase", "ready")

    candidate.page.reload()
    candidate.begin()

    expect(candidate.question("first")).to_have_attribute("data-answered", "false")
    candidate.press("first", "restore")
    expect(candidate.question("first")).to_have_attribute("data-answered", "true")
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)
    candidate.page.reload()
    candidate.begin()
    expect(candidate.question("first")).to_have_attribute("data-answered", "true")


def test_window_without_storage_warns_and_works(sit_down):
    candidate = sit_down(script=NO_STORAGE)
    expect(candidate.notice("no-backup")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: candidate.stored_parts("first"), "a part is stored")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record("first")
    candidate.assert_object_is(candidate.recording("first"), record)
