"""Decide whether a chosen video is encoded again, to be smaller, and within which bounds."""

from dataclasses import dataclass

from app.contract import Question, Track, UploadPolicy
from app.core.recording.file_rules import FileFacts, track_of

SIDE_PX = 1280  # what cameras of computers record; a telephone's 4K shows an interviewer no more
FRAMES_PER_SECOND = 30
# Encoders miss their rate, and the container adds a little. A video that would lose less than a fifth is not worth the
# candidate's time.
_OVERHEAD = 1.1
_WORTH_IT = 0.8


@dataclass(frozen=True, slots=True)
class ShrinkBounds:
    """What the encoded video may have at most."""

    side_px: int  # the longer side
    frames_per_second: int
    video_bits_per_second: int
    audio_bits_per_second: int


@dataclass(frozen=True, slots=True)
class ShrinkView:
    """A video that is being encoded again."""

    percent: int  # 0 to 100, rounded down
    may_send_as_is: bool  # the file itself is within the limit


def shrink_bounds(facts: FileFacts, question: Question, policy: UploadPolicy) -> ShrinkBounds | None:
    """Return the bounds within which the file is encoded again; None if it goes as it is, or cannot be used at all."""
    rules = question.file
    if rules is None or rules.shrink_over_bytes is None or track_of(question) is not Track.VIDEO:
        return None
    if facts.size <= min(rules.shrink_over_bytes, rules.max_bytes) or not facts.duration_s:
        return None
    rate = policy.video_bits_per_second + policy.video_audio_bits_per_second
    expected_bytes = facts.duration_s * rate / 8 * _OVERHEAD
    if expected_bytes > min(facts.size * _WORTH_IT, rules.max_bytes):
        return None
    return ShrinkBounds(
        side_px=SIDE_PX,
        frames_per_second=FRAMES_PER_SECOND,
        video_bits_per_second=policy.video_bits_per_second,
        audio_bits_per_second=policy.video_audio_bits_per_second,
    )


def is_too_large(size: int, facts: FileFacts, question: Question) -> bool:
    """Whether an encoder has missed its rate so far that what it gives is of no use: the file itself is smaller."""
    return size > facts.size or (question.file is not None and size > question.file.max_bytes)


def shrink_view(progress: float, facts: FileFacts, question: Question) -> ShrinkView:
    """Return what the page shows at `progress` (0 to 1)."""
    may_send_as_is = question.file is not None and facts.size <= question.file.max_bytes
    return ShrinkView(int(progress * 100), may_send_as_is)
