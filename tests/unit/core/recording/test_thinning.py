"""The frame rate of a running recording, on lines that are simulated second by second."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import pytest

from app.core.recording.rung_choice import SHARE
from app.core.recording.thinning import MOST_PATIENCE_S, SETTLE_S, Thinning

NEED = 300_000.0  # bytes per second at the full frame rate
# What a recording at each level makes of the bytes of the full one, as measured (tests/benchmarks/constraints.py,
# Chromium, H.264 with a key frame every 400 ms).
SHARES = (1.0, 0.69, 0.54, 0.43, 0.30, 0.20)
STEP_S = 0.25


@dataclass
class Run:
    levels: list[int]
    unsent: list[float]

    def at(self, second: float) -> int:
        return self.levels[int(second / STEP_S)]

    def changes(self, since_s: float = 0.0) -> int:
        levels = self.levels[int(since_s / STEP_S) :]
        return sum(one != other for one, other in pairwise(levels))


def run(
    line: Callable[[float], float],
    duration_s: float,
    *,
    frames: int = 30,
    quiet: float = 1.0,
    offline: tuple[float, float] = (0, 0),
    knows_speed: bool = False,
) -> Run:
    """Record for a while over a line whose bytes per second are `line(second)`.

    `quiet`: the share of what is asked of the encoder that the picture needs. `knows_speed`: the line's speed is
    measured as it is; else the small pieces of a few frames hide it.
    """
    thinning, unsent, recorded, found = Thinning(frames, NEED / quiet, 0.0), 0.0, 0.0, Run([], [])
    for step in range(int(duration_s / STEP_S)):
        now = step * STEP_S
        is_offline = offline[0] <= now < offline[1]
        sent = 0.0 if is_offline else line(now) * STEP_S
        given = NEED * SHARES[thinning.level] * STEP_S
        unsent, recorded = max(0.0, unsent + given - sent), recorded + given
        if is_offline:
            thinning.hold(now, round(unsent))
        else:
            thinning.look(now, round(unsent), round(recorded), line(now) if knows_speed else given / STEP_S)
        found.levels.append(thinning.level)
        found.unsent.append(unsent)
    return found


def test_a_line_that_carries_the_recording_changes_nothing():
    assert run(lambda _: NEED * 1.05, 120).changes() == 0


def test_a_collapse_is_followed_down_and_up_again_with_a_bounded_backlog():
    found = run(lambda now: NEED / 4 if 30 <= now < 90 else NEED * 2, 150)  # 5 → 0.7 → 5 Mbit/s
    assert found.at(29) == 0
    assert found.at(60) >= 4
    assert max(found.unsent) < 20 * NEED
    assert found.at(149) == 0
    assert found.unsent[-1] < NEED


@pytest.mark.parametrize(("again", "all_back_s"), [(2.0, 15), (1.5, 15), (1.2, 40)])
def test_all_frames_come_back_at_once_where_the_measured_speed_carries_them(again, all_back_s):
    found = run(lambda now: NEED / 4 if 30 <= now < 90 else NEED * again, 200, knows_speed=True)
    caught_up = next(90 + n * STEP_S for n, unsent in enumerate(found.unsent[int(90 / STEP_S) :]) if unsent < NEED)
    assert found.at(caught_up + all_back_s) == 0
    assert found.changes(since_s=caught_up) == (1 if again > 1 / SHARE else found.at(caught_up))
    assert found.unsent[-1] < NEED


def test_without_it_the_same_collapse_leaves_most_of_the_recording_behind():
    backlog = sum(max(0.0, NEED - NEED / 4) for _ in range(60))
    assert backlog > 40 * NEED  # what the test above has bounded


def test_a_short_hiccup_is_ridden_out():
    assert run(lambda now: 0.0 if 30 <= now < 33 else NEED * 2, 60).changes() == 0


def test_a_line_between_two_levels_does_not_make_the_picture_swing():
    found = run(lambda _: NEED * 0.8, 600)
    assert found.changes(since_s=120) <= 2 * 480 / MOST_PATIENCE_S
    assert max(found.unsent) < 10 * NEED


def test_it_never_changes_twice_within_the_time_that_an_encoder_needs():
    found = run(lambda now: NEED / 10 if now > 10 else NEED, 120)
    changes = [step * STEP_S for step, (one, other) in enumerate(pairwise(found.levels)) if one != other]
    assert all(later - earlier >= SETTLE_S for earlier, later in pairwise(changes))


@pytest.mark.parametrize(("frames", "lowest"), [(30, 5), (24, 5), (15, 4), (2, 1), (1, 0)])
def test_one_frame_per_second_is_the_least(frames, lowest):
    thinning = Thinning(frames, NEED, 0.0)
    for second in range(0, 60, 4):
        thinning.look(float(second), 10_000_000 * (second + 1), 10_000_000 * (second + 1), None)
    assert (thinning.level, thinning.frames_per_second) == (lowest, 1)


def test_what_waits_because_there_is_no_network_says_nothing_about_the_line():
    found = run(lambda _: NEED * 2, 120, offline=(30, 60))
    assert found.changes() == 0


def test_a_backlog_that_drains_keeps_its_picture():
    found = run(lambda now: 0.0 if 30 <= now < 34 else NEED * 1.2, 120)
    assert max(found.levels) <= 1


def test_a_quiet_picture_is_judged_by_what_it_really_needs():
    found = run(lambda now: NEED / 4 if now >= 30 else NEED * 2, 90, quiet=0.25)
    assert max(found.unsent) < 20 * NEED, "four seconds of what was asked for are sixteen of this picture"
