"""The welcome page before Python is up: Python goes on with what stands, and draws nothing anew."""

import pytest
from playwright.sync_api import expect

from tests.support.browsers import ROOT
from tests.support.early import allow, interview_calls, press_early, python_is_up
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM

LANGUAGES = ("en", *sorted(folder.name for folder in (ROOT / "static/locales").iterdir() if folder.is_dir()))
# The nodes that a candidate looks at and uses; a video that is moved, or gets its stream anew, is emptied or paused.
REMEMBERED = """() => {
  const check = document.querySelector(".device-check");
  const find = () => ["h2", "video", "[data-action=check-devices]"].map((one) => check.querySelector(one));
  const [before, events] = [find(), []];
  for (const name of ["emptied", "pause"]) before[1].addEventListener(name, () => events.push(name));
  globalThis.untouched = () => !events.length && find().every((node, index) => node === before[index]);
}"""
# What is drawn of the welcome page, and where: every visible text with its place.
DRAWN = """() => {
  const check = document.querySelector(".device-check");
  const walker = document.createTreeWalker(check, NodeFilter.SHOW_TEXT);
  const drawn = [document.title, document.getElementById("title").textContent, document.documentElement.dir];
  for (const text = walker; text.nextNode();) {
    const parent = text.currentNode.parentElement;
    if (!parent.checkVisibility()) continue;
    const { x, y, width, height } = parent.getBoundingClientRect();
    drawn.push([text.currentNode.data, ...[x, y, width, height].map(Math.round)].join(" | "));
  }
  return drawn;
}"""


def test_press_before_python_is_up_shows_the_picture_and_leads_to_a_stored_answer(early):
    candidate, held = early()
    page = candidate.page
    press_early(candidate)
    candidate.until(lambda: page.locator(".device-check video").evaluate("v => v.videoWidth > 0"), "there is a picture")
    expect(page.locator("[data-action=begin]")).to_be_hidden()
    page.evaluate(REMEMBERED)

    held.release()

    expect(page.locator("[data-action=begin]")).to_be_focused(timeout=BOOT_TIMEOUT_MS)
    assert page.evaluate("untouched()"), "Python has made the picture or the button anew"
    assert candidate.watch.device_requests == 1
    assert [one.split()[0] for one in interview_calls(held)] == ["GET"]
    page.locator("[data-action=begin]").click()
    candidate.press("film", "record")
    candidate.stop("film")
    candidate.wait_for_state("film", "completed", "video")
    candidate.wait_until_safe()
    candidate.assert_object_is(candidate.recording("film", "video"), candidate.stored_record("film", "video"))


def test_what_stands_early_is_what_python_draws(early):
    candidate, held = early("whole", name="Ada Ångström")
    page = candidate.page
    expect(allow(page)).to_be_visible()
    expect(page.locator(".device-check h2")).to_be_focused()
    drawn = page.evaluate(DRAWN)
    page.evaluate(REMEMBERED)

    held.release()

    python_is_up(page)
    expect(page.locator(".device-check h2")).to_be_focused()
    assert page.evaluate(DRAWN) == drawn
    assert page.evaluate("untouched()")
    assert len(interview_calls(held)) == 1


@CHROMIUM
@pytest.mark.parametrize("tag", LANGUAGES)
def test_early_page_speaks_like_python(early, tag):
    candidate, held = early("prepared" if tag == "de" else "whole", name="Zoë", locale=tag, query="?lang=nl")
    page = candidate.page
    expect(page.locator(f"html[lang={tag}]")).to_have_count(1)
    expect(allow(page)).to_be_visible()
    drawn = page.evaluate(DRAWN)

    held.release()

    python_is_up(page)
    assert page.evaluate(DRAWN) == drawn
    assert page.evaluate("wasEarly")


@CHROMIUM
def test_language_can_be_chosen_before_python_is_up(early):
    candidate, held = early("whole")
    page = candidate.page
    expect(allow(page)).to_have_text("Allow camera and microphone")
    for tag, words in (("de", "Kamera und Mikrofon erlauben"), ("en", "Allow camera and microphone")) * 2:
        page.locator("#language").select_option(tag)
        expect(allow(page)).to_have_text(words)
        expect(page.locator(f"html[lang={tag}]")).to_have_count(1)
    page.locator("#language").focus()
    page.locator("#language").select_option("de")
    expect(allow(page)).to_have_text("Kamera und Mikrofon erlauben")

    held.release()

    python_is_up(page)
    expect(allow(page)).to_have_text("Kamera und Mikrofon erlauben")
    expect(page.locator("#language")).to_be_focused()
