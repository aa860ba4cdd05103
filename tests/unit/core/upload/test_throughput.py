"""One speed, smoothed over sending time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.upload.throughput import HALF_LIFE_S, MIN_SAMPLE_S, SILENCE_S, Throughput


def speed_of(samples: list[tuple[float, int]]) -> float | None:
    """Send the sizes, each over its seconds, without a pause, and return the estimate when all is sent."""
    throughput, now = Throughput(), 100.0
    throughput.resume(now)
    for duration_s, size in samples:
        now += duration_s
        throughput.add(size, now)
    throughput.suspend(now)
    return throughput.bytes_per_second(now)


def test_nothing_is_known_before_the_first_sample():
    throughput = Throughput()
    assert throughput.bytes_per_second(0.0) is None
    throughput.resume(0.0)
    assert throughput.bytes_per_second(0.0) is None


def test_first_sample_is_not_biased_towards_zero():
    assert speed_of([(0.5, 500)]) == pytest.approx(1000)


@given(st.integers(1, 50), st.floats(1.0, 100_000.0))
def test_steady_speed_is_found_however_it_is_sampled(pieces, speed):
    duration_s = 10.0 / pieces
    size = round(speed * duration_s)
    assert speed_of([(duration_s, size)] * pieces) == pytest.approx(size / duration_s, rel=1e-6)


durations = st.floats(MIN_SAMPLE_S * 1.1, 5)  # shorter ones are added up


@given(st.lists(st.tuples(durations, st.integers(0, 1000)), min_size=1, max_size=8), st.integers(1, 8))
def test_splitting_samples_does_not_matter(samples, pieces):
    """A second at one speed weighs the same as one report and as eight."""
    split = [(duration_s, size * pieces) for duration_s, size in samples]
    whole = [(duration_s * pieces, size * pieces * pieces) for duration_s, size in samples]
    repeated = [sample for sample in split for _ in range(pieces)]
    assert speed_of(repeated) == pytest.approx(speed_of(whole), rel=1e-6, abs=1e-6)


def test_bursts_shorter_than_a_sample_are_added_up():
    assert speed_of([(MIN_SAMPLE_S / 10, 20)] * 50) == pytest.approx(20 / (MIN_SAMPLE_S / 10))


def test_new_speed_is_half_believed_after_half_a_life():
    assert speed_of([(1000.0, 1000 * 1000), (HALF_LIFE_S, 0)]) == pytest.approx(500, rel=1e-3)


def test_estimate_converges_to_a_changed_speed():
    assert speed_of([(1.0, 5000)] * 30 + [(1.0, 800)] * 60) == pytest.approx(800, rel=0.01)


def test_idle_time_does_not_count():
    throughput = Throughput()
    throughput.resume(0.0)
    throughput.add(1000, 1.0)
    throughput.suspend(1.0)
    throughput.add(5, 50.0)  # a late report
    throughput.resume(3600.0)
    throughput.add(1000, 3601.0)
    assert throughput.bytes_per_second(3601.0) == pytest.approx(1000)


def test_resuming_twice_does_not_lose_what_was_sent():
    throughput = Throughput()
    throughput.resume(0.0)
    throughput.add(100, 0.1)
    throughput.resume(0.1)
    throughput.add(900, 1.0)
    assert throughput.bytes_per_second(1.0) == pytest.approx(1000)


def test_silence_in_flight_slows_the_estimate():
    assert (speed_of([(5.0, 5000), (5.0, 0)]) or 0) < 600


def running(rate: int, duration_s: int) -> Throughput:
    """Send at `rate` bytes a second from second 0 on, and stay in flight."""
    throughput = Throughput()
    throughput.resume(0.0)
    for second in range(duration_s):
        throughput.add(rate, second + 1.0)
    return throughput


def test_silence_that_lasts_is_seen_although_nobody_reports_it():
    throughput = running(1000, 60)
    figures = [throughput.bytes_per_second(60.0 + quiet_s) or 0 for quiet_s in (0, 3, 6, 12, 60)]
    assert figures[0] == pytest.approx(1000)
    assert figures[2] == pytest.approx(500, rel=0.01), "half a life without a byte"
    assert figures == sorted(figures, reverse=True)
    assert figures[-1] < 2


def test_pause_between_two_reports_is_no_silence():
    throughput = running(1000, 60)
    assert throughput.bytes_per_second(60.0 + SILENCE_S) == pytest.approx(1000)


def test_looking_changes_nothing():
    looked_at, left_alone = running(1000, 10), running(1000, 10)
    for second in range(10, 30):
        looked_at.bytes_per_second(float(second))
    for throughput in (looked_at, left_alone):
        throughput.add(500, 31.0)
    assert looked_at.bytes_per_second(31.0) == left_alone.bytes_per_second(31.0)


def test_silence_while_nothing_is_in_flight_is_no_slowness():
    throughput = running(1000, 10)
    throughput.suspend(10.0)
    assert throughput.bytes_per_second(3600.0) == pytest.approx(1000)
