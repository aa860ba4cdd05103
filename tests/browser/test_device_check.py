"""Before the first question: is the picture right, does the microphone hear, can one try it."""

from playwright.sync_api import expect

from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME
from tests.support.settings import CHROMIUM

STAGED = script("staged")
NEVER_ANSWERED = """
globalThis.answers = [];
globalThis.lateTracks = [];
if (navigator.mediaDevices) {
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = (wanted) => new Promise((resolve) => answers.push(async () => {
    const stream = await open(wanted);
    lateTracks.push(...stream.getTracks());
    resolve(stream);
  }));
}
"""
REMEMBERED = """
globalThis.MediaRecorder = class extends MediaRecorder {
  constructor(stream, options) {
    super(stream, options);
    globalThis.recorded = stream;
  }
};
"""


def test_test_recording_is_played_back_and_leaves_nothing_behind(sit_down):
    candidate = sit_down()
    page = candidate.page
    page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
    sample = page.locator("[data-rehearsal]")
    sample.locator("[data-action=rehearse]").click()
    expect(sample).to_have_attribute("data-running", "true")
    player = sample.locator("audio")
    expect(player).to_be_visible()  # it ends by itself
    candidate.until(lambda: player.evaluate("player => player.readyState >= 1"), "the browser can play it")

    assert (candidate.objects(), candidate.open_uploads(), candidate.journal_rows()["chunks"]) == ({}, {}, 0)
    page.locator("[data-action=begin]").click()
    candidate.until(lambda: player.evaluate("player => !player.src"), "the test recording is let go")


@CHROMIUM
def test_darkness_silence_and_noise_are_told_and_taken_back(sit_down):
    page = sit_down("filmed", before=STAGED).page
    page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
    silent, loud, dark = (page.locator(f"[data-advice={name}]") for name in ("silent", "clipped", "dark"))
    expect(dark).to_be_visible()
    expect(silent).to_be_visible()
    page.evaluate("Object.assign(staged, { grey: 200, gain: 0.4 })")
    expect(dark).to_be_hidden()
    expect(silent).to_be_hidden()
    page.evaluate("staged.gain = 4")
    expect(loud).to_be_visible()


@CHROMIUM
def test_another_microphone_may_be_chosen_before_a_recording_begins(sit_down):
    candidate = sit_down(before=REMEMBERED)
    candidate.begin()
    question = candidate.question("first")
    question.locator("details.devices summary").click()
    choice = question.locator("[data-device=microphone]")
    others = choice.evaluate("list => [...list.options].map((o) => o.value).filter((id) => id !== list.value)")
    choice.select_option(others[0])
    expect(choice).to_have_value(others[0])

    candidate.record("first")
    expect(question.locator("details.devices")).to_be_hidden()
    assert candidate.page.evaluate("recorded.getAudioTracks()[0].getSettings().deviceId") == others[0]
    candidate.stop("first")
    candidate.wait_for_state("first", "completed")


@CHROMIUM
def test_row_29_a_browser_that_never_answers_keeps_nobody_from_writing_and_submitting(sit_down):
    candidate = sit_down("optional", before=NEVER_ANSWERED)
    page = candidate.page
    page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
    expect(candidate.notice("device-waiting")).to_be_visible()
    page.locator("[data-action=begin-without]").click()
    candidate.press("voice", "record")  # asks again, in vain
    candidate.write("words", "Here I am.")
    expect(candidate.question("words").locator("[data-saved]")).to_have_attribute("data-saved", "true")
    candidate.wait_until_safe()

    page.reload()
    candidate.until(lambda: page.locator("[data-action=check-devices]").is_visible(), "the page is back", 90)
    page.locator(WELCOME).click()
    expect(candidate.notice("device-waiting")).to_be_visible()
    page.locator("[data-action=begin-without]").click()
    candidate.go_to("words")
    expect(candidate.question("words").locator("textarea")).to_have_value("Here I am.")
    candidate.submit()
    assert candidate.read_json("submission.json")["answers"][0]["text"] == "Here I am."


def test_row_29_a_camera_that_opens_late_is_closed_where_nobody_needs_it_and_used_where_somebody_does(sit_down):
    candidate = sit_down("optional", before=NEVER_ANSWERED)
    page = candidate.page
    page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
    expect(candidate.notice("device-waiting")).to_be_visible()
    page.locator("[data-action=begin-without]").click()
    candidate.press("voice", "record")
    candidate.until(lambda: page.evaluate("answers.length") == 2, "the browser is asked")
    candidate.go_to("words")
    page.evaluate("answers.map((answer) => answer())")
    candidate.until(lambda: page.evaluate("lateTracks.length") == 2, "both questions are answered")
    candidate.until(
        lambda: page.evaluate("lateTracks.every((track) => track.readyState === 'ended')"), "no microphone stays on"
    )

    candidate.go_to("voice")
    candidate.press("voice", "record")
    candidate.until(lambda: page.evaluate("answers.length") == 3, "the browser is asked once more")
    page.evaluate("answers.at(-1)()")
    expect(candidate.question("voice").locator("[data-action=stop]")).to_be_visible()
    candidate.until(
        lambda: candidate.recordings("voice") and candidate.recording("voice").size, "something is recorded"
    )
    candidate.stop("voice")
    candidate.wait_for_state("voice", "completed")
    candidate.wait_until_safe()
    record = candidate.stored_record("voice")
    candidate.assert_object_is(candidate.recording("voice"), record)
