"""Fit the picture to the uplink: a rung for each answer, and fewer frames while a running one falls behind."""

from collections.abc import Callable
from dataclasses import dataclass

from app.contract import Layout, Question, Rung, Track, UploadMode, UploadPolicy
from app.contract.efficiency import Efficiency
from app.core.metrics.score import judged_take
from app.core.notices import Topic
from app.core.ports import Ports
from app.core.recording.ladder import at_rung, needed, rungs
from app.core.recording.rung_choice import RungChoice
from app.core.recording.thinning import Thinning
from app.core.session.events import FrameRateChanged
from app.core.session.machine import SessionMachine
from app.core.upload.events import Fact
from app.core.upload.progress import SessionProgress
from app.core.upload.scheduler import Scheduler

FEWER = 0.75  # of a rung's frames per second; a camera in the dark gives a few less, too
IDLE_S = 1.0  # without a part in flight; between two parts it is less


class QualityControl:
    """Implement `SessionObserver`. Where the policy does not adapt, every answer is recorded on the largest rung."""

    def __init__(
        self,
        machine: SessionMachine,
        policy: UploadPolicy,
        ports: Ports,
        scheduler: Scheduler,
        report: Callable[[], Efficiency | None],
    ) -> None:
        """`report` returns the figures of the session so far; None: they cannot be told."""
        self._machine = machine
        self._policy = policy
        self._ports = ports
        self._scheduler = scheduler
        self._report = report
        self._rungs = rungs(policy)
        self._choice: RungChoice | None = None  # None: no answer in this visit yet
        self._heeded: tuple[str, int] | None = None  # question and take whose advice was followed last; None: of none
        self.index = 0  # of the rung that was chosen last; 0 is the largest
        self.measured: float | None = None  # bytes per second of the uplink; None: not measured
        self._running: _Running | None = None  # None: no picture is recorded that may be thinned

    @property
    def rung(self) -> Rung:
        return self._rungs[self.index]

    @property
    def policy(self) -> UploadPolicy:
        """Return the policy by which an answer is recorded on the present rung."""
        return at_rung(self._policy, self.rung)

    @property
    def troubles(self) -> frozenset[Topic]:
        """Return what the candidate should know of the picture that is recorded."""
        if self._running is None or not self._running.thinning.level:
            return frozenset()
        rate = self._ports.media_devices.frame_rate()
        is_thinned = rate is None or rate < FEWER * self.rung.frames_per_second  # not every camera follows
        return frozenset({Topic.PICTURE_THINNED} if is_thinned else ())

    async def prepare(self, question: Question) -> None:
        """Choose the rung of the next answer, and set the camera to it. Call this before its recording begins."""
        report = self._report()
        advice = report.advice if report is not None else ()
        self._scheduler.heed(advice)
        if Track.VIDEO not in question.tracks or not self._policy.adapts:
            return
        judged = judged_take(report) if report is not None else None
        if self._choice is None:
            self._choice = RungChoice(_last_index(report))
        if judged is None or judged != self._heeded:  # whoever presses Record twice has not failed twice
            needs = [needed(self._policy, rung, question.tracks) for rung in self._rungs]
            self.index = self._choice.choose(needs, self.measured, self._ports.network.hints(), advice)
            self._heeded = judged
        await self.fit(question)

    async def fit(self, question: Question) -> None:
        """Set the camera to the present rung: it may have been opened since this was chosen."""
        if Track.VIDEO in question.tracks and self._policy.adapts:
            await self._ports.media_devices.fit(self.rung)

    def begin(self, question: Question) -> None:
        """Note that an answer is recorded from now on."""
        # In the other modes nothing is sent while the candidate speaks: a backlog says nothing about the line.
        if Track.VIDEO in question.tracks and self._policy.adapts and self._policy.mode is UploadMode.PROGRESSIVE:
            need = needed(self._policy, self.rung, question.tracks)
            now = self._ports.clock.now()
            self._running = _Running(question.id, Thinning(self.rung.frames_per_second, need, now), now)

    def end(self) -> None:
        """Note that the recording has ended."""
        if self._running is not None and self._running.thinning.level:
            self._ports.media_devices.thin(self.rung.frames_per_second)
        self._running = None

    def note(self, event: Fact, at: float) -> None:
        pass  # the progress says all that matters here

    def show(self, progress: SessionProgress, at: float) -> None:
        if self._scheduler.layout is not Layout.STREAM:  # a stream is as fast as the recording that it carries
            self.measured = progress.bytes_per_second or self.measured
        if self._running is None:
            return
        thinning = self._running.thinning
        if self._running.is_line_idle(progress, at):
            thinning.hold(at, progress.unsent)
        elif thinning.look(at, progress.unsent, progress.recorded, progress.bytes_per_second):
            self._ports.media_devices.thin(thinning.frames_per_second)
        self._tell(self._running)

    def _tell(self, running: "_Running") -> None:
        """Tell of another frame rate once the camera gives it: some never do, and the report must not say so."""
        level = running.thinning.level if self.troubles else 0
        if level != running.told:
            running.told = level
            self._machine.tell(FrameRateChanged(running.question, level))


@dataclass
class _Running:
    """A recording whose picture may be thinned."""

    question: str
    thinning: Thinning
    sent_at: float  # when a part was last seen in flight, or there was none to send
    told: int = 0  # how often its frame rate was halved, as the session was told last

    def is_line_idle(self, progress: SessionProgress, now: float) -> bool:
        """Return whether what waits does not wait for the line: it may not be sent, or nobody takes or signs it."""
        if not progress.unsent or any(track.is_sending for track in progress.tracks):
            self.sent_at = now
        is_held = progress.is_paused or progress.is_offline or progress.is_store_away or progress.is_captive_portal
        return is_held or now - self.sent_at > IDLE_S


def _last_index(report: Efficiency | None) -> int | None:
    """Return the rung of an earlier visit's last answer with a picture; None if there is none."""
    recorded = [one for one in (report.uploads if report else ()) if one.track is Track.VIDEO and not one.is_prepared]
    return recorded[-1].rung if recorded else None
