"""The candidate's language: who decides it, how it is changed, and a page that runs from right to left."""

import secrets
from pathlib import Path

import pytest
from playwright.sync_api import expect

from server.build import messages
from tests.support.early import python_is_up
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM

CATALOGUES = {tag: messages.read(path) for tag, path in messages.po_files(Path(__file__).parents[2]).items()}
BROWSER_SPEAKS = "Object.defineProperty(navigator, 'languages', {get: () => %s});"


def said(sentence, tag):
    return CATALOGUES[tag][sentence].string


def speaks(candidate, tag, direction="ltr"):
    expect(candidate.page.locator(f'html[lang="{tag}"][dir="{direction}"]')).to_have_count(1, timeout=BOOT_TIMEOUT_MS)


def choose(candidate, tag):
    """Choose a language as the keyboard does: Playwright alone would change the menu and not go to it."""
    menu = candidate.page.locator("#language")
    menu.focus()
    menu.select_option(tag)


def nothing_is_cut_off(candidate, tag):
    width, room = candidate.page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert width <= room, f"{tag}: the page scrolls sideways"


def every_language_fits(candidate):
    for tag in CATALOGUES:
        choose(candidate, tag)
        expect(candidate.page.locator("#totals-title")).to_have_text(said("Your recordings", tag))
        nothing_is_cut_off(candidate, tag)


@CHROMIUM
def test_hand_ticket_link_and_browser_decide_in_this_order(sit_down, stack):
    candidate = sit_down(script=BROWSER_SPEAKS % '["nl", "pl-PL", "de"]')
    page = candidate.page
    button = page.locator("[data-action=check-devices]")
    speaks(candidate, "pl")
    expect(button).to_have_text(said("Allow microphone", "pl"), timeout=BOOT_TIMEOUT_MS)

    page.goto(stack.ticket_link(interview="spoken").replace("/#", "/?lang=pt-BR#"))
    expect(button).to_have_text(said("Allow microphone", "pt"), timeout=BOOT_TIMEOUT_MS)
    speaks(candidate, "pt")

    # Same session of the browser, the ticket's wish comes only with the grant.
    page.goto(stack.ticket_link(interview="spoken", locale="de-AT").replace("/#", "/?lang=zh-TW#"))
    expect(button).to_have_text(said("Allow microphone", "de"), timeout=BOOT_TIMEOUT_MS)
    speaks(candidate, "de")

    python_is_up(page)  # it draws the page anew, which moves the focus
    choose(candidate, "ja")
    expect(button).to_have_text(said("Allow microphone", "ja"))
    expect(page.locator("#language")).to_be_focused()
    page.reload()
    expect(button).to_have_text(said("Allow microphone", "ja"), timeout=BOOT_TIMEOUT_MS)
    speaks(candidate, "ja")


def test_an_interview_from_right_to_left_on_a_small_phone(sit_down, stack):
    session = f"t-{secrets.token_hex(6)}"
    link = stack.ticket_link(session=session, interview="spoken", name="Ada", locale="ar")
    candidate = sit_down(link=link, session=session)
    page = candidate.page
    page.set_viewport_size({"width": 320, "height": 640})
    speaks(candidate, "ar", "rtl")
    candidate.begin()
    candidate.press("first", "record")
    stop = candidate.question("first").locator("[data-action=stop]:visible")
    expect(stop).to_have_text(said("Stop recording", "ar"))
    candidate.until(lambda: len(candidate.recording("first").sizes) >= 3, "three chunks")
    nothing_is_cut_off(candidate, "ar")

    choose(candidate, "en")  # the recording goes on meanwhile
    expect(stop).to_have_text("Stop recording")
    speaks(candidate, "en")
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")
    every_language_fits(candidate)

    choose(candidate, "ar")
    expect(page.locator("#totals-title")).to_have_text(said("Your recordings", "ar"))
    page.locator("[data-step=forward]:visible").click()
    candidate.press("second", "record")
    expect(candidate.question("second").locator("[data-action=stop]")).to_be_visible()
    candidate.until(lambda: len(candidate.recording("second").sizes) >= 3, "three chunks")
    candidate.stop("second")
    candidate.write("words", "مرحبا")
    choose(candidate, "fr")
    expect(candidate.question("words").locator("textarea")).to_have_value("مرحبا")
    choose(candidate, "ar")
    candidate.submit()

    expect(page.locator("[data-receipt] h2")).to_have_text(said("Thank you. We have your answers.", "ar"))
    nothing_is_cut_off(candidate, "ar")
    answers = {answer["question"]: answer for answer in candidate.read_json("submission.json")["answers"]}
    candidate.assert_object_is(candidate.recording("first"), answers["first"]["tracks"]["audio"])
    assert answers["words"]["text"] == "مرحبا"


@CHROMIUM
@pytest.mark.parametrize("has_catalogue", [True, False], ids=["arrives", "is-missing"])
def test_a_page_that_cannot_start_says_so_in_the_candidates_language(sit_down, has_catalogue):
    script = BROWSER_SPEAKS % '["de"]' + "delete globalThis.MediaRecorder;"
    candidate = sit_down(link="about:blank", script=script)
    if not has_catalogue:
        candidate.watch.expect(r"status of 404")
        candidate.page.route("**/locales/*.json", lambda route: route.fulfill(status=404))

    candidate.page.goto(candidate.stack.ticket_link(interview="spoken"))

    line, button = candidate.page.locator("#boot-step"), candidate.page.locator("#boot-reload")
    expect(line).to_contain_text("kann nicht aufnehmen" if has_catalogue else "cannot record")
    expect(button).to_have_text(said("Reload", "de") if has_catalogue else "Reload")
    expect(candidate.page.locator("html")).to_have_attribute("lang", "de" if has_catalogue else "en")


# A tag that the page would look at for minutes. No link can be as long; what hangs for 32,000 characters, hangs here.
ENDLESS_TAG = """
if (!location.search && location.protocol !== "about:")
  history.replaceState(history.state, "", "?lang=" + "de-".repeat(400_000) + location.hash);
"""


@CHROMIUM
def test_neither_a_broken_catalogue_nor_an_endless_tag_keeps_anybody_from_the_interview(sit_down):
    candidate = sit_down(link="about:blank", script=BROWSER_SPEAKS % '["de"]' + ENDLESS_TAG)
    page = candidate.page
    page.route(
        "**/locales/de.json", lambda route: route.fulfill(body="<!doctype html>Sign in", content_type="text/html")
    )
    page.route("**/locales/ar.json", lambda route: route.fulfill(body=route.fetch().body()[:-100]))
    page.goto(candidate.stack.ticket_link(interview="spoken"))
    button = page.locator("[data-action=check-devices]")
    expect(button).to_have_text("Allow microphone", timeout=BOOT_TIMEOUT_MS)
    speaks(candidate, "en")

    choose(candidate, "ar")
    expect(page.locator("#language")).to_have_value("en")
    expect(button).to_have_text("Allow microphone")

    page.unroute("**/locales/de.json")  # signed in: nothing of what came before is kept
    choose(candidate, "de")
    expect(button).to_have_text(said("Allow microphone", "de"))
