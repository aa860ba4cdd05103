"""Figures in words: honest at every edge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.kit import words

NB = "\u00a0"


@pytest.mark.parametrize(
    ("size", "down", "up"),
    [
        (0, "0 B", "0 B"),
        (1, "1 B", "1 B"),
        (999, "999 B", "999 B"),
        (1_000, "1 kB", "1 kB"),
        (1_001, "1 kB", "2 kB"),
        (999_999, "999 kB", "1.0 MB"),
        (1_990_000, "1.9 MB", "2.0 MB"),
        (999_999_999, "999.9 MB", "1.0 GB"),
        (5_000_000_000_000, "5000.0 GB", "5000.0 GB"),
    ],
)
def test_a_size_rounds_down_when_stored_and_up_when_left(size, down, up):
    assert words.size_down(size) == down.replace(" ", NB)
    assert words.size_up(size) == up.replace(" ", NB)


@given(st.integers(1, 10**13), st.data())
def test_stored_reads_like_recorded_only_when_all_is_stored(recorded, data):
    stored = data.draw(st.integers(0, recorded))
    left, right = words.stored_of(stored, recorded)
    assert (left == right) == (stored == recorded)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (0.2, "1 s"), (45, "45 s"), (60, "1 min"), (90, "1 min 30 s"), (3600, "1 h"), (3900, "1 h 5 min")],
)
def test_a_duration_names_no_empty_unit(seconds, said):
    assert words.duration(seconds).replace(NB, " ") == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "1 s left"), (4.1, "5 s left"), (90, "90 s left"), (91, "about 2 min left"), (200, "about 4 min left")],
)
def test_time_left_is_no_finer_than_an_estimate(seconds, said):
    assert words.time_left(seconds).replace(NB, " ") == said


def test_a_clock_rounds_down_and_a_countdown_up():
    assert words.clock(59.9) == "0:59"
    assert words.countdown(59.1) == "1:00"
    assert words.countdown(0.1) == "0:01"
    assert words.clock(3723) == "1:02:03"


def test_an_excerpt_ends_at_a_word_of_the_first_line():
    assert words.excerpt("Short one?\nMore of it") == "Short one?"
    assert words.excerpt("one two three four", 12) == "one two…"
