"""The state of the test recording: none, under way, or there to be played."""

from enum import Enum, auto


class SampleState(Enum):
    NONE = auto()
    RECORDING = auto()
    PLAYABLE = auto()


class SampleStep(Enum):
    START = auto()
    FINISH = auto()
    FAIL = auto()  # it holds nothing
    DROP = auto()  # other devices are open now, or the device check is over


_NEXT = {
    (SampleState.NONE, SampleStep.START): SampleState.RECORDING,
    (SampleState.NONE, SampleStep.DROP): SampleState.NONE,
    (SampleState.RECORDING, SampleStep.FINISH): SampleState.PLAYABLE,
    (SampleState.RECORDING, SampleStep.FAIL): SampleState.NONE,
    (SampleState.RECORDING, SampleStep.DROP): SampleState.NONE,
    (SampleState.PLAYABLE, SampleStep.DROP): SampleState.NONE,
}


class StepRefused(Exception):
    """The test recording cannot do that now; nothing has changed."""


def following(state: SampleState, step: SampleStep) -> SampleState:
    """Return the next state. Raises StepRefused for a step that the state does not know."""
    try:
        return _NEXT[state, step]
    except KeyError:
        raise StepRefused(f"{step.name} while {state.name}") from None
