"""Where a recording is cut: exact parts, whatever the recorder gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.upload.parts import Part, PartCutter

MIB = 1024 * 1024


def cut(chunks: list[int], part_bytes: int) -> list[Part]:
    cutter = PartCutter(part_bytes)
    parts = [part for size in chunks for part in cutter.add(size)]
    last = cutter.finish()
    return parts + ([last] if last else [])


def test_recording_of_nothing_has_no_part():
    assert cut([], 10) == []
    assert cut([0, 0], 10) == []


def test_empty_chunks_change_nothing():
    assert cut([0, 7, 0, 0, 5, 0], 10) == cut([7, 5], 10) == [Part(1, 0, 10), Part(2, 10, 2)]


def test_exact_multiple_has_no_last_part():
    assert cut([20], 10) == [Part(1, 0, 10), Part(2, 10, 10)]
    assert PartCutter(10).finish() is None


def test_chunk_of_50_mb_holds_many_parts():
    parts = cut([50 * MIB], 5 * MIB)
    assert [part.size for part in parts] == [5 * MIB] * 10


def test_part_is_ready_with_its_last_byte():
    cutter = PartCutter(10)
    assert cutter.add(9) == []
    assert cutter.add(1) == [Part(1, 0, 10)]


def test_short_recording_is_one_short_part():
    assert cut([3], 10) == [Part(1, 0, 3)]


def test_finish_twice_gives_the_last_part_once():
    cutter = PartCutter(10)
    cutter.add(3)
    assert (cutter.finish(), cutter.finish()) == (Part(1, 0, 3), None)


@pytest.mark.parametrize("part_bytes", [0, -1])
def test_part_without_bytes_is_refused(part_bytes):
    with pytest.raises(ValueError, match="positive"):
        PartCutter(part_bytes)


def test_negative_chunk_is_refused_and_changes_nothing():
    cutter = PartCutter(10)
    with pytest.raises(ValueError, match="cannot have"):
        cutter.add(-1)
    assert cutter.finish() is None


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
