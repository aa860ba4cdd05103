"""What the connection check tells the candidate."""

from collections.abc import Sequence
from enum import StrEnum

from app.core.recording.rung_choice import SHARE, carried

CHECK_S = 6.0  # the check takes no longer: the candidate tries camera and microphone meanwhile


class Connection(StrEnum):
    MEASURING = "measuring"
    CARRIES_VIDEO = "video"  # as large as the policy has it
    CARRIES_SMALLER_VIDEO = "smaller-video"
    CARRIES_SOUND = "sound"  # even the smallest picture is stored only some time after it was recorded
    SLOW = "slow"  # the sound, too


def verdict(needs: Sequence[float], sound_needs: float, bytes_per_second: float) -> Connection:
    """Return what an uplink of this speed carries.

    `needs` are the bytes per second of each rung, the largest first; `sound_needs` those of the sound alone.
    """
    if needs[-1] <= SHARE * bytes_per_second:
        return Connection.CARRIES_SMALLER_VIDEO if carried(needs, bytes_per_second) else Connection.CARRIES_VIDEO
    return Connection.CARRIES_SOUND if sound_needs <= SHARE * bytes_per_second else Connection.SLOW


def may_follow(size: int, bytes_per_second: float, left_s: float) -> bool:
    """Return whether a part of `size` bytes is likely to arrive within `left_s`, at the speed of the part before it."""
    return size / bytes_per_second <= left_s
