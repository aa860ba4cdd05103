"""Where a recording is cut: by the rules of its upload, whatever the recorder gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import PartRules
from app.core.upload.parts import LARGEST, SMALLEST, UNKNOWN_LINK, Part, PartCutter, wanted_size

MIB = 1024 * 1024


def cut(chunks: list[int], part_bytes: int) -> list[Part]:
    cutter = PartCutter(PartRules.equal(part_bytes))
    parts = []
    for size in chunks:
        cutter.add(size)
        parts += cutter.whole_parts()
    cutter.finish()
    return parts + cutter.whole_parts()


def free(recorded: int = 0, **rules: int) -> PartCutter:
    return PartCutter(PartRules(**({"min_bytes": 64, "max_bytes": 1024} | rules)), recorded)


def test_recording_of_nothing_has_no_part():
    assert cut([], 10) == []
    assert cut([0, 0], 10) == []


def test_empty_chunks_change_nothing():
    assert cut([0, 7, 0, 0, 5, 0], 10) == cut([7, 5], 10) == [Part(1, 0, 10), Part(2, 10, 2)]


def test_exact_multiple_has_no_last_part():
    assert cut([20], 10) == [Part(1, 0, 10), Part(2, 10, 10)]


def test_chunk_of_50_mb_holds_many_parts():
    parts = cut([50 * MIB], 5 * MIB)
    assert [part.size for part in parts] == [5 * MIB] * 10


def test_part_is_ready_with_its_last_byte():
    cutter = PartCutter(PartRules.equal(10), 9)
    assert cutter.whole_parts() == []
    cutter.add(1)
    assert cutter.whole_parts() == [Part(1, 0, 10)]


def test_short_recording_is_one_short_part():
    assert cut([3], 10) == [Part(1, 0, 3)]


def test_finish_twice_gives_the_last_part_once():
    cutter = PartCutter(PartRules.equal(10), 3)
    cutter.finish()
    assert (cutter.whole_parts(), cutter.whole_parts()) == ([Part(1, 0, 3)], [])


def test_negative_chunk_is_refused_and_changes_nothing():
    cutter = PartCutter(PartRules.equal(10))
    with pytest.raises(ValueError, match="cannot have"):
        cutter.add(-1)
    cutter.finish()
    assert cutter.whole_parts() == []


def test_sender_with_nothing_to_do_takes_what_is_there():
    assert free(200).next_part(512, is_idle=True) == Part(1, 0, 200)
    assert free(200).next_part(512, is_idle=False) is None
    assert free(63).next_part(512, is_idle=True) is None  # less than the smallest part


def test_sender_with_a_backlog_takes_whole_parts():
    assert free(1000).next_part(512, is_idle=True) == Part(1, 0, 512)
    assert free(127).next_part(1, is_idle=True) == Part(1, 0, 64)
    assert free(5000).next_part(4000, is_idle=True) == Part(1, 0, 1024)


def test_backlog_goes_in_few_large_parts_where_small_ones_seem_enough():
    rules = PartRules(min_bytes=SMALLEST, max_bytes=LARGEST)
    left, sizes = 4 * MIB + 1, []
    cutter = PartCutter(rules, left)
    while (part := cutter.next_part(SMALLEST, is_idle=False)) is not None:
        cutter.take(part)
        sizes.append(part.size // 1024)

    assert sizes[:4] == [1024, 1024, 1024, 512]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) <= 10, "as many parts as without a backlog"


def test_rest_of_an_ended_recording_goes_in_two_equal_parts_at_once():
    cutter = PartCutter(PartRules(min_bytes=SMALLEST, max_bytes=LARGEST), 3 * SMALLEST)
    cutter.finish()
    first = cutter.next_part(SMALLEST, is_idle=True)
    assert first is not None
    cutter.take(first)
    assert first.size == 3 * SMALLEST // 2
    cutter.finish()  # once more, by the recording's digest
    assert cutter.next_part(SMALLEST, is_idle=False) == Part(2, first.size, first.size)


def test_parts_become_larger_as_their_numbers_run_out():
    cutter = free()
    for number in range(1, 2_501):
        cutter.add(64)
        part = cutter.next_part(1, is_idle=True)
        assert part == Part(number, 64 * (number - 1), 64)
        cutter.take(part)
    cutter.add(200)

    assert cutter.next_part(1, is_idle=True) == Part(2_501, 64 * 2_500, 128)


def test_end_of_the_recording_waits_for_nobody():
    cutter = free(10)
    cutter.finish()
    assert cutter.next_part(512, is_idle=False) == Part(1, 0, 10)


def test_equal_parts_never_depend_on_the_uplink():
    cutter = PartCutter(PartRules.equal(10), 25)
    assert cutter.next_part(1, is_idle=True) == cutter.next_part(1000, is_idle=False) == Part(1, 0, 10)


def folded(recorded: int) -> PartCutter:
    return free(recorded, min_bytes=64, max_bytes=640, window_bytes=640)


def test_small_parts_fill_a_window_and_do_not_cross_its_end():
    cutter = free(639, min_bytes=50, max_bytes=640, window_bytes=640)
    sizes = []
    while (part := cutter.next_part(512, is_idle=True)) is not None:
        cutter.take(part)
        sizes.append(part.size)
    assert sizes == [200, 200, 100, 100]  # larger ones while more waits
    cutter.add(1)
    assert cutter.next_part(512, is_idle=True) == Part(5, 600, 40)


def test_next_part_of_a_folded_recording_is_told_before_it_is_cut():
    cutter = folded(0)
    assert cutter.expected() == Part(1, 0, 64)
    cutter.add(300)
    assert cutter.expected() == cutter.next_part(512, is_idle=True) == Part(1, 0, 128)  # from a backlog
    cutter.take(Part(1, 0, 128))
    cutter.add(2 * 640)
    assert cutter.expected() == cutter.next_part(512, is_idle=True) == Part(2, 128, 512)  # what is left of its window
    cutter.end_at(200, [Part(1, 0, 128)])
    assert cutter.expected() == cutter.next_part(512, is_idle=True) == Part(2, 128, 72)
    cutter.take(Part(2, 128, 72))
    assert cutter.expected() is None


def test_end_of_a_folded_recording_is_one_part_rather_than_two_small_ones():
    cutter = folded(128)
    cutter.finish()
    assert cutter.next_part(512, is_idle=True) == Part(1, 0, 128)
    late = folded(700)
    late.take(Part(1, 0, 600))
    late.finish()
    assert late.next_part(512, is_idle=True) == Part(2, 600, 40)  # what is left of its window


def test_whole_windows_of_backlog_are_single_parts():
    assert folded(640).next_part(512, is_idle=True) == Part(1, 0, 640)
    behind = folded(1000)
    behind.take(Part(1, 0, 64))
    assert behind.next_part(512, is_idle=True) == Part(2, 64, 576)  # the rest of the window that was begun


def test_gateway_that_lets_no_window_through_gets_small_parts_only():
    cutter = free(6400, min_bytes=64, max_bytes=320, window_bytes=640)
    assert cutter.next_part(512, is_idle=True) == Part(1, 0, 320)


@pytest.mark.parametrize("part", [Part(2, 0, 5), Part(1, 5, 5), Part(1, 0, 0), Part(1, 0, 201)])
def test_part_that_does_not_follow_or_was_not_recorded_is_not_cut(part: Part):
    cutter = free(200)
    with pytest.raises(ValueError, match="does not follow"):
        cutter.take(part)
    assert (cutter.cut, cutter.count) == (0, 0)


chunk_sizes = st.lists(st.integers(0, 200), max_size=40)


@given(chunk_sizes, st.integers(1, 60))
def test_parts_tile_the_recording(chunks, part_bytes):
    parts = cut(chunks, part_bytes)

    assert [part.number for part in parts] == list(range(1, len(parts) + 1))
    assert sum(part.size for part in parts) == sum(chunks)
    assert all(part.offset == (part.number - 1) * part_bytes for part in parts)
    assert all(part.size == part_bytes for part in parts[:-1])
    assert all(0 < part.size <= part_bytes for part in parts)


@given(chunk_sizes, st.integers(1, 60))
def test_parts_do_not_depend_on_the_chunks(chunks, part_bytes):
    assert cut(chunks, part_bytes) == cut([sum(chunks)], part_bytes)


rules = st.one_of(
    st.builds(lambda a, b: PartRules(min_bytes=min(a, b), max_bytes=max(a, b)), st.integers(1, 90), st.integers(1, 90)),
    st.builds(
        lambda a, b, c: PartRules(min_bytes=a, max_bytes=a + b, window_bytes=a + b + c),
        st.integers(1, 40),
        st.integers(0, 40),
        st.integers(0, 40),
    ),
)


@given(rules, st.lists(st.tuples(st.integers(0, 200), st.integers(1, 300), st.booleans()), max_size=40))
def test_parts_keep_the_rules_whatever_the_uplink_does(rules, steps):
    cutter, parts = PartCutter(rules), []
    for size, wanted, is_idle in [*steps, (0, 50, True)]:
        cutter.add(size)
        if (size, wanted) == (0, 50):
            cutter.finish()
        while (part := cutter.next_part(wanted, is_idle=is_idle)) is not None:
            cutter.take(part)
            parts.append(part)
    window = rules.window_bytes

    assert cutter.is_done
    assert [part.offset for part in parts] == [sum(one.size for one in parts[:place]) for place in range(len(parts))]
    assert sum(part.size for part in parts) == sum(size for size, _, _ in steps)
    assert all(part.size <= rules.max_bytes for part in parts)
    if window is None:
        assert all(part.size >= rules.smallest(part.number) for part in parts[:-1])
    else:
        assert all(part.offset // window == (part.end - 1) // window for part in parts)
        assert all(part.size >= rules.min_bytes or part.end % window == 0 for part in parts[:-1])


def test_part_carries_what_the_uplink_takes_in_less_than_half_a_second():
    assert wanted_size(None) == UNKNOWN_LINK
    assert wanted_size(0.0) == wanted_size(2e6 / 8) == SMALLEST
    assert wanted_size(5e6 / 8) == 128 * 1024
    assert wanted_size(11e6 / 8) == wanted_size(20e6 / 8) == 512 * 1024
    assert wanted_size(1e9) == LARGEST
