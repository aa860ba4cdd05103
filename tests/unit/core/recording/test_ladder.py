"""The rungs of a policy, and what each needs."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.contract import Rung, Track, UploadPolicy, VideoCodec
from app.core.recording.formats import choose_format
from app.core.recording.frame_size import fitted
from app.core.recording.ladder import at_rung, needed, rungs

BITS = "video_bits_per_second"


def test_the_largest_rung_is_what_the_camera_is_asked_for_at_the_policy_s_bit_rate():
    top, *smaller = rungs(UploadPolicy())
    assert (top.short_side, top.frames_per_second, top.video_bits_per_second) == (720, 30, 2_500_000)
    assert [rung.video_bits_per_second for rung in smaller] == [1_200_000, 600_000, 250_000]


def test_rungs_that_would_not_be_smaller_than_the_policy_s_own_are_left_out():
    assert [rung.video_bits_per_second for rung in rungs(UploadPolicy(video_bits_per_second=600_000))] == [
        600_000,
        250_000,
    ]


def test_without_adaptation_there_is_one_rung():
    assert len(rungs(UploadPolicy(adapts=False))) == 1


@pytest.mark.parametrize(
    "ladder",
    [
        [{"short_side": 360, "frames_per_second": 30, BITS: 500_000}] * 2,
        [
            {"short_side": 360, "frames_per_second": 30, BITS: 500_000},
            {"short_side": 720, "frames_per_second": 30, BITS: 400_000},
        ],
        [
            {"short_side": 360, "frames_per_second": 15, BITS: 500_000},
            {"short_side": 360, "frames_per_second": 30, BITS: 400_000},
        ],
        [{"short_side": 0, "frames_per_second": 30, BITS: 500_000}],
        [{"short_side": 360, "frames_per_second": 30, BITS: 500_000, "codec": "av2"}],
    ],
)
def test_a_ladder_that_leads_up_or_nowhere_is_refused(ladder):
    with pytest.raises(ValidationError):
        UploadPolicy().overridden_by({"ladder": ladder})


def test_a_rung_needs_what_is_asked_of_the_encoders():
    policy = UploadPolicy(video_audio_bits_per_second=64_000, audio_bits_per_second=48_000)
    rung = policy.ladder[0]
    assert needed(policy, rung, (Track.VIDEO,)) == (1_200_000 + 64_000) / 8
    assert needed(policy, rung, (Track.VIDEO, Track.AUDIO)) == (1_200_000 + 64_000 + 48_000) / 8
    assert at_rung(policy, rung).video_bits_per_second == 1_200_000


@pytest.mark.parametrize(
    ("full", "short_side", "expected"),
    [
        ((1280, 720), 540, (960, 540)),
        ((720, 1280), 360, (360, 640)),  # a phone held upright
        ((640, 480), 720, (640, 480)),  # never more than the camera gives
        ((1281, 721), 240, (426, 240)),  # even sides
        ((2, 2), 1, (2, 2)),
    ],
)
def test_a_picture_keeps_its_shape_and_is_never_enlarged(full, short_side, expected):
    assert fitted(full, short_side) == expected


def test_a_rung_s_codec_comes_first_where_the_browser_records_it():
    assert choose_format(Track.VIDEO, lambda _: True, codec=VideoCodec.VP8) == "video/webm;codecs=vp8,opus"
    assert choose_format(Track.VIDEO, lambda _: True, codec=VideoCodec.VP9) == "video/mp4;codecs=vp9,opus"
    assert "avc3" in str(choose_format(Track.VIDEO, lambda _: True, codec=VideoCodec.H264))
    assert "avc3" in str(choose_format(Track.VIDEO, lambda name: "vp8" not in name, codec=VideoCodec.VP8))
    assert choose_format(Track.AUDIO, lambda _: True, codec=VideoCodec.VP8) == choose_format(
        Track.AUDIO, lambda _: True
    )


def test_a_rung_is_data_like_the_rest_of_the_policy():
    override: dict[str, Any] = {"ladder": [{"short_side": 360, "frames_per_second": 10, BITS: 300_000, "codec": "vp8"}]}
    assert UploadPolicy().overridden_by(override).ladder == (
        Rung(short_side=360, frames_per_second=10, video_bits_per_second=300_000, codec=VideoCodec.VP8),
    )
