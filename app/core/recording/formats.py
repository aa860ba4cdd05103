"""Choose the format in which MediaRecorder records, from one table for all browsers."""

from collections.abc import Callable, Collection

from app.contract import Track, VideoCodec

# Best first. MP4 before WebM: browsers write fragmented MP4, which is seekable and has a duration; their WebM is not
# seekable and has none. H.264 and AAC before others: they play everywhere without a plug-in. avc3 before avc1: avc3
# stores the picture size with every key frame, avc1 only at the beginning. Turning a phone changes the size, and no
# player shows the rest of an avc1 file after that.
_CANDIDATES: dict[Track, tuple[str, ...]] = {
    Track.VIDEO: (
        "video/mp4;codecs=avc3.640028,mp4a.40.2",  # Chromium where the system has an AAC encoder
        "video/mp4;codecs=avc3.42E01F,mp4a.40.2",
        "video/mp4;codecs=avc1.640028,mp4a.40.2",  # Safari
        "video/mp4;codecs=avc1.42E01F,mp4a.40.2",
        "video/mp4;codecs=avc3.640028,opus",  # Chromium elsewhere
        "video/mp4;codecs=avc3.42E01F,opus",
        "video/mp4;codecs=avc1.640028,opus",
        "video/mp4;codecs=avc1.42E01F,opus",
        "video/mp4;codecs=vp9,opus",  # Chromium builds without H.264
        "video/mp4",
        "video/webm;codecs=vp8,opus",  # Firefox
        "video/webm;codecs=vp9,opus",
        "video/webm",
    ),
    Track.AUDIO: (
        "audio/mp4;codecs=mp4a.40.2",
        "audio/mp4;codecs=opus",
        "audio/mp4",
        "audio/webm;codecs=opus",
        "audio/webm",
    ),
}

_NAMES = {VideoCodec.H264: ("avc1", "avc3"), VideoCodec.VP8: ("vp8",), VideoCodec.VP9: ("vp9",)}  # in content types


def choose_format(
    track: Track,
    is_supported: Callable[[str], bool],
    refused: Collection[str] = frozenset(),
    codec: VideoCodec | None = None,
) -> str | None:
    """Return the best format for `track` that is supported and not `refused`; None if there is none.

    The `refused` formats have failed before, although the browser claims to support them. Formats in `codec` come
    first; None: as good as any.
    """
    names = _NAMES[codec] if codec is not None and track is Track.VIDEO else ()
    preferred = sorted(_CANDIDATES[track], key=lambda candidate: not any(name in candidate for name in names))
    candidates = (candidate for candidate in preferred if candidate not in refused)
    return next(filter(is_supported, candidates), None)
