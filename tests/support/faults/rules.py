"""What shall go wrong, when, and whether it did. Pure: the proxy carries it out."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.faults.calls import Call, Kind

# Shares are from 0 to 1, of the body they are about.


@dataclass(frozen=True)
class Reset:
    """Break the connection off when this much of the request has come."""

    after: float = 0.5


@dataclass(frozen=True)
class Stall:
    """Read no further, answer nothing, keep the connection open."""

    after: float = 0.0


@dataclass(frozen=True)
class Slow:
    """Take the request's body in at this pace."""

    bytes_per_s: float


@dataclass(frozen=True)
class Delay:
    """Wait before the request goes on its way, or before its reply does."""

    before_s: float = 0.0
    after_s: float = 0.0


@dataclass(frozen=True)
class Corrupt:
    """Flip one bit of the request's body."""

    at: float = 0.5


@dataclass(frozen=True)
class Truncate:
    """Send only this much of the request's body on, then end it."""

    keep: float = 0.5


@dataclass(frozen=True)
class Answer:
    """Reply in the upstream's place, which never hears of it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    has_cors: bool = True


@dataclass(frozen=True)
class LoseReply:
    """Let the upstream do what it was asked, and break off instead of replying."""


@dataclass(frozen=True)
class CutReply:
    """Break off in the middle of the reply."""

    after: float = 0.5


@dataclass(frozen=True)
class Change:
    """Pass another reply on than the upstream's. None: as it was; a header that is None is taken out."""

    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: bytes | None = None


Fault = Reset | Stall | Slow | Delay | Corrupt | Truncate | Answer | LoseReply | CutReply | Change


@dataclass(eq=False)
class Rule:
    """One fault for the calls that fit."""

    fault: Fault
    kind: Kind | None = None  # None: any
    number: int | None = None  # of a part; None: any
    when: Callable[[Call], bool] = lambda _: True
    nth: int = 1  # the first call that it hits, of those that fit
    times: int | None = 1  # None: all from then on
    seen: int = 0  # calls that fitted
    fired: int = 0  # faults carried out to the end

    def fits(self, call: Call) -> bool:
        return self.kind in (None, call.kind) and self.number in (None, call.number) and self.when(call)

    @property
    def is_used_up(self) -> bool:
        return self.times is not None and self.seen >= self.nth - 1 + self.times

    @property
    def has_fired(self) -> bool:
        """Whether it has done all that it was to do; one without an end, anything."""
        return self.fired >= (self.times or 1)


class Script:
    """Rules in the order in which they are used: a call meets the first that fits and is not used up."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self._lock = threading.Lock()  # tests write here, the proxy's thread reads

    def add(self, *rules: Rule) -> None:
        with self._lock:
            self.rules.extend(rules)

    def take(self, call: Call) -> Rule | None:
        """Return the rule that hits this call; None: let it pass."""
        with self._lock:
            for rule in self.rules:
                if rule.is_used_up or not rule.fits(call):
                    continue
                rule.seen += 1
                # A rule that still counts keeps later ones of its kind waiting: order is the script's.
                return rule if rule.seen >= rule.nth else None
        return None

    def clear(self) -> None:
        with self._lock:
            self.rules.clear()

    def assert_all_fired(self) -> None:
        left = [f"{rule.fault} ({rule.fired} of {rule.times or 'any'})" for rule in self.rules if not rule.has_fired]
        assert not left, "these faults never fired:\n" + "\n".join(left)
