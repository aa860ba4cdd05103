"""How often the report's verdicts are wrong, and how soon they are right: many small experiments, each looked at often.

All of them go through the report's own table, queries and verdicts; each run is an interview of its own.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from server.reports.bucket import ListedObject, folder_bucket
from server.reports.queries import all_sums, assign, figures, planned_shares, select_sessions
from server.reports.report import ALL_INTERVIEWS, Experiment, arm_of, experiments
from server.reports.rows import row_of
from server.reports.verdicts import Finding
from server.reports.warehouse import Warehouse
from tests.support.synthetic_sessions import Plan, sessions

SESSIONS = 2_000  # of each run


def false_claims(runs: int, looks: int) -> dict[str, Any]:
    """Return in which share of runs with equal arms any look claims a difference or a skewed split, by metric."""
    claimed: dict[str, set[str]] = {}
    skewed: set[str] = set()
    for _, experiment in _looks(runs, looks, Plan()):
        if not experiment.is_split_as_planned:
            skewed.add(experiment.interview)
        for one in experiment.comparisons:
            claims = claimed.setdefault(one.metric, set())
            if one.finding is Finding.DIFFERS:
                claims.add(experiment.interview)
    shares = {f"{metric}_share": len(wrong) / runs for metric, wrong in claimed.items()}
    return {"runs": runs, "looks": looks, "sessions": SESSIONS, **shares, "split_share": len(skewed) / runs}


def looks_until_found(runs: int, looks: int) -> dict[str, Any]:
    """Return in how many runs a wait that is 20 % shorter is found, and by how many sessions."""
    found: dict[str, int] = {}
    wrong = 0
    for count, experiment in _looks(runs, looks, Plan(wait_factor={"small": 0.8})):
        wait = next(one for one in experiment.comparisons if one.metric == "wait")
        if wait.finding is Finding.DIFFERS:
            found.setdefault(experiment.interview, count)
            wrong += wait.difference is not None and wait.difference.low > 0
    return {
        "runs": runs,
        "found_share": len(found) / runs,
        "found_as_longer": wrong,
        "median_sessions": median(found.values()) if found else None,
    }


def _looks(runs: int, looks: int, plan: Plan) -> "list[tuple[int, Experiment]]":
    """Return every run's experiment at every look, with the number of sessions by then."""
    seen: list[tuple[int, Experiment]] = []
    with TemporaryDirectory() as folder:
        (Path(folder) / "bucket").mkdir()
        warehouse = Warehouse(folder_bucket(Path(folder) / "bucket"), Path(folder) / "bucket/analytics")
        rows = Path(folder) / "rows.json"
        with rows.open("w", encoding="utf-8") as file:
            for run in range(runs):
                for record in sessions(SESSIONS, Plan(**{**vars(plan), "interviews": (f"run-{run:03}",)}), seed=run):
                    file.write(json.dumps(row_of(_listed(record), json.dumps(record).encode(), _NOW)) + "\n")
        warehouse.add(rows)
        select_sessions(warehouse, (), "", "")
        warehouse.run("CREATE OR REPLACE TABLE everything AS FROM sessions")
        for look in range(1, looks + 1):
            count = SESSIONS * look // looks
            warehouse.run(
                "CREATE OR REPLACE TEMP TABLE sessions AS FROM everything "
                f"WHERE split_part(session, '-', 3)::INTEGER < {count}"
            )
            assign(warehouse)
            arms = [arm_of(row) for row in figures(warehouse)]
            seen += [
                (count, experiment)
                for experiment in experiments(all_sums(warehouse), planned_shares(warehouse), arms)
                if experiment.interview != ALL_INTERVIEWS
            ]
        warehouse.close()
    return seen


_NOW = datetime.now(UTC)


def _listed(record: dict[str, Any]) -> ListedObject:
    return ListedObject(f"{record['interview']}/{record['session']}/efficiency.json", "e", _NOW, 1_000)
