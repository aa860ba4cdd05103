"""What is recorded, stored and left: plain figures that the page shows as they are."""

from dataclasses import dataclass
from enum import StrEnum

from app.contract import Track, TroubleKind
from app.core.upload.events import RecordingId


class TrackState(StrEnum):
    """The words of `data-state`."""

    IDLE = "idle"
    RECORDING = "recording"
    QUEUED = "queued"
    UPLOADING = "uploading"
    RETRYING = "retrying"
    PAUSED = "paused"
    OFFLINE = "offline"
    COMPLETED = "completed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class TrackProgress:
    upload: RecordingId
    take: int  # its number in the bucket; it may move
    state: TrackState
    recorded: int  # bytes
    acknowledged: int  # bytes; never falls
    is_recording: bool  # still growing: no percentage of the whole exists yet
    problem: str = ""  # a sentence, when the state is RETRYING or FAILED

    @property
    def percent(self) -> int:
        """Whole percent of recorded bytes that are stored; 100 only when all are."""
        return percent_of(self.acknowledged, self.recorded)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that the store does not take, and that only its operator can mend."""

    kind: TroubleKind
    question: str
    take: int
    track: Track | None  # None: answer.json
    part_bytes: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class SessionProgress:
    tracks: tuple[TrackProgress, ...]
    recorded: int
    acknowledged: int  # never falls while the same recordings count
    bytes_per_second: float | None  # None: not known yet
    remaining_s: float | None  # None: not known (no speed yet, paused, offline)
    is_safe: bool  # everything recorded and written is in the store
    is_paused: bool
    is_offline: bool
    is_captive_portal: bool  # somebody else answers in place of signer and store
    has_failed: bool  # something waits for "Retry"
    is_signer_invalid: bool = False  # the signer gives answers that cannot be followed
    is_store_away: bool = False  # the signer answers, the store does not
    refusals: tuple[Refusal, ...] = ()  # a part of what has failed
    unstored: frozenset[str] = frozenset()  # questions whose answer.json is not in the store as it stands

    @property
    def backlog(self) -> int:
        """Bytes recorded and not yet acknowledged. With `acknowledged` it always adds up to `recorded`."""
        return self.recorded - self.acknowledged

    @property
    def percent(self) -> int:
        return percent_of(self.acknowledged, self.recorded)


def percent_of(acknowledged: int, recorded: int) -> int:
    """Return whole percent, rounded down so that 100 is never said early; 0 of 0 is 0."""
    return acknowledged * 100 // recorded if recorded else 0
