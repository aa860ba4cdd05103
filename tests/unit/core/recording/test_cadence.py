"""How often each browser's recorder delivers, and where it makes key frames."""

import pytest

from app.contract import UploadPolicy
from app.core.recording.cadence import SEEKING_MS, Cadence, cadence_of

POLICY = UploadPolicy(timeslice_ms=250, key_frame_ms=400)
CHROMIUM_MP4 = "video/mp4;codecs=avc3.640028,opus"
SAFARI_MP4 = "video/mp4;codecs=avc1.640028,mp4a.40.2"


def chunks_end_at(cadence: Cadence, jitter_ms: float = 0.0) -> list[float]:
    """Return when Chromium ends its MP4 chunks in 5 s: at the first key frame after each timeslice."""
    assert cadence.key_frame_ms is not None
    ends, last = [], 0.0
    for number in range(1, 5000 // cadence.key_frame_ms + 1):
        at = number * cadence.key_frame_ms + (jitter_ms if number % 2 else -jitter_ms)
        if at - last >= cadence.timeslice_ms:
            ends.append(at)
            last = at
    return ends


@pytest.mark.parametrize(
    "content_type", [CHROMIUM_MP4, "video/mp4;codecs=avc1.42E01F,opus", "video/mp4;codecs=vp9,opus"]
)
@pytest.mark.parametrize("key_frame_ms", [250, 400, 500])
def test_every_key_frame_ends_a_chunk_although_it_may_come_a_little_early(content_type, key_frame_ms):
    cadence = cadence_of(content_type, UploadPolicy(timeslice_ms=250, key_frame_ms=key_frame_ms))
    assert cadence.key_frame_ms == key_frame_ms
    assert len(chunks_end_at(cadence, jitter_ms=40)) == 5000 // key_frame_ms


@pytest.mark.parametrize(("timeslice_ms", "chunks"), [(100, 12), (600, 6), (1000, 4), (1200, 4), (60_000, 0)])
def test_longer_timeslice_holds_several_groups_of_pictures(timeslice_ms, chunks):
    cadence = cadence_of(CHROMIUM_MP4, UploadPolicy(timeslice_ms=timeslice_ms, key_frame_ms=400))
    assert len(chunks_end_at(cadence, jitter_ms=40)) == chunks


@pytest.mark.parametrize("content_type", [SAFARI_MP4, "video/mp4"])
def test_safari_makes_no_more_key_frames_than_asked(content_type):
    assert cadence_of(content_type, POLICY).timeslice_ms == 400
    assert cadence_of(content_type, UploadPolicy(timeslice_ms=1000, key_frame_ms=400)).timeslice_ms == 1000


@pytest.mark.parametrize("content_type", ["video/webm;codecs=vp8,opus", "video/webm"])
def test_chunks_of_webm_do_not_depend_on_key_frames(content_type):
    assert cadence_of(content_type, POLICY) == Cadence(250, SEEKING_MS, is_requested=True)
    assert cadence_of(content_type, UploadPolicy(key_frame_ms=5000)).key_frame_ms == 5000


@pytest.mark.parametrize("content_type", ["audio/mp4;codecs=mp4a.40.2", "audio/mp4", "audio/webm"])
def test_sound_has_no_key_frames(content_type):
    assert cadence_of(content_type, POLICY) == Cadence(250, None, is_requested="webm" in content_type)


@pytest.mark.parametrize("content_type", [CHROMIUM_MP4, SAFARI_MP4, "video/mp4", "audio/mp4"])
def test_recorders_of_mp4_keep_their_timeslice(content_type):
    assert not cadence_of(content_type, POLICY).is_requested
