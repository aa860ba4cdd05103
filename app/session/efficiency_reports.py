"""Measure the session, and have the report written: at Submit, and when the page is hidden or left."""

import asyncio
from contextlib import suppress

from pydantic import ValidationError

from app.contract import UploadPolicy
from app.contract.efficiency import Efficiency
from app.core.errors import JournalFull, JournalUnread, UploadError
from app.core.metrics.session_meter import SessionMeter
from app.core.ports import Ports
from app.core.session.events import SessionEvent
from app.core.session.state import SessionState
from app.core.upload.events import Fact, RecordingStopped, UploadCompleted
from app.core.upload.progress import SessionProgress
from app.upload.persist import persist

READ_S = 5.0  # between two readings of the browser's instruments
AGAIN_S = 1.0  # a page that is closed is hidden first, and left right after that: one report is enough
TRIES = 3  # of the last report; the answers themselves are stored, so nobody has to wait for more
ROW = "efficiency"  # the name under which the journal keeps the report for a visit after a reload


class EfficiencyReports:
    """Implement `SessionObserver`. Where the policy wants no report, measure for receipt and host page alone."""

    def __init__(self, ports: Ports, policy: UploadPolicy) -> None:
        self._ports = ports
        self._policy = policy
        self._meter = SessionMeter(policy, ports.clock.now())
        self._sent_at = float("-inf")
        self._is_news = asyncio.Event()  # something that a reload should not lose was measured

    def note(self, event: Fact, at: float) -> None:
        self._meter.note(event, at)
        if isinstance(event, RecordingStopped | UploadCompleted):
            self._is_news.set()

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

    async def run(self) -> None:
        """Read the browser's instruments, and keep what is new for a reload, until cancelled."""
        while True:
            self._read()
            if self._is_news.is_set():
                self._is_news.clear()
                with suppress(JournalFull):  # a reload then begins anew; the report is worth no byte of an answer
                    await self._ports.journal.keep(ROW, self._report().model_dump_json())
            await self._ports.clock.sleep(READ_S)

    def put_away(self) -> None:
        """Send the report at once: the page may be closed at the end of this turn of the event loop."""
        now = self._ports.clock.now()
        if self._policy.has_report and now - self._sent_at >= AGAIN_S:
            self._sent_at = now
            self._read()
            self._ports.signer.send_off(self._report())

    def end(self) -> Efficiency:
        """Return the last report of a session that was submitted."""
        self._read()
        return self._meter.report(self._ports.clock.now(), is_submitted=True)

    async def hand_in(self, report: Efficiency) -> None:
        """Have the last report written. A failure is not shown: the candidate has done everything."""
        self._sent_at = float("inf")  # nothing may replace it
        if self._policy.has_report:
            ports = self._ports
            with suppress(UploadError):
                await persist(
                    lambda: ports.signer.report_efficiency(report), TRIES, self._policy, ports.clock, ports.randomness
                )

    def _report(self) -> Efficiency:
        return self._meter.report(self._ports.clock.now())

    def _read(self) -> None:
        has_devices = self._ports.media_devices.stream() is not None
        self._meter.read(self._ports.instruments.read(), has_devices=has_devices)
