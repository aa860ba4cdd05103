"""efficiency.json: what a page reports about its uploads, with what only the signer can vouch for."""

from datetime import UTC, datetime

from app.contract.efficiency import Efficiency, EfficiencyRecord, Step
from server.errors import TakenOver
from server.metrics import REPORTS, WAIT_SECONDS
from server.signer.devices import Devices
from server.signer.sessions import Session
from server.store.storage import Storage

_LONGEST_S = 24 * 3600.0  # a wait; one absurd report must not spoil the sum


class EfficiencyReports:
    def __init__(self, storage: Storage, devices: Devices) -> None:
        self._storage = storage
        self._devices = devices

    def write(self, session: Session, report: Efficiency) -> None:
        """Write, or replace, the session's efficiency.json; do nothing if the policy wants none.

        The signer writes it, not the page: a page that is being closed can send one request to its own origin, but
        cannot wait for a signed URL first. Raises TakenOver if another device has the session.
        """
        if not session.policy.has_report:
            return
        if self._devices.is_elsewhere(session.keys, session.device):
            raise TakenOver
        # Only where the page says so: a store is not asked for every tab that is hidden.
        is_submitted = report.step is Step.SUBMITTED and self._storage.objects.head(session.keys.submission) is not None
        REPORTS.labels(report.step).inc()
        if is_submitted and report.wait_s is not None:
            WAIT_SECONDS.observe(min(report.wait_s, _LONGEST_S))
        record = EfficiencyRecord(
            **dict(report),
            interview=session.interview.id,
            session=session.ticket.sub,
            written_at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            assignments=session.assignments.by_flag,
            is_submitted=is_submitted,
        )
        self._storage.objects.write(session.keys.efficiency, record.model_dump_json().encode(), "application/json")
