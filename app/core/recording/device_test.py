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


SAMPLE = {
    (SampleState.NONE, SampleStep.START): SampleState.RECORDING,
    (SampleState.NONE, SampleStep.DROP): SampleState.NONE,
    (SampleState.RECORDING, SampleStep.FINISH): SampleState.PLAYABLE,
    (SampleState.RECORDING, SampleStep.FAIL): SampleState.NONE,
    (SampleState.RECORDING, SampleStep.DROP): SampleState.NONE,
    (SampleState.PLAYABLE, SampleStep.DROP): SampleState.NONE,
}
