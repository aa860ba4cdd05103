"""The states of the test recording, and their transitions."""

from enum import Enum, auto


class SampleState(Enum):
    NONE = auto()
    RECORDING = auto()
    PLAYABLE = auto()


class SampleStep(Enum):
    START = auto()
    FINISH = auto()
    FAIL = auto()  # nothing was recorded
    DROP = auto()  # other devices are open now, or the device check is over


SAMPLE = {
    (SampleState.NONE, SampleStep.START): SampleState.RECORDING,
    (SampleState.NONE, SampleStep.DROP): SampleState.NONE,
    (SampleState.RECORDING, SampleStep.FINISH): SampleState.PLAYABLE,
    (SampleState.RECORDING, SampleStep.FAIL): SampleState.NONE,
    (SampleState.RECORDING, SampleStep.DROP): SampleState.NONE,
    (SampleState.PLAYABLE, SampleStep.DROP): SampleState.NONE,
}
