"""Two signers share nothing but secret and store: if one is killed, candidates go on with the other one."""

import asyncio
from pathlib import Path

from tests.benchmarks.load_session import Pace
from tests.benchmarks.signer_load import Plan, measure


def test_nothing_is_lost_when_one_of_two_signers_is_killed(tmp_path: Path):
    pace = Pace(("q1", "q2"), silent_s=1, speaks_s=3, part_every_s=0.2)
    plan = Plan(sessions=12, lasts_s=8, pace=pace, real=3, signers=2, kills=True, ends_within_s=2)

    figures = asyncio.run(measure(tmp_path, plan))

    assert figures.tally.failovers > 0
    assert figures.tally.lost == []
    assert figures.server_errors == 0
    assert figures.tally.receipts >= plan.sessions
    assert figures.compared >= plan.real  # objects, byte for byte
