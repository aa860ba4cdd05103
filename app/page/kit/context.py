"""What every view needs of the page around it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from app.browser.interop import Listeners
from app.core.session.actions import Action

Dispatch = Callable[[Action], None]


@dataclass(frozen=True, slots=True)
class ViewContext:
    dispatch: Dispatch  # hands on what the candidate asks for
    announce: Callable[[str], None]  # has a screen reader say it once it is free
    listeners: Listeners = field(default_factory=Listeners)  # closed with the page
