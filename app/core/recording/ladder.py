"""The rungs on which an answer's picture can be recorded, and the bytes that each of them needs."""

from collections.abc import Iterable

from app.contract import Rung, Track, UploadPolicy

# What the page asks the camera for when it opens it (static/boot/devices.mjs).
CAMERA_SHORT_SIDE, CAMERA_FRAMES = 720, 30
BITS = 8  # of a byte


def rungs(policy: UploadPolicy) -> tuple[Rung, ...]:
    """Return the rungs of a policy, the largest first: never empty. Only the largest if the picture does not adapt."""
    top = Rung(
        short_side=CAMERA_SHORT_SIDE,
        frames_per_second=CAMERA_FRAMES,
        video_bits_per_second=policy.video_bits_per_second,
    )
    smaller = (rung for rung in policy.ladder if rung.video_bits_per_second < top.video_bits_per_second)
    return (top, *smaller) if policy.adapts else (top,)


def needed(policy: UploadPolicy, rung: Rung, tracks: Iterable[Track]) -> float:
    """Return how many bytes per second a recording of `tracks` makes on `rung`, as asked of the encoders."""
    bits = {
        Track.VIDEO: rung.video_bits_per_second + policy.video_audio_bits_per_second,
        Track.AUDIO: policy.audio_bits_per_second,
    }
    return sum(bits[track] for track in tracks) / BITS


def at_rung(policy: UploadPolicy, rung: Rung) -> UploadPolicy:
    """Return the policy by which an answer on `rung` is recorded."""
    return policy.model_copy(update={"video_bits_per_second": rung.video_bits_per_second})
