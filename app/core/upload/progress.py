"""What is recorded, stored and left, as figures that the page shows unchanged."""

from dataclasses import dataclass
from enum import StrEnum

from app.contract import Track, TroubleKind
from app.core.upload.recording_id import RecordingId


class TrackState(StrEnum):
    """The values of `data-state`."""

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
    take: int  # its number in the bucket; it may change
    state: TrackState
    recorded: int  # bytes
    acknowledged: int  # bytes; never falls
    is_recording: bool  # still growing: no percentage of the whole exists yet
    problem: str = ""  # the sentence of a failure; "": none
    is_sending: bool = False  # a part is in flight

    @property
    def percent(self) -> int:
        """Return the whole percentage of recorded bytes that are stored; 100 only when all are."""
        return percent_of(self.acknowledged, self.recorded)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An object that the store refuses; only the operator can fix this."""

    kind: TroubleKind
    question: str
    take: int
    track: Track | None  # None: answer.json
    part_bytes: int | None  # None: answer.json
    sentence: str


@dataclass(frozen=True, slots=True)
class SessionProgress:
    tracks: tuple[TrackProgress, ...]
    recorded: int
    acknowledged: int  # never falls while the same recordings count
    bytes_per_second: float | None  # None: not known yet
    remaining_s: float | None  # None: not known (no speed yet, paused, offline)
    is_safe: bool  # everything recorded and typed is in the store
    is_paused: bool
    is_offline: bool
    is_captive_portal: bool  # a captive portal answers instead of signer and store
    has_failed: bool  # something has failed, and "Retry" may help
    is_signer_invalid: bool = False  # the signer's responses are invalid
    is_store_away: bool = False  # the signer answers, the store does not
    refusals: tuple[Refusal, ...] = ()  # failures that only the operator can fix
    unstored: frozenset[str] = frozenset()  # questions whose current answer.json is not in the store
    unsent: int = 0  # bytes that wait for the line; less than the backlog, of which parts are under way

    @property
    def backlog(self) -> int:
        """Return the bytes recorded and not yet acknowledged: with `acknowledged` they always sum to `recorded`."""
        return self.recorded - self.acknowledged

    @property
    def percent(self) -> int:
        return percent_of(self.acknowledged, self.recorded)


def percent_of(acknowledged: int, recorded: int) -> int:
    """Return the percentage, rounded down so that 100 is never shown early; 0 of 0 is 0."""
    return acknowledged * 100 // recorded if recorded else 0
