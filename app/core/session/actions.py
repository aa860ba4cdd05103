"""What the candidate asks for. The page hands wishes on and forgets them."""

from dataclasses import dataclass
from typing import Any

from app.core.notices import Topic


@dataclass(frozen=True, slots=True)
class CheckDevices:
    """Ask for camera and microphone, and show them."""


@dataclass(frozen=True, slots=True)
class ChooseDevice:
    kind: str  # "camera" or "microphone"
    device_id: str


@dataclass(frozen=True, slots=True)
class RunDeviceTest:
    """Make a test recording, or end the one that runs."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Leave the device check for the first open question."""

    goes_without: bool = False  # camera and microphone; then they are asked for once a recording is wanted


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
    file: Any  # an opaque handle, a `ports.Media`


@dataclass(frozen=True, slots=True)
class Stop:
    question: str


@dataclass(frozen=True, slots=True)
class Retake:
    """Have the last take not count; the next Record makes a new one."""

    question: str


@dataclass(frozen=True, slots=True)
class Restore:
    """Have a discarded take count again."""

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
class TakeOver:
    """Go on here with what is open in another tab."""


@dataclass(frozen=True, slots=True)
class Leave:
    """End the session here: it is submitted, or it goes on on another device."""

    topic: Topic | None = None  # of the dead end to show; None: the receipt, or another dead end, is shown already


@dataclass(frozen=True, slots=True)
class RenewTicket:
    """Go on with a newer ticket of this session; the signer's calls have it already."""

    longer_s: float  # by how much it ends later than the one before


# What the browser tells. Its callbacks only enqueue.


@dataclass(frozen=True, slots=True)
class NetworkChanged:
    is_online: bool  # as the browser believes


@dataclass(frozen=True, slots=True)
class DevicesChanged:
    """A camera or microphone was plugged in or out."""


@dataclass(frozen=True, slots=True)
class PageReturned:
    """The page is seen again: it was hidden, or the computer asleep."""


Action = (
    CheckDevices
    | ChooseDevice
    | RunDeviceTest
    | Begin
    | GoTo
    | Record
    | ChooseFile
    | Stop
    | Retake
    | Restore
    | EditText
    | PauseUploads
    | ResumeUploads
    | RetryUploads
    | Submit
    | TakeOver
    | Leave
    | RenewTicket
    | NetworkChanged
    | DevicesChanged
    | PageReturned
)
