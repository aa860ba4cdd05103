"""When a stream begins, how it is cut, and what follows when it breaks."""

import pytest

from app.contract import PartRules, UploadMode
from app.core.errors import (
    Aborted,
    StoreBusy,
    StoreSilent,
    UploadLost,
)
from app.core.upload.commands import FinishUpload, OpenUpload, SendPart, StreamPart
from app.core.upload.events import RecordingEnded
from app.core.upload.parts import Part
from app.core.upload.stream_pull import pull
from app.core.upload.streams import PIECE, STREAM_S, OpenStream, Piece
from tests.support.fake_store import audio, video
from tests.support.streams import LEAST, MOST, Q1, RULES, Streams, streaming


def stream_of(rules: PartRules = RULES) -> OpenStream:
    return OpenStream(1, 0, rules, STREAM_S)


# One stream.


def test_stream_sends_what_is_recorded_and_then_waits():
    stream = stream_of()

    assert stream.next(30, 0.0, has_ended=False) == Piece(0, 30)
    assert stream.next(30, 0.0, has_ended=False) is None
    assert stream.next(45, 0.0, has_ended=False) == Piece(30, 15)


def test_backlog_is_read_in_small_pieces():
    rules = PartRules(min_bytes=LEAST, max_bytes=10 * PIECE, is_streamed=True)

    assert stream_of(rules).next(3 * PIECE, 0.0, has_ended=True) == Piece(0, PIECE)


def test_stream_ends_with_its_recording_however_short():
    stream = stream_of()
    stream.next(3, 0.0, has_ended=False)

    assert stream.next(3, 0.0, has_ended=True) == Part(1, 0, 3)


def test_stream_ends_at_its_largest_size():
    stream = stream_of()

    assert stream.next(MOST + 50, 0.0, has_ended=False) == Piece(0, MOST)
    assert stream.next(MOST + 50, 0.0, has_ended=False) == Part(1, 0, MOST)


def test_stream_ends_after_its_time_but_not_below_the_stores_minimum():
    stream = stream_of()
    stream.next(LEAST - 1, 0.0, has_ended=False)

    assert stream.next(LEAST - 1, STREAM_S, has_ended=False) is None
    assert stream.next(LEAST, STREAM_S, has_ended=False) == Piece(LEAST - 1, 1)
    assert stream.next(LEAST, STREAM_S, has_ended=False) == Part(1, 0, LEAST)


def test_where_parts_must_be_equal_only_the_size_ends_a_stream():
    stream = stream_of(PartRules(min_bytes=MOST, max_bytes=MOST, is_streamed=True))
    stream.next(MOST - 1, 0.0, has_ended=False)

    assert stream.next(MOST - 1, 10 * STREAM_S, has_ended=False) is None


# The scheduler.


def test_stream_begins_with_the_first_byte_and_only_one_is_open():
    board, command = streaming(size=1)

    assert command == StreamPart(Q1, 1, 0)
    board.record(Q1, 50)
    assert board.commands() == []


def test_next_stream_does_not_wait_for_the_reply_to_the_last_one():
    board, first = streaming()
    board.take(first)
    board.now += STREAM_S
    part = board.cut(first)
    board.record(Q1, 5)

    [second] = board.streams()

    assert (second.number, second.offset) == (2, part.end)
    board.acknowledge(Q1, 1)
    assert board.progress.acknowledged == part.size


def test_nothing_counts_as_stored_before_the_store_has_acknowledged_it():
    board, command = streaming()
    board.take(command)
    assert board.progress.acknowledged == 0
    board.tell(RecordingEnded(Q1))
    board.cut(command)
    assert board.progress.acknowledged == 0
    board.acknowledge(Q1, 1)
    assert board.progress.acknowledged == 30


def test_last_stream_is_followed_by_the_completion():
    board, command = streaming()
    board.stop(Q1)
    board.cut(command)
    assert board.commands() == []
    board.acknowledge(Q1, 1)

    [finish] = board.commands()

    assert isinstance(finish, FinishUpload)
    assert [piece.part for piece in finish.parts] == [Part(1, 0, 30)]


def test_broken_stream_is_sent_again_from_its_first_byte():
    board, command = streaming()
    board.take(command)
    board.fail(command, StoreSilent("broke"))
    assert board.commands() == []
    board.now = board.scheduler.next_wake(board.now) or board.now
    board.record(Q1, 20)

    [again] = board.streams()

    assert again == command
    assert board.take(again) == 50


def test_stream_whose_reply_was_lost_is_sent_again_as_an_ordinary_part():
    board, command = streaming()
    board.stop(Q1)
    part = board.cut(command)
    board.fail(command, StoreSilent("lost"))
    board.now = board.scheduler.next_wake(board.now) or board.now

    assert board.commands() == [SendPart(Q1, part)]


def test_both_tracks_of_an_answer_stream_at_once():
    board = Streams(parallel_parts=1)
    for ref in (Q1, audio("q1")):
        board.record(ref, 10)
        board.open(ref)

    assert {one.upload for one in board.streams()} == {Q1, audio("q1")}


def test_newer_answer_waits_while_an_older_one_occupies_the_line():
    board = Streams(parallel_parts=1)
    for question in ("q1", "q2"):
        board.record(video(question), MOST * 3)
        board.open(video(question))

    assert [one.upload for one in board.streams()] == [Q1]


def test_newer_answer_need_not_wait_for_the_reply_to_an_older_one():
    board = Streams(parallel_parts=1)
    board.record(Q1, 30)
    board.open(Q1)
    [first] = board.streams()
    board.stop(Q1)
    board.cut(first)
    board.record(video("q2"), 30)
    board.open(video("q2"))

    assert [one.upload for one in board.streams()] == [video("q2")]


def test_part_that_waits_for_another_try_need_not_wait_for_the_stream():
    board, first = streaming()
    board.take(first)
    board.now += STREAM_S
    part = board.cut(first)
    board.record(Q1, 5)
    assert len(board.streams()) == 1
    board.fail(first, StoreBusy("503"))
    board.now += 60

    assert board.commands() == [SendPart(Q1, part)]


def test_pause_ends_a_stream_that_the_store_can_take():
    board, command = streaming(size=LEAST)
    board.take(command)
    board.scheduler.is_paused = True

    assert board.cut(command) == Part(1, 0, LEAST)
    board.record(Q1, 50)
    assert board.commands() == []


def test_pause_gives_up_a_stream_that_is_too_short_and_it_is_sent_again():
    board, command = streaming(size=LEAST - 1)
    board.take(command)
    board.scheduler.is_paused = True
    with pytest.raises(Aborted):
        pull(board.scheduler, command, board.now)
    board.fail(command, Aborted("paused"))
    assert board.commands() == []
    board.scheduler.is_paused = False

    assert board.streams() == [command]


def test_discarded_take_sends_nothing_more():
    board, command = streaming(size=LEAST - 1)
    board.take(command)
    board.scheduler.discard("q1", Q1.key)

    with pytest.raises(Aborted):
        pull(board.scheduler, command, board.now)


def test_stream_of_an_upload_that_was_begun_again_is_over():
    board, command = streaming()
    board.fail(command, UploadLost("gone"))

    with pytest.raises(Aborted):
        pull(board.scheduler, command, board.now)
    board.now = board.scheduler.next_wake(board.now) or board.now
    assert [type(one) for one in board.commands()] == [OpenUpload]
    board.open(Q1)
    assert board.streams() == [command]


def test_recording_that_ended_before_it_may_begin_is_streamed_as_well():
    board = Streams(mode=UploadMode.PER_ANSWER)
    board.record(Q1, MOST + 10)
    board.open(Q1)
    assert board.commands() == []
    board.stop(Q1)

    [first] = board.streams()
    board.cut(first)
    [second] = board.streams()

    assert board.cut(second) == Part(2, MOST, 10)
