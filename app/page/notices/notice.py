"""What a notice is made of: how much it weighs, its words, and what can be done."""

from dataclasses import dataclass
from enum import Enum, auto


class Weight(Enum):
    DONE = auto()  # good news
    INFO = auto()  # nothing to do
    WARNING = auto()  # keep an eye on it
    ALERT = auto()  # something must be done


class NoticeAction(Enum):
    NONE = auto()
    CHECK_DEVICES = auto()
    RETRY_UPLOADS = auto()
    SUBMIT = auto()
    TAKE_OVER = auto()
    RELOAD = auto()


@dataclass(frozen=True, slots=True)
class NoticeWords:
    weight: Weight
    title: str
    body: str
    action: NoticeAction = NoticeAction.NONE
    action_label: str = ""
