"""What goes otherwise before Python is up: nothing that is pressed is lost, and what is not plain is left to Python."""

from playwright.sync_api import expect

from tests.support.early import allow, archive, interview_calls, press_early, python_is_up
from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS
from tests.support.settings import CHROMIUM

DEVICES = script("devices")


def test_refusal_before_python_is_up_gets_its_notice_and_can_be_mended(early):
    candidate, held = early(script=DEVICES)
    page = candidate.page
    expect(allow(page)).to_be_visible()
    page.evaluate("slipstreamDevices.refuse = 'NotAllowedError'")
    allow(page).click()
    expect(allow(page)).to_have_text("Getting ready…")
    expect(page.locator(".device-check")).not_to_contain_text("Your browser asks you now")
    allow(page).click(force=True)  # asked is asked

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
def test_ticket_that_the_signer_refuses_is_explained_by_python_after_one_request(early):
    candidate, held = early(life_s=-60)
    candidate.watch.expect("status of 401")
    candidate.until(lambda: interview_calls(held), "the signer is asked")

    held.release()

    expect(candidate.page.locator("[data-dead-end=ticket-refused]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert len(interview_calls(held)) == 1
    assert candidate.page.evaluate("globalThis.wasEarly") is None


def test_who_comes_back_to_a_recording_waits_for_python(early):
    candidate, held = early("spoken")
    expect(allow(candidate.page)).to_be_visible()
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

    second.goto(candidate.link)

    expect(second.locator("[data-dead-end=other-tab]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
    assert second.evaluate("globalThis.wasEarly") is None


@CHROMIUM
def test_link_that_was_changed_on_its_way_is_left_to_python(early):
    candidate, held = early("spoken")
    expect(allow(candidate.page)).to_be_visible()
    link = candidate.link.replace("#", "#x&")
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
    link = candidate.link
    page.goto("about:blank")
    framed = f"<iframe allow=\"camera 'none'; microphone 'none'\" src=\"{link}\" width=900 height=900></iframe>"
    page.route("**/framing", lambda route: route.fulfill(body=framed, content_type="text/html"))
    page.goto(f"{stack.base_url}/framing", wait_until="commit")
    frame = page.frame_locator("iframe")
    frame.locator("[data-action=check-devices]").click()
    candidate.watch.expect("ermissions policy")

    held.release()

    expect(frame.locator("[data-notice=permission-denied]")).to_be_visible(timeout=BOOT_TIMEOUT_MS)
