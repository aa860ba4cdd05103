"""A ramp on a running signer, with sessions open: 0, 10, 50, 100 %, then off. Nobody's running session changes arm."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.contract import ASSIGNMENT_HEADER
from server.http.app import create_app
from server.http.dependencies import make_signer
from server.settings import Settings
from server.signer.flags.flag_file import FlagFile
from server.signer.tickets import Tickets
from server.store.storage import Storage
from tests.support.signer_client import SECRET, Candidate, served

SESSIONS = 12  # that begin at each step
QUICK_MS = 100


class Ramp:
    def __init__(self, path: Path, client: httpx.Client) -> None:
        self._path = path
        self._client = client
        self._writes = 0
        self.open: dict[Candidate, tuple[str, int]] = {}  # sessions that have begun: their token and timeslice

    def write(self, percent: int, *, state: str = "ENABLED") -> None:
        flag = {
            "state": state,
            "variants": {"control": {}, "quick": {"timeslice_ms": QUICK_MS}},
            "defaultVariant": "control",
            "targeting": {"fractional": [["quick", percent], ["control", 100 - percent]]},
        }
        self._writes += 1  # another size each time: the clocks of file systems are coarse
        self._path.write_text(json.dumps({"flags": {"pace": flag}}) + " " * self._writes, encoding="utf-8")

    def begin(self, step: str) -> int:
        """Begin SESSIONS sessions; return how many of them are quick."""
        quick = 0
        for number in range(SESSIONS):
            candidate = Candidate(self._client, Tickets(SECRET), f"ramp-{step}-{number}")
            self.open[candidate] = self.ask(candidate, "")
            quick += self.open[candidate][1] == QUICK_MS
        return quick

    def ask(self, candidate: Candidate, token: str) -> tuple[str, int]:
        headers = candidate.headers | ({ASSIGNMENT_HEADER: token} if token else {})
        grant = self._client.get("/api/interview", headers=headers).json()
        return grant["assignment"], grant["policy"]["timeslice_ms"]

    def moved(self) -> list[str]:
        """Return the sessions that have begun, and that the signer now treats otherwise."""
        return [one.session for one, began in self.open.items() if self.ask(one, began[0]) != began]


@pytest.fixture
def ramp(settings: Settings, storage: Storage, tmp_path: Path) -> Iterator[Ramp]:
    path = tmp_path / "flags.json"
    path.write_text('{"flags": {}}', encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = create_app(settings, make_signer(settings, storage, flags=FlagFile(path)))
        origin = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with served(app, listening), httpx.Client(base_url=origin, trust_env=False) as client:
            yield Ramp(path, client)


def test_nobody_is_moved_by_a_ramp_or_by_its_end(ramp: Ramp):
    quick: dict[str, int] = {"before": ramp.begin("before")}
    for percent in (0, 10, 50, 100):
        ramp.write(percent)
        quick[f"{percent}"] = ramp.begin(f"{percent}")
        assert ramp.moved() == []
    ramp.write(100, state="DISABLED")
    quick["off"] = ramp.begin("off")

    assert ramp.moved() == []
    assert (quick["before"], quick["0"], quick["100"], quick["off"]) == (0, 0, SESSIONS, 0)
    assert 0 < quick["10"] < quick["50"] < SESSIONS
    assert Counter(slice_ms == QUICK_MS for _, slice_ms in ramp.open.values())[True] == sum(quick.values())
