"""What is done next, across all uploads."""

import pytest

from app.contract import UploadMode
from app.core.errors import Aborted, NetworkFailed, StoreBusy, UploadLost, UrlExpired, UrlRejected
from app.core.events import (
    AnswerStored,
    AnswerWritten,
    BytesSent,
    ChunkJournalled,
    DropUpload,
    FinishUpload,
    OpenUpload,
    PartAcknowledged,
    SendPart,
    StoreAnswer,
    UploadAborted,
    UploadCompleted,
    UploadCreated,
)
from app.core.parts import Part
from app.core.retry import FRESH_URLS
from app.core.steps import StepRefused, StepState
from tests.core.scheduling import Board, note
from tests.fake_store import audio, video

Q1, Q2 = video("q1"), video("q2")


def opened(size: int, parallel_parts: int = 2) -> Board:
    """Begin one upload of `size` recorded bytes, known to the store."""
    board = Board(parallel_parts=parallel_parts)
    board.record(Q1, size)
    board.open(Q1)
    return board


# The way of one upload.


def test_upload_is_opened_for_its_first_byte():
    board = Board()
    board.record(Q1, 0)
    assert board.commands() == []
    board.record(Q1, 1)
    assert board.commands() == [OpenUpload(Q1, "video/webm")]
    assert board.commands() == []


def test_parts_go_while_the_recording_goes_on():
    board = opened(25)
    assert board.parts() == [(Q1, 1), (Q1, 2)]
    board.acknowledge(Q1, 1, 2)
    assert board.parts() == []
    board.record(Q1, 5)
    assert board.parts() == [(Q1, 3)]


def test_short_last_part_goes_after_the_end_only():
    board = opened(13)
    board.acknowledge(Q1, *[number for _, number in board.parts()])
    assert board.parts() == []
    board.stop(Q1)
    assert board.commands() == [SendPart(Q1, Part(2, 10, 3))]


def test_recording_that_ended_before_the_store_knew_it_is_sent_whole():
    board = Board(parallel_parts=8)
    board.recorded(Q1, 23)
    board.open(Q1)
    assert board.parts() == [(Q1, 1), (Q1, 2), (Q1, 3)]


def test_upload_is_finished_once_every_byte_of_an_ended_recording_is_acknowledged():
    board = opened(20)
    board.commands()
    board.acknowledge(Q1, 2, 1)
    assert board.commands() == []  # it may still grow
    board.stop(Q1)
    finish = FinishUpload(Q1, ((Part(1, 0, 10), "e" * 32), (Part(2, 10, 10), "e" * 32)), 20)
    assert board.commands() == [finish]
    board.tell(UploadCompleted(Q1, "key", 20))
    assert board.commands() == []
    assert board.schedule.uploads[Q1].is_completed


def test_recording_of_nothing_leaves_no_upload():
    board = Board()
    board.record(Q1, 0)
    board.stop(Q1)
    assert board.schedule.uploads == {}
    assert board.commands() == []


def test_chunk_after_the_end_is_refused():
    board = opened(13)
    board.stop(Q1)
    with pytest.raises(StepRefused):
        board.tell(ChunkJournalled(Q1, 5, 2.0))
    assert board.schedule.uploads[Q1].recorded == 13


# Who goes first.


@pytest.mark.parametrize("parallel_parts", [1, 2, 5])
def test_never_more_in_flight_than_allowed(parallel_parts):
    board = opened(100, parallel_parts)
    assert len(board.parts()) == parallel_parts
    assert board.parts() == []
    board.acknowledge(Q1, 1)
    assert len(board.parts()) == 1


def test_oldest_answer_goes_first():
    board = Board()
    for ref in (Q1, Q2):
        board.recorded(ref, 30)
    for ref in (Q1, Q2):
        board.open(ref)
    order = []
    while sending := board.parts():
        order += sending
        for ref, number in sending:
            board.acknowledge(ref, number)
    assert order == [(Q1, 1), (Q1, 2), (Q1, 3), (Q2, 1), (Q2, 2), (Q2, 3)]


def test_next_answer_uses_what_the_oldest_leaves():
    board = opened(10)
    board.record(Q2, 20)
    board.open(Q2)
    assert board.parts() == [(Q1, 1), (Q2, 1)]


def test_two_tracks_of_an_answer_advance_together():
    board = Board(parallel_parts=1)
    board.record(Q1, 80)
    board.record(audio("q1"), 20)
    board.open(Q1)
    board.open(audio("q1"))
    order = []
    while sending := board.parts():
        order += sending
        for ref, number in sending:
            board.acknowledge(ref, number)
    place = [index for index, (ref, _) in enumerate(order) if ref == audio("q1")]
    assert len(order) == 10
    assert place[0] <= 2, "the small track began with the large one"
    assert place[1] in range(4, 7), "and was half done with it"


def test_small_things_go_before_parts():
    board = opened(20)
    board.tell(AnswerWritten(note("q2", "Because.")))
    board.record(Q2, 1)
    kinds = [type(command) for command in board.commands()]
    assert kinds == [StoreAnswer, OpenUpload, SendPart, SendPart]


def test_part_that_failed_goes_before_new_ones():
    board = opened(50)
    first, _ = board.commands()
    board.fail(first, NetworkFailed("reset"), jitter=0.0)
    assert board.parts() == [(Q1, 1)]


def test_others_go_on_while_one_waits():
    board = opened(50)
    first, _ = board.commands()
    board.fail(first, StoreBusy("busy", 20))
    assert board.parts() == [(Q1, 3)]


# Waiting.


def test_failed_part_waits_its_time_and_the_wake_is_named():
    board = opened(10)
    (send,) = board.commands()
    board.fail(send, NetworkFailed("reset"), jitter=0.5)
    assert board.commands() == []
    assert board.schedule.next_wake(board.now) == 100.25
    board.now = 100.25
    assert board.commands() == [send]
    assert board.schedule.next_wake(board.now) is None


def test_nearest_of_several_waits_is_named():
    board = opened(20)
    first, second = board.commands()
    board.fail(first, StoreBusy("busy", 20), jitter=0.0)
    board.fail(second, StoreBusy("busy", 5), jitter=0.0)
    assert board.schedule.next_wake(board.now) == 105


def test_waits_grow_with_failures_and_shrink_after_success():
    board = opened(20, parallel_parts=1)
    waits = []
    for _ in range(4):
        (send,) = board.commands()
        board.fail(send, NetworkFailed("reset"), jitter=0.5)
        wake = board.schedule.next_wake(board.now) or 0.0
        waits.append(wake - board.now)
        board.now = wake
    assert waits == [0.25, 0.5, 1.0, 2.0]
    board.commands()
    board.acknowledge(Q1, 1)
    (send,) = board.commands()
    board.fail(send, NetworkFailed("reset"), jitter=0.5)
    assert board.schedule.next_wake(board.now) == board.now + 0.25


def test_refused_urls_in_a_row_wait_for_a_person():
    board = opened(10)
    for _ in range(FRESH_URLS + 1):
        (send,) = board.commands()
        board.fail(send, UrlExpired("403"))
        board.now += 100
    assert board.commands() == []
    assert board.progress.has_failed


def test_one_refused_url_after_a_long_outage_is_simply_signed_again():
    board = opened(10)
    for _ in range(FRESH_URLS + 3):
        (send,) = board.commands()
        board.fail(send, NetworkFailed("offline"))
        board.now += 100
    (send,) = board.commands()
    board.fail(send, UrlExpired("403"))
    assert board.commands() == [send]


def test_returning_network_cuts_every_wait_short():
    board = opened(10)
    (send,) = board.commands()
    board.schedule.set_online(is_online=False)
    board.fail(send, NetworkFailed("offline"), jitter=0.9)
    assert board.commands() == []
    board.schedule.set_online(is_online=True)
    assert board.commands() == [send]


def test_offline_is_not_taken_at_its_word():
    board = opened(10)
    board.schedule.set_online(is_online=False)
    assert board.parts() == [(Q1, 1)]


def test_fatal_waits_for_the_candidate():
    board = opened(10)
    (send,) = board.commands()
    board.fail(send, UrlRejected("no"))
    board.now += 10_000
    assert board.commands() == []
    assert board.schedule.next_wake(board.now) is None
    board.schedule.retry()
    assert board.commands() == [send]


def test_retry_does_not_send_twice_what_is_on_its_way():
    board = opened(20)
    board.commands()
    board.schedule.retry()
    assert board.commands() == []


# Pause and modes.


def test_pause_holds_everything_back_but_what_runs():
    board = opened(30)
    board.commands()
    board.schedule.is_paused = True
    board.acknowledge(Q1, 1)
    board.tell(AnswerWritten(note("q2", "x")))
    assert board.commands() == []
    board.schedule.is_paused = False
    assert [type(command) for command in board.commands()] == [StoreAnswer, SendPart]


def test_retake_is_cleared_away_although_paused():
    board = opened(10)
    board.schedule.is_paused = True
    board.schedule.give_up("q1", 1)
    assert board.commands() == [DropUpload(Q1)]


def test_per_answer_begins_when_the_recording_has_ended():
    board = Board(UploadMode.PER_ANSWER)
    board.record(Q1, 30)
    assert board.commands() == []
    board.stop(Q1)
    assert board.commands() == [OpenUpload(Q1, "video/webm")]


def test_bulk_begins_when_everything_is_submitted():
    board = Board(UploadMode.BULK)
    board.recorded(Q1, 30)
    board.tell(AnswerWritten(note("q2", "words go at once")))
    assert [type(command) for command in board.commands()] == [StoreAnswer]
    board.schedule.is_submitting = True
    assert board.commands() == [OpenUpload(Q1, "video/webm")]


# The store has lost an upload.


def test_lost_upload_begins_again_and_sends_everything():
    board = opened(30, parallel_parts=3)
    first, *_ = board.commands()
    board.acknowledge(Q1, 2, 3)
    board.fail(first, UploadLost("gone"), jitter=0.0)
    assert board.commands() == [OpenUpload(Q1, "video/webm")]
    board.open(Q1)
    assert board.parts() == [(Q1, 1), (Q1, 2), (Q1, 3)]


def test_lost_upload_frees_its_places_in_flight():
    board = opened(30)
    first, _ = board.commands()
    board.fail(first, UploadLost("gone"), jitter=0.0)
    board.open(Q1)
    assert board.parts() == [(Q1, 1), (Q1, 2)]


def test_second_failure_of_a_lost_upload_changes_nothing():
    board = opened(30)
    first, second = board.commands()
    board.fail(first, UploadLost("gone"), jitter=0.0)
    board.fail(second, UploadLost("gone"), jitter=0.0)
    board.fail(second, NetworkFailed("reset"), jitter=0.0)
    assert board.commands() == [OpenUpload(Q1, "video/webm")]


def test_upload_that_is_lost_again_and_again_is_not_begun_in_a_rush():
    board = opened(10)
    starts = []
    for _ in range(5):
        (send,) = board.commands()
        board.fail(send, UploadLost("gone"), jitter=0.5)
        wake = board.schedule.next_wake(board.now)
        starts.append((wake or board.now) - board.now)
        board.now = wake or board.now
        assert board.commands() == [OpenUpload(Q1, "video/webm")]
        board.open(Q1)
    assert starts == [0.25, 0.5, 1.0, 2.0, 4.0]


def test_upload_lost_while_finishing_begins_again():
    board = opened(10)
    board.stop(Q1)
    board.commands()
    board.acknowledge(Q1, 1)
    (finish,) = board.commands()
    board.fail(finish, UploadLost("gone"), jitter=0.0)
    assert board.commands() == [OpenUpload(Q1, "video/webm")]
    assert board.schedule.uploads[Q1].finishing.state is StepState.WAITING


def test_opening_that_finds_no_upload_is_an_ordinary_failure():
    """A signer has no reason to say so; the page must not break over it."""
    board = Board()
    board.record(Q1, 10)
    (opening,) = board.commands()
    board.fail(opening, UploadLost("gone"), jitter=0.0)
    assert board.commands() == [opening]


# Retakes.


def test_retake_drops_the_upload_and_sends_no_more_of_it():
    board = opened(30)
    board.commands()
    board.schedule.give_up("q1", 1)
    assert board.commands() == [DropUpload(Q1)]
    board.acknowledge(Q1, 1)
    assert board.commands() == []
    board.tell(UploadAborted(Q1))
    assert board.schedule.uploads == {}


def test_retake_gives_up_both_tracks_and_nothing_else():
    board = Board()
    for ref in (Q1, audio("q1"), Q2):
        board.record(ref, 5)
    board.commands()
    board.schedule.give_up("q1", 1)
    assert board.commands() == [DropUpload(Q1), DropUpload(audio("q1"))]


def test_retake_forgets_the_text_of_the_old_take():
    board = Board()
    board.tell(AnswerWritten(note("q1", "x")))
    board.schedule.give_up("q1", 1)
    assert board.commands() == []
    assert board.progress.unstored == frozenset()


def test_late_news_of_a_given_up_take_is_let_pass():
    board = Board()
    board.record(Q1, 30)
    board.tell(AnswerWritten(note("q1", "x")))
    store, opening = board.commands()
    board.schedule.give_up("q1", 1)
    (drop,) = board.commands()
    board.tell(UploadAborted(Q1))
    board.tell(AnswerStored(note("q1", "x")), PartAcknowledged(Q1, 1, "e" * 32), BytesSent(Q1, 3))
    board.tell(UploadCreated(Q1, "upload-1", "key", 10, is_md5_signed=False), UploadCompleted(Q1, "key", 30))
    for command in (store, opening, drop):
        board.fail(command, NetworkFailed("reset"))
    assert board.commands() == []


def test_drop_is_tried_again():
    board = opened(10)
    board.schedule.give_up("q1", 1)
    (drop,) = board.commands()
    board.fail(drop, NetworkFailed("reset"), jitter=0.5)
    assert board.commands() == []
    board.now += 0.25
    assert board.commands() == [drop]


def test_drop_that_fails_does_not_hold_up_the_next_take():
    board = opened(30)
    board.commands()
    board.schedule.give_up("q1", 1)
    (drop,) = board.commands()
    board.fail(drop, UrlRejected("no"))
    board.record(video("q1", 2), 20)
    board.open(video("q1", 2))
    assert board.parts() == [(video("q1", 2), 1), (video("q1", 2), 2)]


def test_drop_of_an_upload_that_the_store_has_lost_is_tried_again():
    board = opened(10)
    board.schedule.give_up("q1", 1)
    (drop,) = board.commands()
    board.fail(drop, UploadLost("gone"), jitter=0.0)
    assert board.commands() == [drop]


def test_our_own_abort_sends_the_part_again_at_once():
    board = opened(10)
    (send,) = board.commands()
    board.fail(send, Aborted("cancelled"))
    assert board.commands() == [send]


# Documents.


def test_document_is_stored_once():
    board = Board()
    board.tell(AnswerWritten(note("q1", "a")))
    assert board.commands() == [StoreAnswer(note("q1", "a"))]
    board.tell(AnswerStored(note("q1", "a")))
    assert board.commands() == []


def test_document_rewritten_while_in_flight_is_stored_again_in_its_last_state():
    board = Board()
    board.tell(AnswerWritten(note("q1", "a")))
    board.commands()
    board.tell(AnswerWritten(note("q1", "ab")), AnswerWritten(note("q1", "abc")))
    assert board.commands() == []
    board.tell(AnswerStored(note("q1", "a")))
    assert board.commands() == [StoreAnswer(note("q1", "abc"))]
    board.tell(AnswerStored(note("q1", "abc")))
    assert board.commands() == []


def test_document_rewritten_to_what_is_on_its_way_is_not_stored_twice():
    board = Board()
    board.tell(AnswerWritten(note("q1", "a")))
    board.commands()
    board.tell(AnswerWritten(note("q1", "ab")), AnswerWritten(note("q1", "a")))
    board.tell(AnswerStored(note("q1", "a")))
    assert board.commands() == []


def test_failed_document_is_sent_in_its_newest_state():
    board = Board()
    board.tell(AnswerWritten(note("q1", "a")))
    (store,) = board.commands()
    board.tell(AnswerWritten(note("q1", "ab")))
    board.fail(store, NetworkFailed("reset"), jitter=0.0)
    assert board.commands() == [StoreAnswer(note("q1", "ab"))]


def test_rewriting_a_refused_document_tries_it_anew():
    board = Board()
    board.tell(AnswerWritten(note("q1", "a")))
    (store,) = board.commands()
    board.fail(store, UrlRejected("no"))
    assert board.commands() == []
    board.tell(AnswerWritten(note("q1", "b")))
    assert board.commands() == [StoreAnswer(note("q1", "b"))]


# What cannot be true.


def test_acknowledgement_of_a_part_that_was_never_cut_is_refused_and_changes_nothing():
    board = opened(25)
    board.commands()
    before = board.progress
    for number in (0, 3, 99):
        with pytest.raises(StepRefused):
            board.acknowledge(Q1, number)
    assert board.progress == before


def test_second_acknowledgement_of_a_part_is_refused_and_changes_nothing():
    board = opened(25)
    board.commands()
    board.acknowledge(Q1, 1)
    before = board.progress
    with pytest.raises(StepRefused):
        board.acknowledge(Q1, 1)
    assert board.progress == before


def test_second_creation_is_refused():
    board = opened(25)
    with pytest.raises(StepRefused):
        board.tell(UploadCreated(Q1, "other", "key", 10, is_md5_signed=False))
    created = board.schedule.uploads[Q1].created
    assert created is not None
    assert created.handle == "upload-1"
