"""Measure the session, and have the report written: at Submit, and when the page is hidden or left."""

import math
from contextlib import suppress
from enum import Enum, auto

from pydantic import ValidationError

from app.contract import UploadPolicy
from app.contract.efficiency import Efficiency
from app.core.errors import JournalFull, JournalUnread, UploadError
from app.core.metrics.session_meter import SessionMeter
from app.core.ports import Ports
from app.core.session.events import SessionEvent
from app.core.session.state import SessionState
from app.core.upload.events import CommandFailed, Fact, PartAcknowledged, RecordingStopped, UploadCompleted
from app.core.upload.progress import SessionProgress
from app.upload.persist import persist

READ_S = 5.0  # between two readings of the browser's instruments
KEEP_S = 30.0  # what was sent or has failed is kept after this time, and at the end of each recording and upload
AGAIN_S = 1.0  # a page that is closed is hidden first, and left right after that: one report is enough
TRIES = 3  # of the last report; the answers themselves are stored, so nobody has to wait for more
ROW = "efficiency"  # the name under which the journal keeps the report for a visit after a reload


class _Phase(Enum):
    RECOVERING = auto()  # the figures of an earlier visit are not known yet: a report would lack them
    SITTING = auto()
    SUBMITTED = auto()  # the last report is made, and not written yet
    WRITTEN = auto()  # nothing may replace it


class EfficiencyReports:
    """Implement `SessionObserver`. Where the policy wants no report, measure for receipt and host page alone."""

    def __init__(self, ports: Ports, policy: UploadPolicy) -> None:
        self._ports = ports
        self._policy = policy
        self._meter = SessionMeter(policy, ports.clock.now())
        self._sent_at = -math.inf
        self._keep_at = math.inf  # clock seconds: until then a reload should not lose what was measured
        self._phase = _Phase.RECOVERING
        self._last: Efficiency | None = None  # None: not submitted yet, or it cannot be made

    def note(self, event: Fact, at: float) -> None:
        self._meter.note(event, at)
        if isinstance(event, RecordingStopped | UploadCompleted):
            self._keep_at = at
        elif isinstance(event, PartAcknowledged | CommandFailed):
            self._keep_at = min(self._keep_at, at + KEEP_S)

    def show(self, progress: SessionProgress, at: float) -> None:
        self._meter.show(progress, at)

    def follow(self, event: SessionEvent, state: SessionState) -> None:
        self._meter.follow(event, state, self._ports.clock.now())

    async def recover(self) -> None:
        """Go on from the report that an earlier visit has kept, if it has."""
        with suppress(JournalUnread, ValidationError):  # an older version, or a damaged row: begin anew
            text = await self._ports.journal.kept(ROW)
            if text is not None:
                self._meter.go_on(Efficiency.model_validate_json(text))
        self._phase = _Phase.SITTING

    async def run(self) -> None:
        """Read the browser's instruments, and keep what is new for a reload, until cancelled."""
        while True:
            self._read()
            if self._ports.clock.now() >= self._keep_at:
                self._keep_at = math.inf
                await self._keep()
            await self._ports.clock.sleep(READ_S)

    async def _keep(self) -> None:
        report = self.report()
        if report is not None:
            with suppress(JournalFull):  # a reload then begins anew; the report is worth no byte of an answer
                await self._ports.journal.keep(ROW, report.model_dump_json())

    def put_away(self) -> None:
        """Send the report at once: the page may be closed at the end of this turn of the event loop."""
        now = self._ports.clock.now()
        if not self._may_send or now - self._sent_at < AGAIN_S:
            return
        report = self._last if self._phase is _Phase.SUBMITTED else self.report()
        if report is not None:
            self._sent_at = now
            self._ports.signer.send_off(report)

    def end(self) -> Efficiency | None:
        """Return the last report of a session that was submitted; None if it cannot be made."""
        self._last, self._phase = self.report(is_submitted=True), _Phase.SUBMITTED
        self._sent_at = -math.inf  # a page that is closed right now sends this one, too
        return self._last

    async def hand_in(self) -> None:
        """Have the last report written. A failure is not shown: the candidate has done everything."""
        report, ports = self._last, self._ports
        if report is not None and self._may_send:
            with suppress(UploadError):
                await persist(
                    lambda: ports.signer.report_efficiency(report), TRIES, self._policy, ports.clock, ports.randomness
                )
                self._phase = _Phase.WRITTEN

    @property
    def _may_send(self) -> bool:
        return self._policy.has_report and self._phase in (_Phase.SITTING, _Phase.SUBMITTED)

    def report(self, *, is_submitted: bool = False) -> Efficiency | None:
        """Return the report; None if a figure is out of its range. No figure is worth an answer or a receipt."""
        self._read()
        with suppress(ValidationError):
            return self._meter.report(self._ports.clock.now(), is_submitted=is_submitted)
        return None

    def _read(self) -> None:
        has_devices = self._ports.media_devices.stream() is not None
        self._meter.read(self._ports.instruments.read(), has_devices=has_devices)
