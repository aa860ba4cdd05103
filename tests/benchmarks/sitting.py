"""What is measured, and what came of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

from pydantic import JsonValue

from app.contract import UploadPolicy
from app.core.upload.parts import SMALLEST
from tests.benchmarks.memory import PERIOD_S, Peak, Sample

INTERVIEW = "bench"
NAIVE = "naive"
LAST_PHASE = 0.9  # of a timeslice: the last Stop comes just before the next chunk, which is the hardest moment


class Event(NamedTuple):
    """Something that the page noted, in seconds after the last Stop."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Plan:
    """What is recorded, whichever page does it."""

    answers: int
    answer_s: float
    bits_per_second: float
    policy: dict[str, JsonValue] = field(default_factory=dict)  # overrides of UploadPolicy
    is_real: bool = False  # the browser's own recorder, not the synthetic one (synthetic.js)
    codec: str = ""  # of the browser's own recorder, on every page; "": each page's choice
    speed: float = 1.0  # times as fast as life: all other figures are those of the bench's own clock
    begin_every_s: float = 0.0  # from one Record to the next, at least
    memory_every_s: float = PERIOD_S  # looks at the memory
    naive_tries: int = 1  # of each PUT of the naive page

    @property
    def part_bytes(self) -> int:
        return UploadPolicy().overridden_by(self.policy).part_bytes or SMALLEST

    @property
    def questions(self) -> list[str]:
        return [f"q{number}" for number in range(1, self.answers + 1)]

    def length_s(self, index: int) -> float:
        """Return how long an answer is: each Stop falls at another place between two chunks."""
        timeslice_s = UploadPolicy().overridden_by(self.policy).timeslice_ms / 1000
        return self.answer_s + timeslice_s / self.speed * LAST_PHASE * (index + 1) / self.answers

    def interview(self) -> str:
        head = f'id = "{INTERVIEW}"\ntitle = "Benchmark"\n'
        return head + "".join(
            f'\n[[questions]]\nid = "{question}"\nprompt = "Speak."\ntracks = ["video"]\nlimit_s = 600\n'
            for question in self.questions
        )


@dataclass
class Sitting:
    """What happened, in seconds since 1970."""

    started: list[float] = field(default_factory=list)  # by answer
    stopped: list[float] = field(default_factory=list)  # the click on Stop
    stored: list[float] = field(default_factory=list)  # whole in the store
    sizes: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)  # of the objects
    chunks: list[tuple[float, int]] = field(default_factory=list)  # of all recordings: when, and how many bytes
    last_chunk: int = 0  # bytes that only Stop made the recorder give
    presses: int = 1  # on Submit, until it was followed
    received_at: float = 0.0  # the page says that it is over
    peak: Peak = field(default_factory=Peak)
    memory: list[Sample] = field(default_factory=list)  # five a second
    sent: int = 0  # bytes, with HTTP headers and whatever went twice
    load: tuple[float, float] = (0.0, 0.0)  # 1-minute load average before and after
    events: list[Event] = field(default_factory=list)  # around the last Stop
