"""The check itself: what it must find, and what it must let pass."""

import pytest

from tests.support.faults.calls import Passed, read_call
from tests.support.faults.invariants import assert_nothing_acknowledged_is_sent_again


def part(number, arrived_at, answered_at=0.0, *, upload="7", etag="d41d"):
    call = read_call("PUT", f"/b/k?partNumber={number}&uploadId={upload}")
    status = 200 if answered_at else None
    return Passed(call, arrived_at, is_first=True, md5="d41d", status=status, etag=etag, answered_at=answered_at)


def test_part_that_comes_again_after_its_acknowledgement_is_found():
    with pytest.raises(AssertionError, match="part 1"):
        assert_nothing_acknowledged_is_sent_again([part(1, 1.0, 2.0), part(2, 2.0, 3.0), part(1, 4.0, 5.0)])


@pytest.mark.parametrize(
    "again",
    [
        [part(1, 1.0), part(1, 4.0, 5.0)],  # its first reply was lost
        [part(1, 1.0, 2.0, etag="0"), part(1, 4.0, 5.0)],  # its first ETag was wrong
        [part(1, 1.0, 2.0), part(1, 4.0, 5.0, upload="8")],  # a new upload after a loss
        [part(1, 1.0, 3.0), part(1, 2.0, 4.0)],  # a browser sent it again while the first was on its way
    ],
)
def test_part_that_may_come_again_passes(again):
    assert_nothing_acknowledged_is_sent_again(again)
