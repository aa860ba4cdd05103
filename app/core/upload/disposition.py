"""Whether a take is wanted."""

from enum import Enum, auto


class Disposition(Enum):
    """Whether the take of an upload counts."""

    COUNTS = auto()
    DISCARDED = auto()  # nothing of it is sent unless it is restored
    ABANDONED = auto()  # another take has replaced it: the upload is aborted
