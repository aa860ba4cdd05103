"""How large a recording may become and how large its parts are, on each layout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import MIB, FileRules, Layout, PartRules, Question, Track, UploadPolicy
from server.signer.part_sizes import layout_for, max_bytes, rules_for
from server.store.profiles import EMBEDDED, PROFILES
from tests.support.signer_client import PART_BYTES

AWS = PROFILES["aws"]
FULL = b"p" * PART_BYTES


def test_row_23_parts_grow_where_ten_thousand_would_not_hold_the_recording():
    four_hours = Question(id="q", prompt="?", tracks=(Track.VIDEO,), limit_s=14_400)
    budget = max_bytes(four_hours, Track.VIDEO, UploadPolicy())
    by_uplink = rules_for(Layout.MULTIPART, UploadPolicy(), EMBEDDED, budget, None)
    folded = rules_for(Layout.FOLDED, UploadPolicy(), AWS, budget, None)
    equal = rules_for(Layout.MULTIPART, UploadPolicy(part_bytes=256 * 1024), EMBEDDED, budget, None)

    assert budget == 14_400 * (2_500_000 + 64_000) * 2 // 8
    assert by_uplink == PartRules(min_bytes=256 * 1024, max_bytes=1920 * 1024)
    assert sum(by_uplink.smallest(number) for number in range(1, 10_001)) >= budget
    assert folded == PartRules(min_bytes=256 * 1024, max_bytes=5 * MIB, window_bytes=5 * MIB)
    assert 256 * 1024 < equal.min_bytes < 2 * MIB
    assert equal.min_bytes * 10_000 >= budget
    assert rules_for(Layout.MULTIPART, UploadPolicy(), AWS, budget, None) == PartRules.equal(5 * MIB)


def test_question_of_a_minute_takes_what_a_minute_of_sound_can_have():
    minute = Question(id="q", prompt="?", tracks=(Track.AUDIO, Track.VIDEO), limit_s=60)

    assert 4 * MIB < max_bytes(minute, Track.AUDIO, UploadPolicy()) < 5 * MIB
    assert max_bytes(minute, Track.AUDIO, UploadPolicy()) > 192_000 // 8 * 60, "Safari's AAC has up to 192 kbit/s"
    long, sparing = minute.model_copy(update={"limit_s": 3600}), UploadPolicy(audio_bits_per_second=16_000)
    assert max_bytes(long, Track.AUDIO, sparing) >= 192_000 // 8 * 3600, "however little the policy asks for"
    assert 30 * MIB < max_bytes(minute, Track.VIDEO, UploadPolicy()) < 40 * MIB


def test_a_question_that_takes_files_has_room_for_the_largest():
    short = Question(id="q", prompt="?", tracks=(Track.VIDEO,), limit_s=1, file=FileRules(max_bytes=300 * MIB))
    assert max_bytes(short, Track.VIDEO, UploadPolicy()) == 300 * MIB


@pytest.mark.parametrize(
    ("profile", "part_bytes", "at_most", "expected"),
    [
        ("aws", 8 * MIB, None, 8 * MIB),
        ("aws", 8 * MIB, 6 * MIB, 6 * MIB),
        ("aws", 8 * MIB, 1, 5 * MIB),  # S3 takes no smaller ones
        ("aws", 5 * MIB, 1, 5 * MIB),
        ("aws", 1 * MIB, None, 5 * MIB),  # a ticket that another program has minted
        ("embedded", 8 * MIB, 1, 64 * 1024),
        ("embedded", 256 * 1024, 128 * 1024, 128 * 1024),
        ("embedded", 256 * 1024, 1, 64 * 1024),
        ("embedded", 27 * 1024, 1, 27 * 1024),  # what the operator wants is small already
        ("embedded", 27 * 1024, 1 * MIB, 27 * 1024),
    ],
)
def test_row_27_parts_shrink_down_to_what_a_store_takes(
    profile: str, part_bytes: int, at_most: int | None, expected: int
):
    policy = UploadPolicy(part_bytes=part_bytes)
    assert rules_for(Layout.MULTIPART, policy, PROFILES[profile], 1, at_most) == PartRules.equal(expected)


@pytest.mark.parametrize(
    ("at_most", "smallest", "largest"),
    [
        (None, 64 * 1024, 5 * MIB),
        (MIB, 64 * 1024, MIB),
        (128 * 1024, 64 * 1024, 128 * 1024),
        (1, 64 * 1024, 64 * 1024),
    ],
)
def test_row_27_gateway_that_lets_no_window_through_gets_small_parts_only(
    at_most: int | None, smallest: int, largest: int
):
    rules = rules_for(Layout.FOLDED, UploadPolicy(), AWS, 1, at_most)
    assert (rules.min_bytes, rules.max_bytes, rules.window_bytes) == (smallest, largest, 5 * MIB)


@given(st.integers(1, 5 * 1024**4), st.none() | st.integers(1, 2 * MIB))
def test_row_23_parts_as_small_as_allowed_hold_the_largest_recording(budget: int, at_most: int | None):
    rules = rules_for(Layout.MULTIPART, UploadPolicy(), EMBEDDED, budget, at_most)

    assert sum(rules.smallest(number) for number in range(1, 10_001)) >= budget
    assert rules.min_bytes >= 64 * 1024


@given(st.integers(1, 48 * 1024**3))
def test_row_23_small_parts_hold_the_largest_recording_where_they_are_folded(budget: int):
    rules = rules_for(Layout.FOLDED, UploadPolicy(), AWS, budget, None)

    assert sum(rules.smallest(number) for number in range(1, 10_001)) >= budget


def test_only_the_first_two_windows_are_folded_in_parts_of_at_most_128_kib():
    rules = rules_for(Layout.FOLDED, UploadPolicy(), AWS, 1, None)

    assert [rules.smallest(number) // 1024 for number in (1, 2, 3, 81, 82, 10_000)] == [64, 64, 128, 128, 256, 256]
    assert sum(rules.smallest(number) for number in range(1, 82)) == 2 * 5 * MIB


def test_answer_of_ten_minutes_is_cut_finely_although_the_question_allows_an_hour():
    hour = Question(id="q", prompt="?", tracks=(Track.VIDEO,), limit_s=3_600)
    budget = max_bytes(hour, Track.VIDEO, UploadPolicy())
    rules = rules_for(Layout.MULTIPART, UploadPolicy(), EMBEDDED, budget, None)

    assert [rules.smallest(number) // 1024 for number in (1, 2_500, 2_501, 5_001, 7_501)] == [64, 64, 128, 256, 512]


@pytest.mark.parametrize("at_most", [None, 512 * 1024, 1])
def test_parts_follow_the_uplink_where_the_store_has_no_minimum(at_most: int | None):
    rules = rules_for(Layout.MULTIPART, UploadPolicy(), EMBEDDED, 1, at_most)
    assert (rules.min_bytes, rules.max_bytes) == (64 * 1024, max(64 * 1024, min(MIB, at_most or MIB)))


def test_layout_follows_the_store_and_a_policy_may_choose_another():
    assert layout_for(UploadPolicy(), AWS) is Layout.FOLDED
    assert layout_for(UploadPolicy(), EMBEDDED) is layout_for(UploadPolicy(), PROFILES["gcs"]) is Layout.MULTIPART
    assert layout_for(UploadPolicy(), PROFILES["wasabi"]) is Layout.MULTIPART  # every tail would be billed for months
    assert layout_for(UploadPolicy(part_bytes=5 * MIB), AWS) is Layout.MULTIPART
    assert layout_for(UploadPolicy(layout=Layout.MULTIPART), AWS) is Layout.MULTIPART
