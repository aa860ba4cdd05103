"""A data folder as the embedded store leaves it, and reports on it."""

from pathlib import Path
from typing import Any

import pytest

from server.reports.report import Report
from server.reports.run import ReportOptions, run_report
from server.settings import Settings
from server.store.embedded import BUCKET


class Reported:
    """A folder of sessions, and what the last report read."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.bucket = data / BUCKET
        self.bucket.mkdir(parents=True)
        self.read = 0

    def report(self, **options: Any) -> Report:
        counts = [0]
        made = run_report(Settings(data=self.data), ReportOptions(**options), counts.append)
        self.read = counts[-1]
        return made

    def parquet(self) -> list[str]:
        found = (self.bucket / "analytics").rglob("*.parquet")
        return sorted(path.relative_to(self.bucket).as_posix() for path in found)


@pytest.fixture
def reported(tmp_path: Path) -> Reported:
    return Reported(tmp_path / "data")
