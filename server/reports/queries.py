"""What DuckDB is asked: the last row of each session, grouped by interview, experiment and arm."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from server.reports.comparison import Sums
from server.reports.metrics import METRICS, STEPS, Metric, Scale
from server.reports.warehouse import LAST_ROW, Warehouse

NO_FLAG = ""  # the group of all sessions of an interview, whether in an experiment or not
EVERYONE = "all sessions"

_USED = (
    "key, interview, month, session, fault, step, is_submitted, failed, wait_s, total_s, recorded, recorded_s, sent, "
    "sent_twice, retried, recovered, peak_memory, assignments, modified_at, read_at"
)
# A plan is compared as text, whatever order its arms were written in; "": none.
_ASSIGNED = f"""
CREATE OR REPLACE TEMP TABLE assigned AS
SELECT *, '{NO_FLAG}' AS flag, '{EVERYONE}' AS variant, NULL AS planned, '' AS plan FROM sessions
UNION ALL BY NAME
SELECT * EXCLUDE (entry), entry.key AS flag, entry.value.variant AS variant, entry.value.planned AS planned,
  list_sort(map_entries(entry.value.planned))::VARCHAR AS plan
FROM (SELECT *, unnest(map_entries(assignments)) AS entry FROM sessions)
"""
_REACHED = ", ".join(
    f"count(*) FILTER (step IN ({', '.join(repr(str(later)) for later in STEPS[at:])})) AS reached_{step}"
    for at, step in enumerate(STEPS)
)


def _value(name: str) -> str:
    """Return one metric's value over a group, exactly as it is compared."""
    metric = next(one for one in METRICS if one.name == name)
    ratio = " / ".join(f"(sum({term}) FILTER ({metric.condition}))" for term in (metric.numerator, metric.denominator))
    return f"exp({ratio})" if metric.scale is Scale.RELATIVE else ratio


_FIGURES = f"""
SELECT interview, flag, variant, count(*) AS sessions, {_value("wait")} AS wait_typical_s,
  quantile_cont(wait_s, 0.95) AS wait_p95_s,
  quantile_cont(total_s, 0.5) AS total_median_s, {_value("total")} AS total_per_recorded,
  {_value("failures")} AS failures, sum(retried) AS retried, {_value("recovered")} AS recovered,
  sum(sent) AS sent, {_value("sent_twice")} AS sent_twice,
  quantile_cont(peak_memory, 0.5) AS memory_median, quantile_cont(peak_memory, 0.95) AS memory_p95,
  {_value("abandoned")} AS abandoned, {_REACHED}
FROM assigned GROUP BY ALL ORDER BY ALL
"""
_AT_RANDOM = "plan NOT IN ('', '[]')"
_SHARES = f"""
SELECT interview, flag, arm.key AS variant, sum(arm.value) AS share
FROM (SELECT interview, flag, unnest(map_entries(planned)) AS arm FROM assigned WHERE {_AT_RANDOM})
GROUP BY ALL
"""
_OBSERVED = f"SELECT interview, flag, variant, count(*) AS sessions FROM assigned WHERE {_AT_RANDOM} GROUP BY ALL"


@dataclass(frozen=True, slots=True)
class Fault:
    key: str
    reason: str


class StratumKey(NamedTuple):
    interview: str
    flag: str
    plan: str  # the planned shares, as text


def select_sessions(warehouse: Warehouse, interviews: tuple[str, ...], since: str, until: str) -> None:
    """Make the tables that the other queries are about. `since`, `until`: months as 2026-11, both included; "": any."""
    # Both were checked to hold no quote: contract.Identifier, and a month.
    conditions = ["true"]
    if interviews:
        conditions.append(f"interview IN ({', '.join(repr(name) for name in interviews)})")
    if since:
        conditions.append(f"month >= '{since}'")
    if until:
        conditions.append(f"month <= '{until}'")
    # The month is asked after the last row is known: a report that was rewritten in a later month has left its first.
    warehouse.run(
        f"CREATE OR REPLACE TEMP TABLE latest AS SELECT {_USED} FROM rows "
        f"WHERE {conditions[1] if interviews else 'true'} {LAST_ROW}"
    )
    selected = " AND ".join(conditions)
    warehouse.run(f"CREATE OR REPLACE TEMP TABLE sessions AS FROM latest WHERE fault IS NULL AND {selected}")
    assign(warehouse)


def assign(warehouse: Warehouse) -> None:
    """Give each selected session a row for every experiment that it is in, and one for none."""
    warehouse.run(_ASSIGNED)


def faults(warehouse: Warehouse) -> list[Fault]:
    """Return the reports that could not be used."""
    found = warehouse.duckdb.execute("SELECT key, fault FROM latest WHERE fault IS NOT NULL ORDER BY key").fetchall()
    return [Fault(key, reason) for key, reason in found]


def figures(warehouse: Warehouse) -> list[dict[str, Any]]:
    """Return one row an interview, flag and arm: what is shown."""
    return list(_rows(warehouse, _FIGURES))


def planned_shares(warehouse: Warehouse) -> dict[tuple[str, str], tuple[dict[str, int], dict[str, float]]]:
    """Return by interview and flag: sessions by arm, and the sums of their planned shares by arm."""
    found: dict[tuple[str, str], tuple[dict[str, int], dict[str, float]]] = defaultdict(lambda: ({}, {}))
    for row in _rows(warehouse, _OBSERVED):
        found[row["interview"], row["flag"]][0][row["variant"]] = row["sessions"]
    for row in _rows(warehouse, _SHARES):
        found[row["interview"], row["flag"]][1][row["variant"]] = row["share"]
    return dict(found)


def sums(warehouse: Warehouse, metric: Metric) -> dict[StratumKey, dict[str, Sums]]:
    """Return by stratum and arm what a comparison needs of one metric."""
    query = (
        "SELECT interview, flag, plan, variant, count(*) AS n, sum(x) AS x, sum(y) AS y, sum(x * x) AS xx, "
        "sum(x * y) AS xy, sum(y * y) AS yy FROM (SELECT *, "
        f"({metric.denominator})::DOUBLE AS x, ({metric.numerator})::DOUBLE AS y FROM assigned "
        f"WHERE {_AT_RANDOM} AND {metric.condition}) GROUP BY ALL"
    )
    found: dict[StratumKey, dict[str, Sums]] = defaultdict(dict)
    for row in _rows(warehouse, query):
        stratum = StratumKey(row["interview"], row["flag"], row["plan"])
        found[stratum][row["variant"]] = Sums(row["n"], row["x"], row["y"], row["xx"], row["xy"], row["yy"])
    return dict(found)


def all_sums(warehouse: Warehouse) -> dict[str, dict[StratumKey, dict[str, Sums]]]:
    """Return `sums` of every metric, by its name."""
    return {metric.name: sums(warehouse, metric) for metric in METRICS}


def _rows(warehouse: Warehouse, query: str) -> Iterator[dict[str, Any]]:
    found = warehouse.duckdb.execute(query)
    names = [column[0] for column in found.description or ()]
    for row in found.fetchall():
        yield dict(zip(names, row, strict=True))
