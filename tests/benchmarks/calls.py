"""What HTTP calls cost: percentiles by kind of call, and the table of concurrent sessions. Pure."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue
from rich.table import Table

SHOWN = ("create", "sign", "put", "complete", "submit")  # kinds of calls that have columns of their own
SHARES = (0.5, 0.99)


@dataclass
class Timings:
    """Seconds that calls took, by kind of call."""

    durations_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def note(self, kind: str, duration_s: float) -> None:
        self.durations_s[kind].append(duration_s)


@dataclass(frozen=True)
class Load:
    """What so many candidates at a time have done. Durations in seconds, as the clients saw them."""

    clients: int
    sessions: int  # whole ones, up to the receipt
    lasted_s: float
    signer_cpu_s: float  # used by the signer in this time
    errors: tuple[str, ...]  # one for each session that ended with it
    durations_s: Mapping[str, Sequence[float]] = field(default_factory=dict)  # by kind of call

    @property
    def sessions_per_s(self) -> float:
        return self.sessions / self.lasted_s

    @property
    def signer_load(self) -> float:
        """Return which share of one core the signer used."""
        return self.signer_cpu_s / self.lasted_s

    @property
    def sessions_per_cpu_s(self) -> float:
        """Return what one core would carry that does nothing but to sign; 0 if it did not work at all."""
        return self.sessions / self.signer_cpu_s if self.signer_cpu_s else 0.0

    def calls_per_s(self, kind: str) -> float:
        return len(self.durations_s.get(kind, ())) / self.lasted_s


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that this share of all values does not exceed. Raises ValueError if there are none."""
    if not values:
        raise ValueError("there are no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def table(loads: Sequence[Load], title: str) -> Table:
    """Return a row for each load; durations in milliseconds, median / 99th percentile."""
    made = Table("at a time", "sessions/s", "sign/s", "signer's core", "sessions/CPU s", title=title)
    made.title_justify = "left"
    for kind in SHOWN:
        made.add_column(f"{kind} ms", justify="right")
    made.add_column("errors", justify="right")
    for load in loads:
        rates = (f"{load.sessions_per_s:.2f}", f"{load.calls_per_s('sign'):.0f}", f"{load.signer_load:.0%}")
        made.add_row(
            str(load.clients),
            *rates,
            f"{load.sessions_per_cpu_s:.2f}",
            *(" / ".join(_ms(load, kind, share) for share in SHARES) for kind in SHOWN),
            f"{len(load.errors)} of {load.sessions + len(load.errors)}",
        )
    return made


def as_json(loads: Sequence[Load]) -> list[dict[str, JsonValue]]:
    """Return the loads with percentiles in place of every single duration."""
    return [_as_json(load) for load in loads]


def _as_json(load: Load) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {
        "clients": load.clients,
        "sessions": load.sessions,
        "lasted_s": load.lasted_s,
        "sessions_per_s": load.sessions_per_s,
        "signer_load": load.signer_load,
        "sessions_per_signer_cpu_s": load.sessions_per_cpu_s,
        "errors": [*load.errors],
    }
    for kind, values in load.durations_s.items():
        percentiles: dict[str, JsonValue] = {f"p{share * 100:g}_s": percentile(values, share) for share in SHARES}
        told[kind] = {"calls": len(values), **percentiles}
    return told


def _ms(load: Load, kind: str, share: float) -> str:
    values = load.durations_s.get(kind)
    return f"{percentile(values, share) * 1000:.1f}" if values else "–"
