"""What a take has recorded, and how each track ended."""

from dataclasses import dataclass
from enum import Enum, auto

from app.core.upload.events import RecordingStopped
from app.core.upload.recording_id import RecordingId


class Ending(Enum):
    STOPPED = auto()  # as requested
    DEVICE_LOST = auto()
    BROKEN = auto()  # the recorder delivered no more, although it was not stopped
    NOTHING_CAME = auto()  # not a byte, in any format that was tried


@dataclass(frozen=True, slots=True)
class Recorded:
    """The result of one track; `size` bytes of it are in the journal."""

    ref: RecordingId
    size: int
    ending: Ending
    stopped: RecordingStopped
