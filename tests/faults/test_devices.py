"""Rows 14 and 15: camera and microphone end in the middle, or cannot be had at all."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.faults.invariants import Arrived
from tests.support.faults.speaking import arrive
from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME

DEVICES = script("devices")
FAKE_CAMERA, NO_QUESTION = "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"
TRACKS = ("video", "audio")
THIN = {"video_bits_per_second": 250_000}  # the picture is not what these tests are about
STOPS_WITHIN_S = 1
ERRORS = {
    "NotAllowedError": "permission-denied",
    "SecurityError": "permission-denied",
    "NotAllowedError: Permission denied by system": "system-denied",
    "NotFoundError": "no-device",
    "NotReadableError": "device-busy",
    "AbortError": "device-busy",
    "OverconstrainedError": "device-unsuitable",
    "TypeError": "device-failed",
}
BOTH_BROWSERS = pytest.mark.parametrize("browser_name", ["chromium", "firefox"], indirect=True)


def refuse(candidate, error):
    """Have the browser refuse camera and microphone with this error; "" has it give them again."""
    candidate.page.evaluate("(name) => { slipstreamDevices.refuse = name; }", error)


def record_both(candidate):
    candidate.record("both")
    for track in TRACKS:
        candidate.until(lambda t=track: len(candidate.recording("both", t).sizes) >= 4, f"four chunks of {track}")


def expect_stopped_by_itself(candidate):
    """See that both recorders have stopped in time, and that the page says what is kept."""
    expect(candidate.notice("device-lost")).to_have_text(re.compile(r"The first \d+\ss of your answer are kept"))
    expect(candidate.question("both").locator("[data-phase]")).to_have_attribute("data-phase", "taken")
    ended, stopped = candidate.page.evaluate("[slipstreamDevices.ended, slipstreamDevices.stopped]")
    assert len(stopped) == len(TRACKS)
    assert (max(stopped) - min(ended)) / 1000 <= STOPS_WITHIN_S


def arrive_interrupted(candidate, faults, *arrived):
    arrive(candidate, faults, *arrived)
    records = candidate.read_json("both/take-1/answer.json")["tracks"].values()
    assert all(record["interrupted"] for record in records)


def test_row_14_permission_revoked_stops_and_is_asked_for_again(sit_down_with_faults, faults, browsers):
    browser = browsers.launch_chromium(without=(NO_QUESTION,), flags=("--deny-permission-prompts",))
    try:
        candidate = sit_down_with_faults("whole", browser=browser, before=DEVICES, policy=THIN)
        context = candidate.page.context
        context.grant_permissions(["camera", "microphone"])
        candidate.begin()
        record_both(candidate)

        context.clear_permissions()

        expect_stopped_by_itself(candidate)
        candidate.notice("device-lost").get_by_role("button").click()
        expect(candidate.notice("permission-denied")).to_be_visible()
        context.grant_permissions(["camera", "microphone"])
        candidate.notice("permission-denied").get_by_role("button").click()
        expect(candidate.notice("permission-denied")).to_be_hidden()
        assert candidate.page.evaluate("slipstreamDevices.stream.active"), "camera and microphone are not open"
        arrive_interrupted(candidate, faults, *(Arrived("both", track) for track in TRACKS))
    finally:
        browser.close()


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_row_14_device_unplugged_one_track_of_two_ends_and_both_stop(sit_down_with_faults, faults, kind):
    candidate = sit_down_with_faults("whole", before=DEVICES, policy=THIN)
    candidate.begin()
    record_both(candidate)

    candidate.page.evaluate("(kind) => slipstreamDevices.unplug(kind)", kind)

    expect_stopped_by_itself(candidate)
    refuse(candidate, "NotFoundError")
    candidate.notice("device-lost").get_by_role("button").click()
    expect(candidate.notice("no-device")).to_be_visible()
    refuse(candidate, "")
    candidate.notice("no-device").get_by_role("button").click()
    expect(candidate.notice("no-device")).to_be_hidden()
    for track in TRACKS:
        candidate.wait_for_state("both", "completed", track)
    candidate.discard("both")
    record_both(candidate)
    candidate.stop("both")
    arrive_interrupted(candidate, faults, *(Arrived("both", track, take) for take in (1, 2) for track in TRACKS))


@BOTH_BROWSERS
def test_row_15_each_device_error_has_its_own_sentence_and_a_way_to_try_again(sit_down_with_faults):
    candidate = sit_down_with_faults("whole", before=DEVICES)
    candidate.page.locator(WELCOME).wait_for(timeout=BOOT_TIMEOUT_MS)
    sentences = {}
    for error, topic in ERRORS.items():
        refuse(candidate, error)
        candidate.page.locator(WELCOME).click()
        sentences[topic] = candidate.notice(topic).inner_text()
        assert candidate.notice(topic).get_by_role("button").count() == 1, "a thing to do"
        assert candidate.page.locator("[data-notice]:visible").count() == 1, "what no longer holds has gone"
        expect(candidate.page.locator("[data-action=begin]")).to_be_hidden()
    assert len(set(sentences.values())) == len(set(ERRORS.values()))

    refuse(candidate, "")
    candidate.begin()
    expect(candidate.page.locator("[data-notice]:visible")).to_have_count(0)


@pytest.mark.parametrize(
    ("without", "flags", "topic"),
    [
        pytest.param((NO_QUESTION,), ("--deny-permission-prompts",), "permission-denied", id="permission-denied"),
        pytest.param((FAKE_CAMERA,), (), "no-device", id="no-device"),
    ],
)
def test_row_15_camera_that_cannot_be_had(sit_down_with_faults, browsers, without, flags, topic):
    browser = browsers.launch_chromium(without=without, flags=flags)
    try:
        candidate = sit_down_with_faults(browser=browser, before="")
        candidate.page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
        expect(candidate.notice(topic)).to_be_visible()
        expect(candidate.page.locator("[data-action=begin]")).to_be_hidden()
    finally:
        browser.close()


def test_row_15_insecure_page_says_so_before_anything_is_loaded(sit_down_with_faults, browsers, stack):
    browser = browsers.launch_chromium(flags=("--host-resolver-rules=MAP interview.test 127.0.0.1",))
    try:
        link = stack.ticket_link(interview="spoken").replace("127.0.0.1", "interview.test", 1)
        page = sit_down_with_faults(browser=browser, link=link).page
        expect(page.locator("#boot[data-state=failed]")).to_contain_text("secure address (https)")
        expect(page.get_by_role("button", name="Reload")).to_be_visible()
    finally:
        browser.close()
