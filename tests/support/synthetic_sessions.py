"""Made-up sessions with the shapes of real ones: heavy-tailed waits, rare retries, candidates who leave. Seeded."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

FIRST = datetime(2026, 9, 1, 8, tzinfo=UTC)
_STEPS = ("opened", "checked", "begun", "recorded", "answered", "pressed", "submitted")
_GOES_ON = 0.985  # the chance that a candidate comes from one step to the next
_MIB = 1024 * 1024


@dataclass(frozen=True)
class Plan:
    """What is true of the sessions that are made."""

    interviews: tuple[str, ...] = ("backend", "design")
    flag: str = "part-size"
    planned: Mapping[str, float] = field(default_factory=lambda: {"control": 0.5, "small": 0.5})
    actual: Mapping[str, float] | None = None  # None: as planned
    wait_factor: Mapping[str, float] = field(default_factory=dict)  # by arm; of the usual wait
    failure_rate: Mapping[str, float] = field(default_factory=dict)  # by arm; else 0.01
    days: int = 60


def sessions(count: int, plan: Plan = Plan(), seed: int = 1) -> Iterator[dict[str, Any]]:
    """Yield the content of this many efficiency.json files."""
    chance = Random(seed)
    arms, shares = zip(*(plan.actual or plan.planned).items(), strict=True)
    for number in range(count):
        arm = chance.choices(arms, shares)[0]
        interview = plan.interviews[number % len(plan.interviews)]
        written_at = FIRST + timedelta(days=plan.days * number / count, seconds=chance.random() * 3600)
        yield _session(chance, interview, f"s-{seed:03}-{number:08}", arm, plan, written_at)


def _session(
    chance: Random, interview: str, session: str, arm: str, plan: Plan, written_at: datetime
) -> dict[str, Any]:
    step = next((at for at in range(6) if chance.random() > _GOES_ON), 6)
    recorded_s = chance.gauss(300, 60) if step >= 3 else 0.0
    recorded = int(max(recorded_s, 0) * 330_000)
    retried = min(int(chance.expovariate(1 / 0.8)), 40) if step >= 3 else 0
    sent_twice = sum(int(chance.random() * 300_000) for _ in range(retried))
    # Half of all wait under 0.6 s, one of twenty over 4 s, one of a thousand for minutes.
    wait_s = math.exp(chance.gauss(math.log(0.6), 1.15)) * plan.wait_factor.get(arm, 1.0)
    failed = int(chance.random() < plan.failure_rate.get(arm, 0.01)) if step >= 3 else 0
    total_s = max(recorded_s, 1.0) * math.exp(chance.gauss(0.5, 0.25)) + wait_s
    return {
        "mode": "progressive",
        "layout": "folded" if step >= 3 else None,
        "step": _STEPS[step],
        "questions": 5,
        "answered": 5 if step >= 4 else step // 3,
        "failed": failed,
        "ready_s": round(chance.lognormvariate(0.5, 0.4), 3),
        "open_s": round(max(recorded_s, 0) * 1.9 + 60, 3),
        "total_s": round(total_s, 3) if step >= 4 else None,
        "first_byte_s": round(chance.lognormvariate(0, 0.5), 3) if step >= 3 else None,
        "wait_s": round(wait_s, 3) if step >= 4 else None,
        "overlap": round(1 - 0.05 * chance.random(), 4) if step >= 3 else None,
        "recorded": recorded,
        "recorded_s": round(max(recorded_s, 0), 3),
        "sent": recorded + sent_twice,
        "sent_twice": sent_twice,
        "bytes_per_second": round(chance.lognormvariate(13, 0.6), 1) if step >= 3 else None,
        "retries": {"network": retried} if retried else {},
        "retried": retried,
        "recovered": sum(chance.random() < 0.97 for _ in range(retried)),
        "peak_backlog": int(chance.expovariate(1 / 400_000)),
        "peak_memory": int(chance.lognormvariate(math.log(95 * _MIB), 0.15)) if chance.random() < 0.8 else None,
        "score": 90 if step >= 3 else None,
        "interview": interview,
        "session": session,
        "written_at": written_at.isoformat().replace("+00:00", "Z"),
        "is_submitted": step == 6,
        "assignments": {plan.flag: {"variant": arm, "planned": dict(plan.planned)}},
    }


def write_sessions(bucket: Path, made: Iterator[dict[str, Any]]) -> int:
    """Write each as the file that it would be in a bucket's folder. Return how many there were."""
    count = 0
    for count, record in enumerate(made, 1):  # noqa: B007 - the count is what is returned
        folder = bucket / record["interview"] / record["session"]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "efficiency.json").write_text(json.dumps(record), encoding="utf-8")
    return count
