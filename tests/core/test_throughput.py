"""One speed, smoothed over sending time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.throughput import HALF_LIFE_S, MIN_SAMPLE_S, Throughput


def sent(samples: list[tuple[float, int]]) -> Throughput:
    """Send the sizes, each over its seconds, without a pause."""
    throughput, now = Throughput(), 100.0
    throughput.resume(now)
    for duration_s, size in samples:
        now += duration_s
        throughput.add(size, now)
    throughput.suspend(now)
    return throughput


def test_nothing_is_known_before_the_first_sample():
    throughput = Throughput()
    assert throughput.bytes_per_second() is None
    throughput.resume(0.0)
    assert throughput.bytes_per_second() is None


def test_first_sample_is_not_biased_towards_zero():
    assert sent([(0.5, 500)]).bytes_per_second() == pytest.approx(1000)


@given(st.integers(1, 50), st.floats(1.0, 100_000.0))
def test_steady_speed_is_found_however_it_is_sampled(pieces, speed):
    duration_s = 10.0 / pieces
    size = round(speed * duration_s)
    assert sent([(duration_s, size)] * pieces).bytes_per_second() == pytest.approx(size / duration_s, rel=1e-6)


@given(st.lists(st.tuples(st.floats(MIN_SAMPLE_S, 5), st.integers(0, 1000)), min_size=1, max_size=8), st.integers(1, 8))
def test_splitting_samples_does_not_matter(samples, pieces):
    """A second at one speed weighs the same as one report and as eight."""
    split = [(duration_s, size * pieces) for duration_s, size in samples]
    whole = [(duration_s * pieces, size * pieces * pieces) for duration_s, size in samples]
    repeated = [sample for sample in split for _ in range(pieces)]
    assert sent(repeated).bytes_per_second() == pytest.approx(sent(whole).bytes_per_second(), rel=1e-6, abs=1e-6)


def test_bursts_shorter_than_a_sample_are_added_up():
    assert sent([(MIN_SAMPLE_S / 10, 20)] * 50).bytes_per_second() == pytest.approx(20 / (MIN_SAMPLE_S / 10))


def test_new_speed_is_half_believed_after_half_a_life():
    throughput = sent([(1000.0, 1000 * 1000), (HALF_LIFE_S, 0)])
    assert throughput.bytes_per_second() == pytest.approx(500, rel=1e-3)


def test_estimate_converges_to_a_changed_speed():
    throughput = sent([(1.0, 5000)] * 30 + [(1.0, 800)] * 60)
    assert throughput.bytes_per_second() == pytest.approx(800, rel=0.01)


def test_idle_time_does_not_count():
    throughput = Throughput()
    throughput.resume(0.0)
    throughput.add(1000, 1.0)
    throughput.suspend(1.0)
    throughput.add(5, 50.0)  # a late report
    throughput.resume(3600.0)
    throughput.add(1000, 3601.0)
    assert throughput.bytes_per_second() == pytest.approx(1000)


def test_resuming_twice_does_not_lose_what_was_sent():
    throughput = Throughput()
    throughput.resume(0.0)
    throughput.add(100, 0.1)
    throughput.resume(0.1)
    throughput.add(900, 1.0)
    assert throughput.bytes_per_second() == pytest.approx(1000)


def test_silence_in_flight_slows_the_estimate():
    assert (sent([(5.0, 5000), (5.0, 0)]).bytes_per_second() or 0) < 600
