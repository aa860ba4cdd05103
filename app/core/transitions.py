"""Look up the next state in a table of transitions; an unknown (state, event) raises."""

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

_State = TypeVar("_State", bound=Enum)
_Event = TypeVar("_Event", bound=Enum)


class TransitionRefused(Exception):
    """The table has no transition for this state and event; nothing has changed."""


def following(table: Mapping[tuple[_State, _Event], _State], state: _State, event: _Event) -> _State:
    """Return the next state. Raises TransitionRefused."""
    if (state, event) not in table:
        raise TransitionRefused(f"{event.name} while {state.name}")
    return table[state, event]
