"""The figures of the README, smaller: passing faults pass, and none costs more than a part."""

from tests.benchmarks.retries import measure, told


def test_forty_passing_faults_pass_without_the_candidate():
    figures = measure(seed=1, faults=40)

    assert figures.is_promise_kept, told(figures)
    assert figures.faults >= 40
    assert len(figures.failed_first) >= 10, "a schedule of few kinds of faults shows little"
    assert figures.answers_lost_once == figures.answers


def test_same_seed_gives_the_same_figures():
    assert measure(seed=2, faults=10) == measure(seed=2, faults=10)
