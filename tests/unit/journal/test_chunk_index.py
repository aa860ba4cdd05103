"""Where bytes lie among chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.journal.chunk_index import ChunkIndex

SIZES = st.lists(st.integers(1, 50), min_size=1, max_size=20)


def _of(*sizes: int) -> ChunkIndex:
    chunk_index = ChunkIndex()
    for size in sizes:
        chunk_index.add(size)
    return chunk_index


def test_a_range_is_found_in_the_chunks_that_hold_it():
    chunk_index = _of(10, 5, 20)

    assert chunk_index.covering(0, 10) == range(1)
    assert chunk_index.covering(9, 2) == range(2)
    assert chunk_index.covering(10, 5) == range(1, 2)
    assert chunk_index.covering(12, 23) == range(1, 3)
    assert chunk_index.start(2) == 15


def test_bytes_that_were_never_recorded_lie_nowhere():
    chunk_index = _of(10)

    assert chunk_index.covering(5, 6) is None
    assert chunk_index.covering(0, 0) is None
    assert ChunkIndex().covering(0, 1) is None


def test_a_chunk_is_let_go_with_its_last_byte():
    chunk_index = _of(10, 10)

    assert chunk_index.release(0, 8) == []
    assert chunk_index.release(8, 8) == [0]
    assert chunk_index.release(16, 4) == [1]
    assert chunk_index.released() == [0, 1]


def test_an_empty_chunk_is_refused():
    with pytest.raises(ValueError, match="0 bytes"):
        ChunkIndex().add(0)


@given(SIZES, st.data())
def test_what_covers_a_range_holds_it_and_no_chunk_too_many(sizes: list[int], data: st.DataObject):
    chunk_index = _of(*sizes)
    offset = data.draw(st.integers(0, sum(sizes) - 1))
    size = data.draw(st.integers(1, sum(sizes) - offset))

    places = chunk_index.covering(offset, size)

    assert places is not None
    owners = [place for place, chunk in enumerate(sizes) for _ in range(chunk)]
    assert sorted(set(owners[offset : offset + size])) == list(places)


@given(SIZES, st.integers(1, 30), st.randoms())
def test_parts_in_any_order_release_every_chunk_exactly_once(sizes: list[int], part: int, random):
    chunk_index = _of(*sizes)
    total = sum(sizes)
    parts = [(offset, min(part, total - offset)) for offset in range(0, total, part)]
    random.shuffle(parts)

    done = [place for offset, size in parts for place in chunk_index.release(offset, size)]

    assert sorted(done) == list(range(len(sizes)))


def test_bytes_that_are_released_twice_take_no_others_with_them():
    chunk_index = _of(10)
    chunk_index.release(0, 5)

    assert chunk_index.release(0, 5) == []
    assert chunk_index.release(3, 4) == []
    assert chunk_index.release(5, 5) == [0]


def test_bytes_that_are_held_again_must_be_released_again():
    chunk_index = _of(10, 10)
    chunk_index.release(0, 20)
    chunk_index.hold(5, 7)

    assert chunk_index.released() == []
    assert chunk_index.release(5, 5) == [0]
    assert chunk_index.release(10, 10) == [1]


@given(SIZES, st.lists(st.tuples(st.booleans(), st.integers(0, 300), st.integers(1, 100)), max_size=20))
def test_chunks_are_released_as_if_every_byte_were_counted(sizes, steps):
    chunk_index, total = _of(*sizes), sum(sizes)
    wanted = set(range(total))
    for is_release, offset, size in steps:
        if offset + size > total:
            continue
        if is_release:
            chunk_index.release(offset, size)
            wanted -= set(range(offset, offset + size))
        else:
            chunk_index.hold(offset, size)
            wanted |= set(range(offset, offset + size))
    starts = [chunk_index.start(place) for place in range(chunk_index.count)]
    free = [place for place, start in enumerate(starts) if not wanted & set(range(start, start + sizes[place]))]
    assert chunk_index.released() == free
