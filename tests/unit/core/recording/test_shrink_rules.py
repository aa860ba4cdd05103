"""Which chosen videos are encoded again, and within which bounds."""

from dataclasses import replace

import pytest

from app.contract import MIB, FileRules, Question, Track, UploadPolicy
from app.core.recording.file_rules import FileFacts
from app.core.recording.shrink_rules import shrink_bounds, shrink_view

POLICY = UploadPolicy(video_bits_per_second=2_500_000, video_audio_bits_per_second=128_000)
QUESTION = Question(id="q", prompt="?", tracks=(Track.VIDEO, Track.AUDIO), limit_s=600, file=FileRules())
FILM = FileFacts(size=200 * MIB, content_type="video/mp4", head=b"", duration_s=40.0)


def asked(**rules: int | bool | None) -> Question:
    return QUESTION.model_copy(update={"file": FileRules.model_validate(rules)})


def test_large_video_gets_the_rates_of_a_recording():
    bounds = shrink_bounds(FILM, QUESTION, POLICY)
    assert bounds is not None
    assert (bounds.video_bits_per_second, bounds.audio_bits_per_second) == (2_500_000, 128_000)
    assert (bounds.side_px, bounds.frames_per_second) == (1280, 30)


@pytest.mark.parametrize(
    ("facts", "question"),
    [
        (replace(FILM, size=100 * MIB), QUESTION),
        (replace(FILM, duration_s=None), QUESTION),
        (replace(FILM, duration_s=0.0), QUESTION),
        (replace(FILM, duration_s=600.0), QUESTION),  # its rate is what a recording's would be
        (replace(FILM, duration_s=float("inf")), QUESTION),
        (FILM, asked(shrink_over_bytes=None)),
        (FILM, asked(shrink_over_bytes=False)),
        (FILM, asked(max_bytes=12_000_000)),  # 40 s would be 14 MB
        (FILM, QUESTION.model_copy(update={"file": None})),
        (FILM, QUESTION.model_copy(update={"tracks": (Track.AUDIO,)})),
    ],
)
def test_what_is_small_unknown_or_would_not_get_smaller_goes_as_it_is(facts, question):
    assert shrink_bounds(facts, question, POLICY) is None


def test_limit_below_the_threshold_counts():
    assert shrink_bounds(replace(FILM, size=60 * MIB), asked(max_bytes=50 * MIB), POLICY) is not None
    assert shrink_bounds(replace(FILM, size=50 * MIB), asked(max_bytes=50 * MIB), POLICY) is None


def test_file_within_the_limit_may_go_as_it_is():
    assert shrink_view(0.437, FILM, asked(max_bytes=200 * MIB)).may_send_as_is
    assert not shrink_view(0.437, FILM, asked(max_bytes=200 * MIB - 1)).may_send_as_is
    assert shrink_view(0.437, FILM, QUESTION).percent == 43
