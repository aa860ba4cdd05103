"""Measure one session: fold its facts, events and progress into the report that efficiency.json holds."""

from collections import Counter

from app.contract import Layout, UploadPolicy
from app.contract.efficiency import Efficiency, Step
from app.core.metrics.instruments import Instruments
from app.core.metrics.moments import Moments
from app.core.metrics.retries import Retries
from app.core.metrics.steps import further, step_of
from app.core.metrics.totals import summed
from app.core.metrics.upload_meter import UploadMeter, rounded
from app.core.metrics.visits import joined
from app.core.recording.duration import GAP_S
from app.core.session.events import FrameRateChanged, SessionEvent, TakeStarted, TakeStopped
from app.core.session.state import SessionState
from app.core.upload.events import (
    AnswerStored,
    CommandFailed,
    Fact,
    PartAcknowledged,
    RecordingStarted,
    RecordingStopped,
    Restored,
    UploadCreated,
)
from app.core.upload.progress import SessionProgress, TrackState
from app.core.upload.recording_id import RecordingId


class SessionMeter:
    def __init__(self, policy: UploadPolicy, now: float) -> None:
        self._policy = policy
        self._moments = Moments(now)
        self._is_replaying = True  # the facts of an earlier visit come first
        self._uploads: dict[RecordingId, UploadMeter] = {}
        self._rungs: dict[str, int] = {}  # by key of the takes of this visit
        self._documents = Retries()
        self._layout: Layout | None = None
        self._state: SessionState | None = None
        self._step = Step.OPENED
        self._shown_at = now
        self._was_offline = False
        self._offline_s = 0.0
        self._sending_s = 0.0
        self._peak_backlog = 0
        self._peak_memory: int | None = None
        self._failed: set[RecordingId] = set()
        self._instruments = Instruments()
        self._earlier: Efficiency | None = None

    def go_on(self, earlier: Efficiency) -> None:
        """Go on from the report of the visits before this one."""
        self._earlier = earlier

    # What happens.

    def note(self, fact: Fact, now: float) -> None:
        match fact:
            case Restored():
                self._is_replaying = False
                if any(not upload.is_completed for upload in self._uploads.values()):
                    self._moments.stop(now)  # what an earlier visit has left is waited for from now on
                return
            case RecordingStarted():
                self._uploads[fact.upload] = UploadMeter(
                    fact, self._policy, rung=self._rungs.get(fact.upload.key, 0), is_replayed=self._is_replaying
                )
                return
            case RecordingStopped(upload=ref) if not self._is_replaying:
                self._note_end(ref, now)
            case PartAcknowledged() if not self._is_replaying:
                self._moments.acknowledge(now)
            case UploadCreated():
                self._layout = fact.parts.layout
            case _:
                pass
        about = _recording_of(fact)
        upload = self._uploads.get(about) if about is not None else None
        if upload is not None:
            upload.note(fact, now, is_replayed=self._is_replaying)
        elif isinstance(fact, AnswerStored | CommandFailed):
            self._documents.note(fact)

    def _note_end(self, ref: RecordingId, now: float) -> None:
        """Note the end of a recording that nobody has stopped: a chosen file, a lost device, a closed page."""
        if ref in self._uploads and not self._uploads[ref].is_stopped:
            self._moments.record(now)
            self._moments.stop(now)

    def follow(self, event: SessionEvent, state: SessionState, now: float) -> None:
        """Note an event of the session, which has led to `state`."""
        self._state = state
        self._step = further(self._step, step_of(event, state))
        match event:
            case TakeStarted(key=key, rung=rung):
                self._moments.record(now)
                self._rungs[key] = rung
            case FrameRateChanged(question=question, level=level):
                for upload in self._of_take(question, state):
                    upload.thin(level)
            case TakeStopped(question=question):
                self._moments.stop(now)
                for upload in self._of_take(question, state):
                    upload.stop(now)
            case _:
                pass

    def _of_take(self, question: str, state: SessionState) -> list[UploadMeter]:
        key = state.answers[question].key
        return [upload for ref, upload in self._uploads.items() if (ref.question, ref.key) == (question, key)]

    def show(self, progress: SessionProgress, now: float) -> None:
        passed_s, self._shown_at = now - self._shown_at, now
        if not 0 <= passed_s < GAP_S:
            passed_s = 0.0  # the page was frozen, or the computer asleep: nobody looked, and nothing was sent
        if any(upload.is_sending for upload in self._uploads.values()):
            self._sending_s += passed_s
        self._offline_s += passed_s if self._was_offline else 0.0
        self._was_offline = progress.is_offline
        tracks = {track.upload: track for track in progress.tracks}
        for ref, upload in self._uploads.items():
            upload.show(tracks.get(ref), passed_s)
        self._failed |= {ref for ref, track in tracks.items() if track.state is TrackState.FAILED}
        self._peak_backlog = max(self._peak_backlog, progress.backlog)
        if progress.is_safe:
            self._moments.be_safe(now)

    def read(self, instruments: Instruments, *, has_devices: bool) -> None:
        """Note what the browser says at the moment. `has_devices`: camera or microphone are open."""
        self._instruments = instruments
        if has_devices:
            self._step = further(self._step, Step.CHECKED)
        if instruments.memory is not None:
            self._peak_memory = max(instruments.memory, self._peak_memory or 0)

    # The report.

    def report(self, now: float, *, is_submitted: bool = False) -> Efficiency:
        own = self._own(now, Step.SUBMITTED if is_submitted else self._step)
        return summed(joined(self._earlier, own, self._takes()) if self._earlier is not None else own)

    def _takes(self) -> list[set[int]]:
        """Return the take numbers that each upload of this visit has had."""
        return [upload.takes for upload in self._uploads.values()]

    def _own(self, now: float, step: Step) -> Efficiency:
        """Return the figures of this visit; `summed` adds those that follow from its uploads."""
        answers = self._state.answers.values() if self._state is not None else ()
        uploads = tuple(upload.efficiency() for upload in self._uploads.values())
        tallies = [self._documents, *(upload.retries for upload in self._uploads.values())]
        sent = sum(upload.sent for upload in uploads)
        goes_on = self._earlier is not None and self._earlier.total_s is not None
        own = Efficiency(
            mode=self._policy.mode,
            layout=self._layout,
            step=step,
            questions=len(answers),
            answered=sum(answer.is_answered for answer in answers),
            failed=len(self._failed),
            ready_s=self._instruments.ready_s,
            open_s=rounded(now - self._moments.opened_at + (self._instruments.ready_s or 0.0)),
            total_s=self._moments.total_s(now, goes_on=goes_on),
            first_byte_s=self._moments.first_byte_s,
            wait_s=self._moments.wait_s,
            bytes_per_second=round(sent / self._sending_s) if self._sending_s else None,
            stalls=sum(tally.stalls for tally in tallies),
            retries=dict(sum((tally.by_cause for tally in tallies), Counter())),
            retried=sum(tally.retried for tally in tallies),
            recovered=sum(tally.recovered for tally in tallies),
            offline_s=rounded(self._offline_s),
            peak_backlog=self._peak_backlog,
            peak_memory=self._peak_memory,
            longest_task_s=self._instruments.longest_task_s,
        )
        return own.model_copy(update={"uploads": uploads})  # unchecked: there may be more than a report may list


def _recording_of(fact: Fact) -> RecordingId | None:
    """Return the recording that a fact, or the command that has failed, is about; None: it is about none."""
    about = fact.command if isinstance(fact, CommandFailed) else fact
    return getattr(about, "upload", None)
