"""Measure the upload of one recording."""

from app.contract import Track, UploadPolicy
from app.contract.efficiency import UploadEfficiency, UploadStage
from app.core.metrics.retries import Retries
from app.core.upload.events import (
    BytesSent,
    ChunkJournalled,
    Fact,
    RecordingCutShort,
    RecordingStarted,
    RecordingStopped,
    TakeMoved,
    UploadCompleted,
)
from app.core.upload.progress import TrackProgress, TrackState
from app.core.upload.recording_id import RecordingId

_STAGES = {TrackState.RECORDING: UploadStage.RECORDING, TrackState.FAILED: UploadStage.FAILED}
BITS = 8  # of a byte


class UploadMeter:
    def __init__(
        self, fact: RecordingStarted, policy: UploadPolicy, *, rung: int = 0, is_replayed: bool = False
    ) -> None:
        self._is_earlier = is_replayed  # begun in an earlier visit: what was stored at its end is not known here
        self.takes = {fact.take}  # every number that it has had in the bucket
        self._ref: RecordingId = fact.upload
        self._policy = policy
        self._take = fact.take
        self._stage = UploadStage.RECORDING
        self._is_prepared = False
        self._size = 0
        self._duration_s = 0.0
        self._sent = 0
        self._acknowledged = 0  # as the page shows it
        self._is_sending = False
        self._sending_s = 0.0
        self._queued_s = 0.0
        self._stored_at_stop = 0  # bytes; counts once it was stopped
        self._stopped_at: float | None = None  # clock seconds; None: not stopped in this visit
        self._wait_s: float | None = None
        self._rung = rung if self._ref.track is Track.VIDEO else 0
        self._rate_changes = 0
        self._thinned_s = 0.0
        self._is_thinned = False  # it is recorded with fewer frames than its rung has
        self.retries = Retries()

    def note(self, fact: Fact, now: float, *, is_replayed: bool) -> None:
        """Note a fact about this recording. `is_replayed`: it happened in an earlier visit, at an unknown time."""
        match fact:
            case ChunkJournalled():
                self._size += fact.size
                self._duration_s = fact.elapsed_s
            case RecordingStopped():
                self._is_prepared, self._duration_s = fact.prepared, fact.duration_s
                self._stage = UploadStage.UPLOADING
                if not is_replayed:
                    self.stop(now)
            case RecordingCutShort():
                self._size = fact.size
            case TakeMoved():
                self._take = fact.take
                self.takes.add(fact.take)
            case BytesSent():
                self._sent += fact.size
            case UploadCompleted():
                self._stage, self._acknowledged, self._is_sending = UploadStage.COMPLETED, self._size, False
                if self._stopped_at is not None:
                    self._wait_s = now - self._stopped_at
            case _:
                pass
        if not is_replayed:
            self.retries.note(fact)

    @property
    def is_stopped(self) -> bool:
        return self._stopped_at is not None

    @property
    def is_completed(self) -> bool:
        return self._stage is UploadStage.COMPLETED

    def stop(self, now: float) -> None:
        """Note Stop. The first call counts: the press of the button comes before the recorder's last chunk."""
        if self._stopped_at is None:
            self._is_thinned = False
            self._stopped_at, self._stored_at_stop = now, self._acknowledged

    def thin(self, level: int) -> None:
        """Note that the frame rate is halved `level` times from now on."""
        if self._ref.track is Track.VIDEO and not self.is_stopped:
            self._rate_changes += 1
            self._is_thinned = level > 0

    def show(self, track: TrackProgress | None, passed_s: float) -> None:
        """Note the progress that the page shows, `passed_s` after the one before. None: the take does not count."""
        if self._is_thinned:
            self._thinned_s += passed_s
        if self._is_sending:
            self._sending_s += passed_s
        elif self._acknowledged < self._size:
            self._queued_s += passed_s
        if track is None:
            self._is_sending = False
            if self._stage is not UploadStage.COMPLETED:
                self._stage = UploadStage.DISCARDED
            return
        self._acknowledged, self._is_sending = track.acknowledged, track.is_sending
        if self._stage is not UploadStage.COMPLETED:
            self._stage = _STAGES.get(track.state, UploadStage.UPLOADING)

    @property
    def is_sending(self) -> bool:
        return self._is_sending

    def efficiency(self) -> UploadEfficiency:
        return UploadEfficiency(
            question=self._ref.question,
            take=self._take,
            track=self._ref.track,
            stage=self._stage,
            is_prepared=self._is_prepared,
            size=self._size,
            duration_s=rounded(self._duration_s),
            size_by_default=None if self._is_prepared else self._size_by_default(),
            rung=self._rung,
            rate_changes=self._rate_changes,
            thinned_s=rounded(self._thinned_s),
            sent=self._sent,
            sent_twice=max(0, self._sent - self._size),
            bytes_per_second=round(self._sent / self._sending_s) if self._sending_s else None,
            sending_s=rounded(self._sending_s),
            queued_s=rounded(self._queued_s),
            stalls=self.retries.stalls,
            retries=dict(self.retries.by_cause),
            retried=self.retries.retried,
            recovered=self.retries.recovered,
            stored_at_stop=self._share_at_stop(),
            wait_s=None if self._wait_s is None else rounded(self._wait_s),
        )

    def _share_at_stop(self) -> float | None:
        """Return how much of the whole recording was stored; the recorder's last chunk comes only after Stop."""
        if self._stopped_at is None or self._is_earlier or not self._size:
            return None
        return rounded(min(1.0, self._stored_at_stop / self._size))

    def _size_by_default(self) -> int:
        """Return what this recording would take at the bit rates of the policy, its container not counted."""
        policy = self._policy
        if self._ref.track is Track.AUDIO:
            bits_per_second = policy.audio_bits_per_second
        else:
            bits_per_second = policy.video_bits_per_second + policy.video_audio_bits_per_second
        return round(self._duration_s * bits_per_second / BITS)


def rounded(figure: float) -> float:
    """Return a figure to a thousandth: more digits would only say that they were not measured."""
    return round(figure, 3)
