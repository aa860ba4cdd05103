"""Level and light are measured where the browser lets us, and tell of silence; where it does not, all else works."""

import pytest
from playwright.sync_api import expect

from tests.support.files import script
from tests.support.page_driver import BOOT_TIMEOUT_MS, WELCOME
from tests.support.settings import CHROMIUM

STAGED = script("staged")
FAILS = """
delete globalThis.VideoFrame; // else the picture is read without a canvas
const no = () => { throw new DOMException("no", "NotSupportedError"); };
const fails = (kind, name) => { kind.prototype[name] = no; };
const canvases = [globalThis.HTMLCanvasElement, globalThis.OffscreenCanvas].filter(Boolean);
const drawings = [globalThis.CanvasRenderingContext2D, globalThis.OffscreenCanvasRenderingContext2D].filter(Boolean);
"""
# What audio graphs do where sample rates differ, and what protection against fingerprints does to sound and picture.
BROKEN = {
    "missing": ("delete globalThis.AudioContext", "delete globalThis.OffscreenCanvas"),
    "not made": (
        "globalThis.AudioContext = class { constructor() { no(); } }",
        "for (const kind of canvases) kind.prototype.getContext = () => null",
    ),
    "not connected": (
        "fails(AudioContext, 'createMediaStreamSource')",
        "for (const kind of drawings) fails(kind, 'drawImage')",
    ),
    "not read": (
        "fails(AnalyserNode, 'getFloatTimeDomainData')",
        "for (const kind of drawings) fails(kind, 'getImageData')",
    ),
    "not running": (
        "Object.defineProperty(BaseAudioContext.prototype, 'state', {get: () => 'suspended'})",
        "HTMLVideoElement.prototype.play = () => Promise.reject(new DOMException('no', 'NotAllowedError'))",
    ),
    "half made": (
        "fails(BaseAudioContext, 'createAnalyser')",
        "fails(HTMLVideoElement, 'play')",
        "if (globalThis.MediaDevices) MediaDevices.prototype.enumerateDevices = async () => no()",  # nor can be listed
    ),
}


@CHROMIUM
@pytest.mark.parametrize("how", BROKEN)
def test_row_30_what_cannot_be_measured_is_recorded_all_the_same(sit_down, how):
    candidate = sit_down("filmed", before=f"{FAILS}{';'.join(BROKEN[how])};")
    page, meter = candidate.page, candidate.page.locator("[data-level]:visible")
    page.locator(WELCOME).click(timeout=BOOT_TIMEOUT_MS)
    expect(page.locator("[data-action=begin]")).to_be_visible()
    expect(meter).to_have_count(0)
    page.locator("[data-action=begin]").click()
    page.locator("[data-action=record]:visible").click()
    candidate.until(lambda: candidate.watch.recordings and candidate.recording("film", "video").sizes, "a chunk")
    expect(meter).to_have_count(0)
    candidate.stop("film")
    candidate.wait_for_state("film", "completed", "video")


@CHROMIUM
def test_row_31_silent_and_black_answer_is_told_while_it_is_recorded_and_at_its_end(sit_down):
    candidate = sit_down("filmed", before=STAGED, is_guarded=True)  # the stage has taken its place by then
    silent, black, silent_take, black_take = map(candidate.notice, ("silent", "black", "silent-take", "black-take"))
    candidate.begin()
    candidate.press("film", "record")
    expect(silent).to_contain_text("We hear nothing")
    expect(black).to_contain_text("Your picture is black")
    assert candidate.page.locator("[data-notice]:visible").count() == 2
    candidate.stop("film")
    expect(silent_take).to_contain_text("Play it, or record it again")
    expect(black_take).to_contain_text("Play it, or record it again")
    assert candidate.page.locator("[data-notice]:visible").count() == 2
    candidate.wait_for_state("film", "completed", "video")

    candidate.discard("film")
    expect(candidate.page.locator("[data-notice]:visible")).to_have_count(0)
    candidate.press("film", "record")
    expect(silent).to_be_visible()
    candidate.page.evaluate("Object.assign(staged, { grey: 200, gain: 0.4 })")
    expect(candidate.page.locator("[data-notice]:visible")).to_have_count(0)
    candidate.stop("film")
    candidate.wait_for_state("film", "completed", "video")
    assert candidate.page.locator("[data-notice]:visible").count() == 0, "all is well"
