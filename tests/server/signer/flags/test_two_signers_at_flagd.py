"""Two running `serve.py` that follow one flagd (a stand-in: tests/support/flagd.py)."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from signal import SIGTERM

import httpx
import pytest

from tests.support.flagd import Flagd
from tests.support.flags import split
from tests.support.stack import Stack, running_stack
from tests.support.waiting import eventually

QUICK_MS = 100
SESSIONS = [f"s{number}" for number in range(12)]


@pytest.fixture
def flagd() -> Iterator[Flagd]:
    made = Flagd()
    made.serve(pace=split(50))
    made.start()
    yield made
    made.stop()


@dataclass
class Signer:
    stack: Stack
    client: httpx.Client

    def is_quick(self, session: str) -> bool:
        """Return whether a session is quick if it begins now."""
        headers = {"Authorization": f"Bearer {self.stack.ticket(session=session)}"}
        timeslice_ms: int = self.client.get("/api/interview", headers=headers).json()["policy"]["timeslice_ms"]
        return timeslice_ms == QUICK_MS

    def is_slow(self, session: str) -> bool:
        return not self.is_quick(session)

    def quick(self) -> list[str]:
        return [session for session in SESSIONS if self.is_quick(session)]

    def lines_about(self, flagd: Flagd) -> list[str]:
        """Return what it has said about flagd, and what gRPC has said by itself."""
        said = self.stack.log.read_text(encoding="utf-8").splitlines()
        return [line for line in said if f"127.0.0.1:{flagd.port}" in line]


@pytest.fixture
def signers(flagd: Flagd, tmp_path: Path) -> Iterator[list[Signer]]:
    env = {"SLIPSTREAM_FLAGS": f"grpc://127.0.0.1:{flagd.port}", "NO_PROXY": "127.0.0.1"}
    with ExitStack() as ends:
        made: list[Signer] = []
        for name in ("one", "other"):
            (tmp_path / name).mkdir()
            stack = ends.enter_context(running_stack(tmp_path / name, env=env))
            client = ends.enter_context(httpx.Client(base_url=stack.base_url, trust_env=False))
            made.append(Signer(stack, client))
        yield made


def test_signers_agree_about_every_session_whatever_happens_to_flagd(flagd: Flagd, signers: list[Signer]):
    one, other = signers
    at_first = one.quick()
    assert 0 < len(at_first) < len(SESSIONS)
    assert other.quick() == at_first
    slow_at_first = next(session for session in SESSIONS if session not in at_first)

    flagd.serve(pace=split(100))
    for signer in signers:
        eventually(partial(signer.is_quick, slow_at_first), "the change")
        assert signer.quick() == SESSIONS
    flagd.stop()
    for signer in signers:
        eventually(partial(signer.lines_about, flagd), "the report")
        assert signer.quick() == SESSIONS
    flagd.serve(pace=split(0))
    flagd.start()
    for signer in signers:
        eventually(partial(signer.is_slow, SESSIONS[0]), "the flags after the return")
        assert signer.quick() == []

    assert [signer.stack.stop(SIGTERM) for signer in signers] == [0, 0]
    assert [len(signer.lines_about(flagd)) for signer in signers] == [2, 2]
