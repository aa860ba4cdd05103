"""The picture follows the uplink: fewer frames while it is slow, all of them again, and the whole file plays."""

from itertools import pairwise

import av
import pytest
from playwright.sync_api import expect

from tests.browser.test_while_recording import throttle
from tests.support.decoding import blocks_of
from tests.support.settings import CHROMIUM

SLOW_BYTES_PER_S = 8_000
FEW_PER_S = 8  # less than half of the frames of the fake camera
RECOVERY_S = 90  # two doublings, each after six seconds of a line that has caught up; and a busy machine
SAVING = "Object.defineProperty(navigator, 'connection', { value: { saveData: true, effectiveType: '4g' } });"


def frames_and_sound(content):
    """Return the times of all frames, the seconds of decoded sound and how long it lasts, and bad packets."""
    frames, sound_s, end_s, bad = [], 0.0, 0.0, 0
    for block in blocks_of(content):
        if block is None:
            bad += 1
        elif isinstance(block, av.VideoFrame):
            frames.append(block.time)
        else:
            sound_s += block.samples / block.sample_rate
            end_s = max(end_s, block.time + block.samples / block.sample_rate)
    return frames, sound_s, end_s, bad


def frame_rate(candidate):
    """Return the frames per second that the camera gives, as the browser says."""
    preview = "[...document.querySelectorAll('video')].find((one) => one.srcObject)"
    return candidate.page.evaluate(f"{preview}.srcObject.getVideoTracks()[0].getSettings().frameRate")


@CHROMIUM
def test_picture_gets_fewer_frames_on_a_slow_uplink_and_all_of_them_again(sit_down):
    candidate = sit_down("filmed")
    candidate.begin()
    candidate.record("film")
    candidate.until(lambda: candidate.stored_parts("film", "video"), "a part is stored")
    full = frame_rate(candidate)
    line = throttle(candidate, SLOW_BYTES_PER_S)
    expect(candidate.notice("picture-thinned")).to_contain_text("sound is recorded in full", timeout=60_000)
    candidate.until(lambda: frame_rate(candidate) <= FEW_PER_S, "few frames", timeout_s=60)
    throttle(candidate, -1, line)
    candidate.until(lambda: frame_rate(candidate) == full, "all frames", timeout_s=RECOVERY_S)
    expect(candidate.notice("picture-thinned")).to_be_hidden()
    candidate.stop("film")
    candidate.wait_for_state("film", "completed", "video")
    candidate.wait_until_safe()

    record = candidate.stored_record("film", "video")
    frames, sound_s, end_s, bad = frames_and_sound(
        candidate.assert_object_is(candidate.recording("film", "video"), record)
    )
    assert bad == 0
    gaps = [later - earlier for earlier, later in pairwise(frames)]
    assert max(gaps) > 1 / (2 * FEW_PER_S), "the recorder never got fewer frames"
    assert sound_s == pytest.approx(end_s, abs=0.1), "sound is missing"
    assert sound_s == pytest.approx(record["duration_s"], abs=1.0)


@pytest.mark.parametrize("kind", ["video", "saves-data"])
def test_connection_check_tells_what_travels_well_and_leaves_nothing(sit_down, kind):
    candidate = sit_down("filmed", script=SAVING if kind == "saves-data" else "")
    line = candidate.page.locator("[data-connection]")
    candidate.page.locator("[data-action=check-devices]").click()
    expect(candidate.page.locator("[data-action=begin]")).to_be_visible()
    if kind == "saves-data":
        expect(line).to_be_hidden()
    else:
        expect(line).to_have_attribute("data-connection", "video", timeout=20_000)
        expect(line).to_have_text("Your connection is fast enough for video.")
    candidate.until(lambda: not candidate.open_uploads(), "the check is cleaned up")
    assert candidate.objects() == {}


@CHROMIUM
def test_phone_that_saves_data_records_a_smaller_picture_and_the_report_says_so(sit_down):
    candidate = sit_down("filmed", script=SAVING)
    candidate.begin()
    candidate.record("film")
    candidate.until(lambda: len(candidate.recording("film", "video").sizes) >= 4, "chunks")
    candidate.stop("film")
    candidate.wait_for_state("film", "completed", "video")
    candidate.wait_until_safe()

    content = candidate.assert_object_is(candidate.recording("film", "video"), candidate.stored_record("film", "video"))
    sizes = {min(frame.width, frame.height) for frame in blocks_of(content, video=0)}
    assert sizes == {360}
    candidate.submit()
    (upload,) = candidate.last_report().uploads
    assert upload.rung == 2
