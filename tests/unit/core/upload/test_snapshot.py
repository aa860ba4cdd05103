"""The figures and states that the page shows."""

import pytest

from app.contract import PartRules, UploadMode
from app.core.errors import CaptivePortal, NetworkFailed, UploadLost, UrlRejected
from app.core.upload.events import (
    AnswerStored,
    AnswerWritten,
    BytesSent,
    ChunkJournalled,
    Restored,
    UploadCreated,
)
from app.core.upload.progress import TrackState, percent_of
from tests.support.fake_store import audio, video
from tests.support.scheduling import Board, note

Q1 = video("q1")


def state(board: Board) -> TrackState:
    return board.progress.tracks[0].state


def test_states_of_an_upload_from_its_first_byte_to_its_object():
    board = Board()
    board.record(Q1, 10)
    assert state(board) is TrackState.RECORDING
    board.stop(Q1)
    assert state(board) is TrackState.QUEUED
    (opening,) = board.commands()
    assert state(board) is TrackState.UPLOADING
    board.fail(opening, NetworkFailed("The connection broke off."), jitter=0.0)
    assert state(board) is TrackState.RETRYING
    assert board.progress.tracks[0].problem == "The connection broke off."
    board.commands()
    board.open(Q1)
    assert state(board) is TrackState.QUEUED
    board.commands()
    board.acknowledge(Q1, 1)
    assert state(board) is TrackState.QUEUED
    board.commands()
    assert state(board) is TrackState.UPLOADING
    board.complete(Q1)
    assert state(board) is TrackState.COMPLETED


def test_failure_is_shown_even_while_recording():
    board = Board()
    board.record(Q1, 10)
    (opening,) = board.commands()
    board.fail(opening, UrlRejected("The signer answered 422."))
    assert state(board) is TrackState.FAILED
    assert board.progress.has_failed


@pytest.mark.parametrize(
    ("is_paused", "is_online", "expected"),
    [(True, True, TrackState.PAUSED), (False, False, TrackState.OFFLINE), (True, False, TrackState.PAUSED)],
)
def test_reason_for_standing_still_is_shown(is_paused, is_online, expected):
    board = Board()
    board.recorded(Q1, 10)
    board.scheduler.is_paused = is_paused
    board.scheduler.set_online(is_online)
    assert state(board) is expected


def test_completed_stays_completed_when_paused_or_offline():
    board = Board()
    board.recorded(Q1, 10)
    board.open(Q1)
    board.commands()
    board.acknowledge(Q1, 1)
    board.complete(Q1)
    board.scheduler.is_paused = True
    board.scheduler.set_online(is_online=False)
    assert state(board) is TrackState.COMPLETED


def test_sums_count_what_is_acknowledged_not_what_was_sent():
    board = Board()
    board.recorded(Q1, 30)
    board.open(Q1)
    board.commands()
    board.tell(BytesSent(Q1, 20))
    assert (board.progress.acknowledged, board.progress.backlog, board.progress.percent) == (0, 30, 0)
    board.acknowledge(Q1, 1)
    assert (board.progress.acknowledged, board.progress.backlog, board.progress.percent) == (10, 20, 33)


def test_progress_does_not_run_backwards_when_the_store_loses_an_upload():
    board = Board()
    board.recorded(Q1, 30)
    board.open(Q1)
    _, second = board.commands()
    board.acknowledge(Q1, 1)
    board.fail(second, UploadLost("gone"))
    progress = board.progress
    assert (progress.acknowledged, progress.tracks[0].acknowledged, progress.tracks[0].percent) == (10, 10, 33)
    assert progress.backlog == 20, "what is stored and what is left do not add up"


def test_hundred_percent_is_never_said_early():
    assert percent_of(999_999, 1_000_000) == 99
    assert percent_of(10, 10) == 100
    assert percent_of(0, 0) == 0


def test_nothing_recorded_and_nothing_written_is_safe():
    assert Board().progress.is_safe


def test_answer_is_safe_only_when_its_object_is_complete():
    board = Board()
    board.recorded(Q1, 10)
    assert not board.progress.is_safe
    board.open(Q1)
    board.commands()
    board.acknowledge(Q1, 1)
    assert not board.progress.is_safe
    board.complete(Q1)
    assert board.progress.is_safe


def test_words_are_safe_only_when_stored_as_they_stand():
    board = Board()
    board.tell(AnswerWritten(note("q2", "a")))
    board.commands()
    board.tell(AnswerWritten(note("q2", "ab")))
    board.tell(AnswerStored(note("q2", "a")))
    assert (board.progress.is_safe, board.progress.unstored) == (False, frozenset({"q2"}))
    board.commands()
    board.tell(AnswerStored(note("q2", "ab")))
    assert (board.progress.is_safe, board.progress.unstored) == (True, frozenset())


def test_given_up_take_is_neither_shown_nor_waited_for():
    board = Board()
    board.recorded(Q1, 10)
    board.scheduler.abandon("q1", "1", 1)
    progress = board.progress
    assert (progress.tracks, progress.recorded, progress.is_safe) == ((), 0, True)


def test_time_left_needs_a_speed_and_a_way_to_go():
    board = Board(UploadMode.PER_ANSWER, parallel_parts=1)
    board.recorded(Q1, 30)
    board.open(Q1)
    assert (board.progress.bytes_per_second, board.progress.remaining_s) == (None, None)
    board.commands()
    board.now += 1.0
    board.tell(BytesSent(Q1, 10))
    board.acknowledge(Q1, 1)
    assert board.progress.bytes_per_second == pytest.approx(10)
    assert board.progress.remaining_s == pytest.approx(2)
    board.scheduler.is_paused = True
    assert board.progress.remaining_s is None
    board.scheduler.is_paused = False
    board.scheduler.set_online(is_online=False)
    assert board.progress.remaining_s is None


def test_time_between_answers_does_not_slow_the_speed():
    board = Board(parallel_parts=1)
    board.recorded(Q1, 10)
    board.open(Q1)
    board.commands()
    board.now += 1.0
    board.tell(BytesSent(Q1, 10))
    board.acknowledge(Q1, 1)
    board.now += 3600
    board.record(video("q2"), 10)
    assert board.progress.bytes_per_second == pytest.approx(10)


def test_each_track_has_its_own_row():
    board = Board()
    board.record(Q1, 10)
    board.recorded(audio("q1"), 4)
    rows = board.progress.tracks
    assert [(row.upload, row.recorded, row.is_recording) for row in rows] == [
        (Q1, 10, True),
        (audio("q1"), 4, False),
    ]


def test_silence_in_flight_is_seen_in_the_figures():
    board = Board(parallel_parts=1)
    board.recorded(Q1, 100)
    board.open(Q1)
    board.commands()
    board.now += 1.0
    board.tell(BytesSent(Q1, 10))
    lively = board.progress
    board.now += 60
    assert (board.progress.bytes_per_second or 0) < (lively.bytes_per_second or 0) / 100
    assert (board.progress.remaining_s or 0) > (lively.remaining_s or 0) * 100


def test_sign_in_page_is_told_apart_from_no_network():
    board = Board(parallel_parts=3)
    board.recorded(Q1, 30)
    board.open(Q1)
    for command in board.commands():
        assert not board.progress.is_captive_portal
        board.fail(command, CaptivePortal("The store answered 200."))
    assert (board.progress.is_captive_portal, board.progress.is_offline, board.progress.acknowledged) == (True, True, 0)


def test_upload_that_is_compared_with_the_store_is_under_way():
    board = Board()
    board.recorded(Q1, 30)
    board.open(Q1)
    board.tell(Restored())
    assert state(board) is TrackState.QUEUED
    (reconcile,) = board.commands()
    assert state(board) is TrackState.UPLOADING
    board.fail(reconcile, UrlRejected("The signer answered 422."))
    assert (state(board), board.progress.has_failed) == (TrackState.FAILED, True)


def test_what_waits_for_the_line_leaves_out_what_is_under_way():
    board = Board()
    board.record(Q1, 35)
    board.open(Q1)
    assert board.progress.unsent == 25, "the last ten bytes wait for a whole part, not for the line"
    board.commands()  # two parts of ten bytes each are sent
    board.tell(BytesSent(Q1, 6, number=1), BytesSent(Q1, 9, number=2))
    assert board.progress.unsent == 10
    board.acknowledge(Q1, 1)
    assert (board.progress.unsent, board.progress.backlog) == (6, 25)


def test_what_was_sent_in_vain_waits_again():
    board = Board()
    board.recorded(Q1, 20)
    board.open(Q1)
    first, second = board.commands()
    board.tell(BytesSent(Q1, 10, number=1), BytesSent(Q1, 4, number=2), BytesSent(Q1, 999, number=2))
    assert board.progress.unsent == 0, "no part can be sent more than once in one try"
    board.fail(first, NetworkFailed("reset"), jitter=0.5)
    board.fail(second, NetworkFailed("reset"), jitter=0.5)
    assert board.progress.unsent == 20


def test_what_has_failed_waits_for_no_line():
    board = Board()
    board.recorded(Q1, 20)
    board.open(Q1)
    for command in board.commands():
        board.fail(command, UrlRejected("The store answered 403."))
    assert state(board) is TrackState.FAILED
    assert (board.progress.unsent, board.progress.backlog) == (0, 20)


def test_a_stream_counts_as_sent_what_it_has_taken():
    board = Board()
    board.record(Q1, 30)
    upload = board.scheduler.uploads[Q1]
    rules = PartRules(min_bytes=1, max_bytes=100, is_streamed=True)
    board.tell(UploadCreated(Q1, "upload-1", "key", rules, is_md5_signed=False))
    board.commands()
    opened = upload.streaming.open
    assert opened is not None
    opened.next(30, 0.0, has_ended=False)
    assert board.progress.unsent == 0
    board.tell(ChunkJournalled(Q1, 12, 1.0))
    assert board.progress.unsent == 12
