"""The welcome page before Python is up: nothing that is pressed is lost, and Python goes on with what stands."""

import io
import secrets
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, Request, Route, expect

from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS, Candidate
from tests.support.settings import CHROMIUM

DEVICES = script("devices")
LANGUAGES = ("en", "ar", "de", "es", "fr", "hi", "ja", "pl", "pt", "zh")
# Remembers whether an early page has ever stood.
WATCHED = """
new MutationObserver(() => {
  if (document.querySelector("#boot[data-state=beside]")) globalThis.wasEarly = true;
}).observe(document, { childList: true, subtree: true, attributes: true });
"""
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


@dataclass
class Held:
    """A file that the page waits for, until a test lets it come."""

    page: Page
    file: str = "stdlib.zip"
    asked: list[str] = field(default_factory=list)  # every request to the signer, as "GET /api/interview"
    routes: list[Route] = field(default_factory=list)
    is_held: bool = True

    def __post_init__(self) -> None:
        self.page.route(f"**/{self.file}", self._hold)
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/api/" in request.url:
            self.asked.append(f"{request.method} {request.url}")

    def _hold(self, route: Route) -> None:
        if self.is_held:
            self.routes.append(route)
        else:
            route.continue_()

    def release(self, let_go: Callable[[Route], None] = Route.continue_) -> None:
        self.is_held = False
        while self.routes:
            let_go(self.routes.pop())


@pytest.fixture
def early(sit_down, stack):
    """Return what opens the page for a candidate while a file that Python needs is held back."""

    def open_held(
        interview: str = "filmed", *, file: str = "stdlib.zip", query: str = "", script: str = "", **ticket: object
    ) -> tuple[Candidate, Held]:
        session = f"t-{secrets.token_hex(6)}"
        candidate = sit_down(interview, link="about:blank", session=session, before=WATCHED + script)
        held = Held(candidate.page, file)
        link = stack.ticket_link(session=session, interview=interview, **ticket).replace("/#", f"/{query}#")
        candidate.page.goto(link, wait_until="commit")
        return candidate, held

    return open_held


def allow(page: Page) -> Locator:
    return page.locator("[data-action=check-devices]")


def press_early(candidate: Candidate) -> None:
    """Press "Allow" before Python is up, and see the picture."""
    allow(candidate.page).click()
    expect(allow(candidate.page)).to_have_attribute("aria-disabled", "true")
    expect(candidate.page.locator("#boot[data-state=beside]")).to_have_count(1)


def python_is_up(page: Page) -> None:
    expect(page.locator("#boot")).to_have_count(0, timeout=BOOT_TIMEOUT_MS)
    expect(page.locator(".device-check [data-part=allow]")).to_have_count(0)


def interview_calls(held: Held) -> list[str]:
    return [one for one in held.asked if one.endswith("/interview")]


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
    page.locator("#language").select_option("de")
    expect(allow(page)).to_have_text("Kamera und Mikrofon erlauben")

    held.release()

    python_is_up(page)
    expect(allow(page)).to_have_text("Kamera und Mikrofon erlauben")


def test_refusal_before_python_is_up_gets_its_notice_and_can_be_mended(early):
    candidate, held = early(script=DEVICES)
    page = candidate.page
    expect(allow(page)).to_be_visible()
    page.evaluate("slipstreamDevices.refuse = 'NotAllowedError'")
    allow(page).click()
    allow(page).click()  # asked is asked
    expect(page.locator(".device-check .stage-note[role=status]").last).to_contain_text("Your browser asks you now")

    held.release()

    expect(candidate.notice("permission-denied")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert candidate.watch.device_requests == 1
    page.evaluate("slipstreamDevices.refuse = ''")
    allow(page).click()
    expect(page.locator("[data-action=begin]")).to_be_visible()
    expect(candidate.notice("permission-denied")).to_be_hidden()
    assert candidate.watch.device_requests == 2


def test_camera_that_is_unplugged_before_python_is_up_is_asked_for_again(early):
    candidate, held = early(script=DEVICES)
    page = candidate.page
    press_early(candidate)
    page.evaluate("slipstreamDevices.unplug('video')")

    held.release()

    expect(page.locator("[data-action=begin]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert candidate.watch.device_requests == 2
    candidate.until(
        lambda: page.evaluate("slipstreamDevices.stream.getTracks().every((track) => track.readyState === 'live')"),
        "the new devices are on",
    )


def test_going_on_without_is_remembered_until_python_is_up(early):
    candidate, held = early("prepared")
    page = candidate.page
    page.locator("[data-action=begin-without]").click()

    held.release()

    expect(candidate.question("film")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert candidate.watch.device_requests == 0


def test_python_that_does_not_start_is_told_and_turns_the_camera_off(early):
    candidate, held = early(file="app.zip", script=DEVICES)
    candidate.watch.expect("ValueError|no app for you")
    page = candidate.page
    press_early(candidate)

    held.release(lambda route: route.fulfill(body=archive("raise ValueError('no app for you')")))

    expect(page.locator("#boot[data-state=failed]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    expect(page.locator("#boot-detail")).to_contain_text("ValueError")
    expect(page.get_by_role("button", name="Reload")).to_be_visible()
    expect(page.locator(".device-check")).to_have_count(0)
    assert page.evaluate("slipstreamDevices.stream.getTracks().map((track) => track.readyState)") == ["ended", "ended"]


@CHROMIUM
@pytest.mark.parametrize("life_s", [-60])
def test_ticket_that_the_signer_refuses_is_explained_by_python_after_one_request(early, life_s):
    candidate, held = early(life_s=life_s)
    candidate.watch.expect("status of 401")
    candidate.until(lambda: interview_calls(held), "the signer is asked")

    held.release()

    expect(candidate.page.locator("[data-dead-end=ticket-refused]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert len(interview_calls(held)) == 1
    assert candidate.page.evaluate("globalThis.wasEarly") is None


def test_who_comes_back_to_a_recording_waits_for_python(early):
    candidate, held = early("spoken")
    held.release()
    candidate.begin()
    candidate.record("first")
    candidate.until(lambda: len(candidate.recording("first").sizes) >= 2, "something is recorded")
    assert candidate.page.evaluate("wasEarly")

    candidate.page.reload()

    expect(candidate.notice("cut-off")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert candidate.page.evaluate("globalThis.wasEarly") is None


@CHROMIUM
def test_second_tab_waits_for_python(early, stack):
    candidate, held = early("spoken")
    held.release()
    python_is_up(candidate.page)
    second = candidate.page.context.new_page()

    second.goto(candidate.page.url)

    expect(second.locator("[data-dead-end=other-tab]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert second.evaluate("globalThis.wasEarly") is None


@CHROMIUM
def test_link_that_was_changed_on_its_way_is_left_to_python(early):
    candidate, held = early("spoken")
    expect(allow(candidate.page)).to_be_visible()
    link = candidate.page.url.replace("#", "#x&")
    candidate.page.goto("about:blank")
    held.asked.clear()

    candidate.page.goto(link, wait_until="commit")
    held.release()

    python_is_up(candidate.page)
    assert candidate.page.evaluate("globalThis.wasEarly") is None
    assert len(interview_calls(held)) == 1


@CHROMIUM
def test_frame_that_may_not_use_devices_says_so(early, stack):
    candidate, held = early("spoken")
    page = candidate.page
    expect(allow(page)).to_be_visible()
    link = page.url
    page.goto("about:blank")
    framed = f"<iframe allow=\"camera 'none'; microphone 'none'\" src=\"{link}\" width=900 height=900></iframe>"
    page.route("**/framing", lambda route: route.fulfill(body=framed, content_type="text/html"))
    page.goto(f"{stack.base_url}/framing", wait_until="commit")
    frame = page.frame_locator("iframe")
    frame.locator("[data-action=check-devices]").click()
    candidate.watch.expect("ermissions policy")

    held.release()

    expect(frame.locator("[data-notice=permission-denied]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)


def archive(main: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as files:
        files.writestr("app/main.py", main)
    return packed.getvalue()
