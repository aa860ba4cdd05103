"""What happened to devices, takes and uploads that a candidate may have to be told (past tense).

The drivers tell these to the `Screen`; notice_rules.py decides which notice each one shows or hides.
"""

from dataclasses import dataclass

from app.core.notices import Notice, Topic
from app.core.recording.file_rules import FileFault

# Camera and microphone.


@dataclass(frozen=True, slots=True)
class DevicesAwaited:
    """The browser has not answered a request for devices for a while."""


@dataclass(frozen=True, slots=True)
class DevicesAnswered:
    """The browser has answered, or the request was cancelled."""


@dataclass(frozen=True, slots=True)
class DevicesOpened:
    pass


@dataclass(frozen=True, slots=True)
class DevicesRefused:
    topic: Topic  # why


@dataclass(frozen=True, slots=True)
class DevicesUnplugged:
    """An open device has gone while nothing was recorded."""


@dataclass(frozen=True, slots=True)
class SampleStarted:
    """A test recording runs."""


@dataclass(frozen=True, slots=True)
class SampleFailed:
    topic: Topic  # why


# A take.


@dataclass(frozen=True, slots=True)
class QuotaChecked:
    is_enough: bool  # for an answer of full length


@dataclass(frozen=True, slots=True)
class RecorderRefused:
    """A recording could not start."""

    question: str
    topic: Topic  # why


@dataclass(frozen=True, slots=True)
class RecordingObserved:
    """The recording was looked at, as it is several times a second."""

    question: str
    troubles: frozenset[Topic]  # those of OBSERVED that hold now


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """The recorders have stopped."""

    question: str


@dataclass(frozen=True, slots=True)
class TakeTooShort:
    question: str


@dataclass(frozen=True, slots=True)
class TakeBroken:
    """A take did not end as requested, or holds nothing."""

    question: str
    topic: Topic  # how it ended
    kept_s: float | None  # recorded before; None: nothing


@dataclass(frozen=True, slots=True)
class TakeJudged:
    """A take was judged at its end."""

    question: str
    troubles: frozenset[Topic]  # those of EMPTY_TAKES that hold; none for a take that is not kept


@dataclass(frozen=True, slots=True)
class FileTried:
    """The candidate has chosen a file; it is checked now."""

    question: str


@dataclass(frozen=True, slots=True)
class FileRefused:
    question: str
    fault: FileFault
    limit: float | None  # bytes for TOO_LARGE and STAYS_TOO_LARGE, seconds for TOO_LONG, else None


@dataclass(frozen=True, slots=True)
class FileSentAsItIs:
    """The browser could not make a chosen video smaller; the file itself is the take."""

    question: str


@dataclass(frozen=True, slots=True)
class FileInTheWay:
    """At this question nothing can begin: a file chosen at another one is still being copied or made smaller."""

    question: str


@dataclass(frozen=True, slots=True)
class FileDone:
    """The file that was chosen last is an answer, or was given up."""


# The session.


@dataclass(frozen=True, slots=True)
class HostAwaited:
    """The host page has not sent its first message for a while."""


@dataclass(frozen=True, slots=True)
class HostAnswered:
    pass


@dataclass(frozen=True, slots=True)
class StorageMissing:
    """The window has no storage."""


@dataclass(frozen=True, slots=True)
class RecordingCutOff:
    """An earlier visit ended while this question was recorded."""

    question: str
    elapsed_s: float  # recorded before


@dataclass(frozen=True, slots=True)
class TicketEnded:
    """The candidate wanted to record after the ticket had expired."""


@dataclass(frozen=True, slots=True)
class TicketRenewed:
    pass


@dataclass(frozen=True, slots=True)
class UploadProblemFound:
    notice: Notice


@dataclass(frozen=True, slots=True)
class UploadProblemOver:
    topic: Topic


DeviceEvent = DevicesAwaited | DevicesAnswered | DevicesOpened | DevicesRefused | DevicesUnplugged
# Each names its `question`.
TakeEvent = (
    RecorderRefused | RecordingObserved | RecordingEnded | TakeTooShort | TakeBroken | TakeJudged | RecordingCutOff
)
FileEvent = FileTried | FileRefused | FileSentAsItIs | FileInTheWay | FileDone
NoticeEvent = (
    DeviceEvent
    | TakeEvent
    | FileEvent
    | SampleStarted
    | SampleFailed
    | QuotaChecked
    | HostAwaited
    | HostAnswered
    | StorageMissing
    | TicketEnded
    | TicketRenewed
    | UploadProblemFound
    | UploadProblemOver
)
