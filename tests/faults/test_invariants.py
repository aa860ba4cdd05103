"""The check itself: what it must find, and what it must let pass."""

import pytest

from tests.support.faults.calls import Passed, SmallParts, read_call
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


def test_part_may_come_again_once_its_upload_is_begun_again():
    assert_nothing_acknowledged_is_sent_again([part(1, 1.0, 2.0), part(1, 4.0, 5.0)], [0.5, 3.0])
    with pytest.raises(AssertionError, match="part 1"):
        assert_nothing_acknowledged_is_sent_again([part(1, 1.0, 2.0), part(1, 4.0, 5.0)], [0.5, 6.0])


def test_small_part_may_come_again_once_the_store_has_failed_to_fold_it():
    again = [part(1, 1.0, 2.0), part(1, 6.0, 7.0)]
    assert_nothing_acknowledged_is_sent_again(again, failed=[("/b/k", 3.0), ("/b/k", 4.0), ("/b/k", 5.0)])
    for failed in ([("/b/k", 3.0)], [("/b/other", at) for at in (3.0, 4.0, 5.0)], [("/b/k", 8.0)] * 3):
        with pytest.raises(AssertionError, match="part 1"):
            assert_nothing_acknowledged_is_sent_again(again, failed=failed)


def test_small_parts_are_numbered_as_they_come_and_keep_their_number():
    numbered = SmallParts().numbered
    ends = [65_536, 262_144, 65_536, 300_000]
    calls = [read_call("PUT", f"/b/_tail/k/token/00000/{end:07}?partNumber=2&uploadId={end}") for end in ends]
    other = read_call("PUT", "/b/_tail/other/token/00000/0065536?partNumber=2&uploadId=9")
    window = read_call("PUT", "/b/k?partNumber=3&uploadId=7")

    assert [numbered(call).number for call in [*calls, other, window]] == [1, 2, 1, 3, 1, 3]
