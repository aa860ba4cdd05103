"""Row 13: the page's process or the whole browser is killed. `python -m tests.faults.crashes` does it at random."""

import pytest

from tests.support.faults.surviving import TIMESLICE_S, survive
from tests.support.faults.victim import Kill, Victim
from tests.support.settings import PART_BYTES

SIZES = [PART_BYTES * 3 // 4, PART_BYTES * 11 // 5, PART_BYTES, PART_BYTES // 3]  # bytes
# While recording, and behind Stop. Which part is where by then differs from run to run.
MOMENTS_S = (1.4, 3.6)
BUSY_S = 3  # how late a chunk may be in the journal here; what a quiet machine keeps to, the command shows


@pytest.mark.parametrize("kill", Kill)
def test_row_13_kill_costs_nothing_that_the_journal_had(kill, browsers, faults, tmp_path):
    victim = Victim(browsers.playwright, "chromium", tmp_path / "profile")
    try:
        for moment_s in MOMENTS_S:
            survival = survive(victim, faults, kill, moment_s, SIZES)
            assert survival.lost_s <= TIMESLICE_S + BUSY_S
    finally:
        victim.close()
    for watch in victim.watches:
        watch.verify()
