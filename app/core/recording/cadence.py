"""Decide how often a recorder delivers a chunk, and how often it makes a key frame."""

import math
from dataclasses import dataclass

from app.contract import UploadPolicy

SEEKING_MS = 2000  # players seek to key frames; more of them only cost bytes


@dataclass(frozen=True, slots=True)
class Cadence:
    timeslice_ms: int
    key_frame_ms: int | None  # None: no picture
    is_requested: bool = False  # the page itself asks for every chunk; the recorder is told no timeslice


def cadence_of(content_type: str, policy: UploadPolicy) -> Cadence:
    """Return the cadence for recording in this format.

    - Chromium's MP4 has a fragment for each group of pictures, and delivers whole fragments only: at the first key
      frame after the timeslice. `requestData` does not change this. If timeslice and key frame were due at the same
      time, every other key frame would be a little too early; so the timeslice ends half way between two key frames.
    - Safari makes a key frame after every timeslice, and delivers MP4 fragments of at least 1 s. A timeslice shorter
      than the key-frame interval would only make the picture worse.
    - WebM, and sound alone, are delivered at every timeslice, wherever the key frames are.
    - Firefox, which records WebM only, may deliver a timeslice's chunk behind the last one, and behind "stop", when it
      is stopped at that moment: one stop in some hundred. Chunks that are requested come in order, in Chromium's WebM
      as well.
    """
    if not content_type.startswith("video/mp4"):
        is_picture = content_type.startswith("video/")
        key_frame_ms = max(policy.key_frame_ms, SEEKING_MS) if is_picture else None
        return Cadence(policy.timeslice_ms, key_frame_ms, is_requested="webm" in content_type)
    if _is_safaris(content_type):
        return Cadence(max(policy.timeslice_ms, policy.key_frame_ms), policy.key_frame_ms)
    groups = math.ceil(policy.timeslice_ms / policy.key_frame_ms)  # of pictures, in a chunk
    return Cadence(round((groups - 0.5) * policy.key_frame_ms), policy.key_frame_ms)


def _is_safaris(content_type: str) -> bool:
    # Chromium with an AAC encoder records `avc3`, which Safari does not know; and it knows the names of its codecs.
    return "codecs" not in content_type or ("avc1" in content_type and "mp4a" in content_type)
