"""The actions of the candidate and the browser. The page passes them on, and keeps none."""

from dataclasses import dataclass
from typing import Any

from app.core.notices import Topic


@dataclass(frozen=True, slots=True)
class CheckDevices:
    """Open camera and microphone, and show them."""


@dataclass(frozen=True, slots=True)
class ChooseDevice:
    kind: str  # "camera" or "microphone"
    device_id: str


@dataclass(frozen=True, slots=True)
class RunDeviceTest:
    """Start a test recording, or stop the running one."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Leave the device check for the first question."""

    goes_without: bool = False  # True: camera and microphone stay closed until the candidate presses Record


@dataclass(frozen=True, slots=True)
class GoTo:
    question: str


@dataclass(frozen=True, slots=True)
class Record:
    question: str


@dataclass(frozen=True, slots=True)
class ChooseFile:
    """Answer with a recording that was made elsewhere."""

    question: str
    file: Any  # an opaque handle, a `core.media.Media`


@dataclass(frozen=True, slots=True)
class StopShrinking:
    """Do not encode the chosen video again."""

    question: str
    sends_as_is: bool  # use the file as it is; False: drop it


@dataclass(frozen=True, slots=True)
class Stop:
    question: str


@dataclass(frozen=True, slots=True)
class Retake:
    """Discard the last take; the next Record makes a new one."""

    question: str


@dataclass(frozen=True, slots=True)
class Restore:
    """Make the discarded take count again."""

    question: str


@dataclass(frozen=True, slots=True)
class EditText:
    question: str
    text: str


@dataclass(frozen=True, slots=True)
class PauseUploads:
    pass


@dataclass(frozen=True, slots=True)
class ResumeUploads:
    pass


@dataclass(frozen=True, slots=True)
class RetryUploads:
    pass


@dataclass(frozen=True, slots=True)
class Submit:
    pass


@dataclass(frozen=True, slots=True)
class DeleteFromDevice:
    """End the session here, and delete all that this browser keeps of it."""


@dataclass(frozen=True, slots=True)
class TakeOver:
    """Continue here the interview that is open in another tab or on another device."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End the session here: it is submitted, or it continues on another device."""

    topic: Topic | None = None  # of the dead end to show; None: the receipt, or another dead end, is shown already


@dataclass(frozen=True, slots=True)
class RenewTicket:
    """Continue with a newer ticket of this session; the signer's calls use it already."""

    longer_s: float  # how much later it expires than the one before; below 0: earlier


# Reported by the browser, whose callbacks only enqueue.


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    is_online: bool  # as the browser reports


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """A camera or microphone was plugged in or out."""


@dataclass(frozen=True, slots=True)
class PageReturned:
    """The page is visible again: it was hidden, or the computer was asleep."""


Action = (
    CheckDevices
    | ChooseDevice
    | RunDeviceTest
    | Begin
    | GoTo
    | Record
    | ChooseFile
    | StopShrinking
    | Stop
    | Retake
    | Restore
    | EditText
    | PauseUploads
    | ResumeUploads
    | RetryUploads
    | Submit
    | DeleteFromDevice
    | TakeOver
    | Leave
    | RenewTicket
    | NetworkChanged
    | DevicesChanged
    | PageReturned
)
