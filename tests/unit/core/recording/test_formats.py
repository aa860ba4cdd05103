"""Which format each browser is asked for."""

import pytest

from app.contract import Track
from app.core.recording.formats import choose_format

CHROMIUM = {
    "video/mp4;codecs=avc3.640028,opus",
    "video/mp4;codecs=avc3.42E01F,opus",
    "video/mp4;codecs=avc1.640028,opus",
    "video/mp4;codecs=avc1.42E01F,opus",
    "video/mp4;codecs=vp9,opus",
    "video/mp4",
    "video/webm;codecs=vp8,opus",
    "video/webm",
    "audio/mp4;codecs=opus",
    "audio/mp4",
    "audio/webm;codecs=opus",
    "audio/webm",
}
OLDER_CHROMIUM = {candidate for candidate in CHROMIUM if "avc3" not in candidate}
FIREFOX = {"video/webm;codecs=vp8,opus", "video/webm", "audio/webm;codecs=opus", "audio/webm"}
SAFARI = {"video/mp4;codecs=avc1.640028,mp4a.40.2", "video/mp4", "audio/mp4;codecs=mp4a.40.2", "audio/mp4"}


@pytest.mark.parametrize(
    ("browser", "track", "expected"),
    [
        (CHROMIUM, Track.VIDEO, "video/mp4;codecs=avc3.640028,opus"),
        (OLDER_CHROMIUM, Track.VIDEO, "video/mp4;codecs=avc1.640028,opus"),
        (CHROMIUM, Track.AUDIO, "audio/mp4;codecs=opus"),
        (FIREFOX, Track.VIDEO, "video/webm;codecs=vp8,opus"),
        (FIREFOX, Track.AUDIO, "audio/webm;codecs=opus"),
        (SAFARI, Track.VIDEO, "video/mp4;codecs=avc1.640028,mp4a.40.2"),
        (SAFARI, Track.AUDIO, "audio/mp4;codecs=mp4a.40.2"),
        ({"video/webm"}, Track.AUDIO, None),
        (set(), Track.VIDEO, None),
    ],
)
def test_best_format_of_the_browser_is_chosen(browser, track, expected):
    assert choose_format(track, browser.__contains__) == expected


def test_format_that_gave_nothing_is_not_chosen_again():
    best, next_one = "audio/mp4;codecs=opus", "audio/mp4"
    assert choose_format(Track.AUDIO, CHROMIUM.__contains__, {best}) == next_one
    assert choose_format(Track.AUDIO, CHROMIUM.__contains__, CHROMIUM) is None


@pytest.mark.parametrize("track", list(Track))
def test_mp4_is_asked_for_before_webm(track):
    assert (choose_format(track, lambda _: True) or "").startswith(f"{track}/mp4")
