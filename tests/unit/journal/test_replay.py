"""A journal's rows in an order in which they could have happened."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.contract import PartRules, UploadPolicy
from app.core.upload.events import (
    ChunkJournalled,
    Fact,
    PartAcknowledged,
    PartCut,
    RecordingStarted,
    RecordingStopped,
    UploadCreated,
)
from app.core.upload.parts import Part
from app.core.upload.scheduler import Scheduler
from app.journal.replay import in_order
from tests.support.fake_store import audio, video

REF, OTHER = video("q1"), audio("q1")
STARTED = RecordingStarted(REF, "video/webm", 1)
CREATED = UploadCreated(REF, "upload-1", "k", PartRules.equal(10), is_md5_signed=False)
AGAIN = UploadCreated(REF, "upload-2", "k", PartRules.equal(10), is_md5_signed=False)
STOPPED = RecordingStopped(REF, "0" * 64, 3.0)
CHUNKS = [ChunkJournalled(REF, 15, 1.0), ChunkJournalled(REF, 8, 2.0)]


def test_chunks_follow_the_beginning_of_their_recording():
    assert in_order([STARTED, CREATED, STOPPED], CHUNKS) == [STARTED, *CHUNKS, CREATED, STOPPED]


def test_each_upload_gets_its_own_chunks():
    started, chunk = RecordingStarted(OTHER, "audio/webm", 1), ChunkJournalled(OTHER, 4, 1.0)
    assert in_order([STARTED, started], [chunk, *CHUNKS]) == [STARTED, *CHUNKS, started, chunk]


def test_chunks_without_a_beginning_are_left_out():
    assert in_order([CREATED], CHUNKS) == [CREATED]


def test_what_a_lost_upload_acknowledged_is_left_out():
    facts: list[Fact] = [STARTED, CREATED, PartAcknowledged(REF, 1, "a"), AGAIN, PartAcknowledged(REF, 2, "b")]
    assert in_order(facts, CHUNKS) == [STARTED, *CHUNKS, AGAIN, PartAcknowledged(REF, 2, "b")]


def test_a_second_beginning_of_the_same_recording_doubles_nothing():
    """The first try kept its beginning and no chunk: there was no room. Then the candidate tried again."""
    assert in_order([STARTED, STARTED, STOPPED], CHUNKS) == [STARTED, *CHUNKS, STOPPED]


def test_acknowledgement_without_a_creation_is_left_out():
    assert in_order([STARTED, PartAcknowledged(REF, 1, "a")], CHUNKS) == [STARTED, *CHUNKS]


def test_nothing_kept_is_nothing_told():
    assert in_order([], []) == []


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.integers(0, 3), st.booleans())
def test_replay_is_accepted_by_a_new_schedule(sizes, acknowledged, is_begun_again):
    whole_parts = sum(sizes) // 10
    acks = [PartAcknowledged(REF, number + 1, "a") for number in range(min(acknowledged, whole_parts))]
    facts: list[Fact] = [STARTED, CREATED, *acks]
    if is_begun_again:
        facts += [AGAIN, *acks[:1]]
    facts.append(STOPPED)

    scheduler = Scheduler(UploadPolicy())
    for fact in in_order(facts, [ChunkJournalled(REF, size, 1.0) for size in sizes]):
        scheduler.apply(fact, 0.0)

    upload = scheduler.uploads[REF]
    assert upload.recorded == sum(sizes)
    assert upload.parts.acknowledged_size == 10 * len(acks[:1] if is_begun_again else acks)


def test_cuts_that_were_noted_out_of_order_are_all_taken():
    free = replace(CREATED, parts=PartRules(min_bytes=1, max_bytes=10))
    cuts = [PartCut(REF, Part(1, 0, 8)), PartCut(REF, Part(2, 8, 5)), PartCut(REF, Part(3, 13, 10))]
    facts: list[Fact] = [STARTED, free, cuts[1], cuts[0], PartAcknowledged(REF, 1, "a"), cuts[2]]

    scheduler = Scheduler(UploadPolicy())
    for fact in in_order(facts, CHUNKS):
        scheduler.apply(fact, 0.0)

    parts = scheduler.uploads[REF].parts
    assert parts.known() == [cut.part for cut in cuts]
    assert parts.acknowledged_size == 8


def test_cuts_of_a_lost_upload_are_left_out():
    facts: list[Fact] = [STARTED, CREATED, PartCut(REF, Part(1, 0, 8)), AGAIN, PartCut(REF, Part(1, 0, 5))]
    assert in_order(facts, CHUNKS) == [STARTED, *CHUNKS, AGAIN, PartCut(REF, Part(1, 0, 5))]


def test_bytes_without_a_row_have_their_place_behind_the_others():
    assert in_order([STARTED, CREATED, replace(STOPPED, size=40)], CHUNKS) == [
        STARTED,
        *CHUNKS,
        ChunkJournalled(REF, 17, 2.0),
        CREATED,
        replace(STOPPED, size=40),
    ]
    acknowledged = PartAcknowledged(REF, 4, "d")
    assert in_order([STARTED, CREATED, acknowledged], CHUNKS)[3] == ChunkJournalled(REF, 17, 2.0)


def test_last_part_that_is_shorter_adds_nothing():
    acknowledged = PartAcknowledged(REF, 3, "c")  # of 23 bytes, when the end was not noted yet
    assert in_order([STARTED, CREATED, acknowledged], CHUNKS) == [STARTED, *CHUNKS, CREATED, acknowledged]
