"""The arithmetic of concurrent sessions."""

import pytest

from tests.benchmarks.calls import Load, as_json, percentile, table

LOAD = Load(clients=4, sessions=20, lasted_s=10, signer_cpu_s=5, errors=("reset",), durations_s={"sign": [0.2, 0.1]})


@pytest.mark.parametrize(("share", "value"), [(0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1, 100)])
def test_percentile_is_a_value_that_was_measured(share, value):
    assert percentile([*range(100, 0, -1)], share) == value


def test_percentile_of_one_value_is_that_value():
    assert percentile([7], 0.99) == 7


def test_percentile_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no values"):
        percentile([], 0.5)


def test_rates_are_per_second_and_a_core_is_counted_by_its_own_time():
    assert (LOAD.sessions_per_s, LOAD.signer_load, LOAD.sessions_per_cpu_s) == (2, 0.5, 4)
    assert (LOAD.calls_per_s("sign"), LOAD.calls_per_s("abort")) == (0.2, 0)


def test_json_has_percentiles_and_not_every_duration():
    [told] = as_json([LOAD])

    assert told["sign"] == {"calls": 2, "p50_s": 0.1, "p99_s": 0.2}
    assert told["errors"] == ["reset"]


def test_table_has_a_row_for_each_load():
    assert table([LOAD, LOAD], "Trial").row_count == 2
