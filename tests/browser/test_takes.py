"""Takes: given up, limited by the clock, prepared for; and what Submit says while one is missing."""

import re

from playwright.sync_api import expect

from tests.support.pace import slowness
from tests.support.settings import CHROMIUM


def test_next_take_aborts_the_upload_of_the_discarded_one_and_leaves_nothing_open(sit_down):
    candidate = sit_down()
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.stored_parts("first")) >= 2, "two parts are stored")
    candidate.pause()  # the rest of take 1 never goes out
    candidate.stop("first")
    first = candidate.recording("first")
    assert len(candidate.open_uploads()) == 1

    candidate.discard("first")
    assert len(candidate.open_uploads()) == 1, "it can still be brought back"
    candidate.press("first", "record")
    candidate.until(lambda: candidate.open_uploads() == {}, "the upload is aborted, paused or not")
    assert candidate.objects() == {}
    candidate.resume()
    candidate.until(lambda: candidate.stored_parts("first"), "take 2 is on its way")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")

    record = candidate.stored_record("first", take=2)
    assert candidate.recording("first") is not first
    candidate.assert_object_is(candidate.recording("first"), record)
    assert not [name for name in candidate.objects() if "take-1" in name]
    assert candidate.open_uploads() == {}
    candidate.wait_until_safe()
    assert candidate.journal_rows()["chunks"] == 0


@CHROMIUM
def test_retake_of_a_stored_answer_counts_in_its_place(sit_down):
    candidate = sit_down()
    candidate.begin()
    record_briefly(candidate, "first")
    candidate.discard("first")
    candidate.press("first", "record")
    candidate.until(lambda: candidate.stored_parts("first"), "take 2 is on its way")
    candidate.stop("first")
    record_briefly(candidate, "second")
    candidate.submit()

    answers = {answer["question"]: answer for answer in candidate.read_json("submission.json")["answers"]}
    assert {question: answer["take"] for question, answer in answers.items()} == {"first": 2, "second": 1}
    candidate.assert_object_is(candidate.recording("first"), answers["first"]["tracks"]["audio"])
    assert candidate.open_uploads() == {}


def test_preparation_counts_down_then_records_and_stops_at_the_limit(sit_down):
    candidate = sit_down("timed")
    candidate.begin()
    question = candidate.question("prepared")
    candidate.press("prepared", "record")
    expect(question.locator("[data-phase]")).to_have_attribute("data-phase", "preparing")
    expect(question.get_by_role("timer")).to_have_text(re.compile(r"0:0[12]"))
    assert candidate.watch.recordings == [], "recording began before its time"

    expect(question.locator("[data-phase]")).to_have_attribute("data-phase", "taken")  # nobody presses anything
    candidate.wait_for_state("prepared", "completed")
    candidate.submit()

    record = candidate.read_json("submission.json")["answers"][0]["tracks"]["audio"]
    candidate.assert_object_is(candidate.recording("prepared"), record)
    assert 2 <= record["duration_s"] < 2 + 2 * slowness(), "it was to stop at 2 s"
    assert not record["interrupted"]


@CHROMIUM
def test_preparation_can_be_cut_short(sit_down):
    candidate = sit_down("hasty")  # its last question gives five minutes to think
    candidate.begin()
    record_briefly(candidate, "gap-60")
    candidate.go_to("prepared")
    candidate.press("prepared", "record")
    candidate.press("prepared", "record")
    candidate.until(lambda: candidate.recordings("prepared"), "the recording has begun")
    candidate.stop("prepared")
    candidate.submit()
    assert len(candidate.watch.recordings) == 2


@CHROMIUM
def test_submit_names_what_is_missing_and_keeps_the_rest(sit_down):
    candidate = sit_down()
    candidate.begin()
    record_briefly(candidate, "first")
    candidate.page.locator("[data-action=submit]:not([aria-disabled])").click()

    expect(candidate.notice("submit-missing")).to_contain_text("Say something else.")
    expect(candidate.notice("submit-missing")).not_to_contain_text("Say something.")
    assert "submission.json" not in candidate.objects()
    candidate.notice("submit-missing").get_by_role("button", name="Say something else.").click()
    expect(candidate.question("second")).to_be_visible()
    record_briefly(candidate, "second")
    candidate.submit()
    assert {answer["question"] for answer in candidate.read_json("submission.json")["answers"]} == {"first", "second"}


def record_briefly(candidate, question):
    candidate.record(question)
    candidate.until(lambda: len(candidate.recording(question).sizes) >= 3, "three chunks")
    candidate.stop(question)
    candidate.wait_for_state(question, "completed")


# No page of ours may fetch a Blob by its URL.
PLAYABLE = """
const { createObjectURL } = URL;
globalThis.playable = new Map();
URL.createObjectURL = (blob) => {
  const url = createObjectURL(blob);
  playable.set(url, blob);
  return url;
};
"""
PLAYED = """
async (node) => {
  const bytes = await playable.get(node.src).arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
"""
FILES = """
async () => {
  const names = [];
  for await (const [name, folder] of (await navigator.storage.getDirectory()).entries())
    for await (const file of folder.keys()) names.push(`${name}/${file}`);
  return names;
}
"""


def test_an_answer_that_was_left_is_still_played_from_one_file_and_none_remains(sit_down):
    candidate = sit_down(script=PLAYABLE)
    candidate.begin()
    candidate.go_to("first")
    record_briefly(candidate, "first")
    player = candidate.question("first").locator("audio[src]")
    before = player.get_attribute("src")
    candidate.go_to("second")
    candidate.until(lambda: len(candidate.page.evaluate(FILES)) == 1, "the answer is in a file")
    assert candidate.page.locator("audio[src^=blob], video[src^=blob]").count() == 0, "a hidden player holds its media"
    candidate.go_to("first")
    candidate.until(lambda: player.get_attribute("src") not in (None, before), "it is played from there")
    candidate.page.wait_for_function("() => document.querySelector('audio[src]').duration > 0")
    assert player.evaluate(PLAYED) == candidate.stored_record("first")["sha256"]

    record_briefly(candidate, "second")
    candidate.submit()
    candidate.until(lambda: candidate.page.evaluate(FILES) == [], "the file is deleted")
