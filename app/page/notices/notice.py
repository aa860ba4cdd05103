"""The content of a notice: its weight, its words and its action."""

from dataclasses import dataclass
from enum import Enum, auto


class Weight(Enum):
    DONE = auto()  # good news
    INFO = auto()  # nothing to do
    WARNING = auto()  # something to watch
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
