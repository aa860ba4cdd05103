"""A phone is turned in mid-recording: the picture's size changes, and all of the file still plays."""

import io

import av
from playwright.sync_api import expect

from tests.support.files import script
from tests.support.settings import CHROMIUM

TURNED = script("turned")
CHUNKS = 4  # enough for frames of both sizes
# As a browser that records H.264 only in the way that names its one size at the beginning.
ONLY_AVC1 = """
const { isTypeSupported } = MediaRecorder;
MediaRecorder.isTypeSupported = (asked) => asked.includes("avc1") && isTypeSupported.call(MediaRecorder, asked);
"""


def decode(content):
    """Return the sizes of all frames, in order, and how many packets of the picture gave none."""
    sizes, bad = [], 0
    with av.open(io.BytesIO(content), mode="r") as container:
        for packet in container.demux(video=0):
            try:
                sizes += [(frame.width, frame.height) for frame in packet.decode()]
            except av.FFmpegError:
                bad += 1
    return sizes, bad


def record_turned(candidate):
    """Record, turn the phone, record on; return the stored object."""
    candidate.begin()
    candidate.record("film")
    candidate.until(lambda: len(candidate.recording("film", "video").sizes) >= CHUNKS, "chunks")
    before = len(candidate.recording("film", "video").sizes)
    candidate.page.evaluate("turn()")
    candidate.until(lambda: len(candidate.recording("film", "video").sizes) >= before + CHUNKS, "as many again")
    candidate.stop("film")
    candidate.wait_for_state("film", "completed", "video")
    candidate.wait_until_safe()
    recording = candidate.recording("film", "video")
    return candidate.assert_object_is(recording, candidate.stored_record("film", "video"))


def test_row_40_every_frame_decodes_of_a_recording_whose_picture_was_turned(sit_down):
    candidate = sit_down("filmed", before=TURNED)

    sizes, bad = decode(record_turned(candidate))

    assert bad == 0
    assert sizes[0] == (640, 360)
    assert sizes[-1] == (360, 640)
    assert candidate.notice("picture-turned").count() == 0, "nothing is lost"
    player = candidate.question("film").locator("video[src]")
    candidate.until(lambda: player.evaluate("player => player.readyState >= 1"), "the browser can play it")
    player.evaluate("player => { player.muted = true; player.play(); }")
    candidate.until(
        lambda: player.evaluate("player => player.videoWidth === 360 && player.ended"), "it plays to the end"
    )


@CHROMIUM
def test_row_40_turning_is_told_where_it_costs_the_rest_of_the_picture(sit_down):
    candidate = sit_down("filmed", before=TURNED, script=ONLY_AVC1)
    candidate.watch.expect("codec description is not supposed to change")  # Chromium's own warning

    sizes, _ = decode(record_turned(candidate))

    assert (360, 640) not in sizes, "nothing is lost: the notice is needless"
    expect(candidate.notice("picture-turned")).to_contain_text("record it again")
    candidate.discard("film")
    expect(candidate.notice("picture-turned")).to_be_hidden()
