"""Many faults at random, always the same for a seed; `python -m tests.support.faults.schedules 100 120` runs many.

What is drawn passes by itself and is certain to be met: a schedule that is over has healed.
"""

import os
import random
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.support.faults.calls import Kind
from tests.support.faults.rules import (
    Answer,
    Change,
    Corrupt,
    CutReply,
    Delay,
    Fault,
    LoseReply,
    Reset,
    Rule,
    Stall,
    Truncate,
)

SEEDS = "SLIPSTREAM_SEEDS"  # names the first seed and the one behind the last
FEWEST, MOST = 5, 15  # faults in a schedule

_HTML = {"Content-Type": "text/html"}
_XML = {"Content-Type": "application/xml"}
_JSON = {"Content-Type": "application/json"}
_PAGE = b"<!doctype html><title>Bad gateway</title>"


def _refusal(status: int, code: str, **headers: str) -> Answer:
    body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode()
    return Answer(status, _XML | {name.replace("_", "-"): value for name, value in headers.items()}, body)


# What may become of a part. These pass, however often they come …
_PARTS: tuple[Callable[[random.Random], Fault], ...] = (
    lambda randomness: Reset(randomness.choice((0.0, 0.1, 0.5, 0.99))),
    lambda _: LoseReply(),
    lambda randomness: CutReply(randomness.random()),
    lambda randomness: Delay(before_s=randomness.random()),
    lambda randomness: Delay(after_s=randomness.random()),
    lambda randomness: _refusal(randomness.choice((500, 502, 504)), "InternalError"),
    lambda _: _refusal(503, "SlowDown", Retry_After="1"),
    lambda _: _refusal(429, "TooManyRequests", Retry_After="1"),
    lambda randomness: _refusal(400, randomness.choice(("RequestTimeout", "BadDigest", "IncompleteBody"))),
    lambda _: Answer(503, has_cors=False),
    lambda _: Answer(200, _HTML, _PAGE),
    lambda _: Change(headers={"ETag": '"00000000000000000000000000000000"'}),
    lambda _: Change(headers={"ETag": None}),
)
# … and these are dear, or bounded by intent: at most one of each.
_PARTS_ONCE: tuple[Fault, ...] = (
    Corrupt(),
    Truncate(),
    Stall(1.0),
    _refusal(403, "AccessDenied"),
    _refusal(403, "RequestTimeTooSkewed"),
)
_ASKED = (Kind.CREATE, Kind.SIGN, Kind.COMPLETE)
# No delay: what succeeds is not asked for again, and the next fault would never be met.
_SIGNER: tuple[Callable[[random.Random], Fault], ...] = (
    lambda randomness: Reset(randomness.random()),
    lambda _: LoseReply(),
    lambda randomness: CutReply(randomness.random()),
    lambda randomness: Answer(randomness.choice((500, 502, 503, 504)), _HTML, _PAGE),
    lambda randomness: Answer(200, _JSON, randomness.choice((b"", b"{}", b"[1, 2", b'{"upload": 7}', _PAGE))),
    lambda _: Answer(429, _JSON | {"Retry-After": "1"}, b"{}"),
)
_BEHIND = (Kind.STORE_CREATE, Kind.STORE_LIST, Kind.STORE_COMPLETE)


@dataclass(frozen=True)
class Happening:
    """What befalls everything at once, while the recording goes on."""

    what: str
    chunks: int  # that it lasts


_HAPPENINGS = ("offline", "signer down", "store silent", "store restarted")


@dataclass(frozen=True)
class Schedule:
    store: tuple[Rule, ...]
    signer: tuple[Rule, ...]
    back: tuple[Rule, ...]
    happenings: tuple[Happening, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        return self.store + self.signer + self.back

    @property
    def size(self) -> int:
        return len(self.rules) + len(self.happenings)


def draw(seed: int) -> Schedule:
    """Return the schedule of a seed."""
    randomness = random.Random(seed)
    count = randomness.randint(FEWEST, MOST)
    happenings = [
        Happening(what, randomness.randint(2, 12)) for what in randomness.sample(_HAPPENINGS, randomness.randint(0, 2))
    ]
    once = list(randomness.sample(_PARTS_ONCE, randomness.randint(0, 2)))
    rest = count - len(happenings) - len(once)
    store = [Rule(fault, Kind.PART, nth=randomness.randint(1, 2)) for fault in once]
    signer, back = [], []
    for _ in range(rest):
        where = randomness.random()
        if where < 0.55:
            store.append(Rule(randomness.choice(_PARTS)(randomness), Kind.PART, nth=randomness.randint(1, 2)))
        elif where < 0.85:
            signer.append(Rule(randomness.choice(_SIGNER)(randomness), randomness.choice(_ASKED)))
        else:
            back.append(Rule(_refusal(500, "InternalError"), randomness.choice(_BEHIND)))
    randomness.shuffle(store)
    return Schedule(tuple(store), tuple(signer), tuple(back), tuple(happenings))


def asked_seeds(otherwise: range) -> range:
    first, _, end = os.environ.get(SEEDS, "").partition(" ")
    return range(int(first), int(end)) if end else otherwise


if __name__ == "__main__":
    os.environ[SEEDS] = " ".join(sys.argv[1:3])
    sys.exit(pytest.main(["-k", "row_24", "tests/faults/test_random_schedules.py", *sys.argv[3:]]))
