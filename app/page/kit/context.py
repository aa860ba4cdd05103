"""What every view needs from the page around it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.browser.interop import Listeners
from app.core.session.actions import Action

Dispatch = Callable[[Action], None]


@dataclass(frozen=True, slots=True)
class ViewContext:
    dispatch: Dispatch  # passes on the candidate's actions
    announce: Callable[[str], None]  # makes a screen reader read a sentence when it is idle
    listeners: Listeners = field(default_factory=Listeners)  # closed with the page
