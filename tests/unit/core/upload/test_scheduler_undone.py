"""What the schedule does again, or gives up: lost uploads, retakes, documents rewritten."""

from app.contract import PartRules
from app.core.errors import Aborted, NetworkFailed, UploadLost, UrlRejected
from app.core.upload.commands import DropUpload, OpenUpload, StoreAnswer
from app.core.upload.events import (
    AnswerStored,
    AnswerWritten,
    BytesSent,
    PartAcknowledged,
    UploadAborted,
    UploadCompleted,
    UploadCreated,
)
from app.core.upload.steps import StepState
from tests.support.fake_store import audio, video
from tests.support.scheduling import Board, note, opened

Q1, Q2 = video("q1"), video("q2")


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
        wake = board.scheduler.next_wake(board.now)
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
    assert board.scheduler.uploads[Q1].finishing.state is StepState.WAITING


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
    board.scheduler.abandon("q1", "1", 1)
    assert board.commands() == [DropUpload(Q1)]
    board.acknowledge(Q1, 1)
    assert board.commands() == []
    board.tell(UploadAborted(Q1))
    assert board.scheduler.uploads == {}


def test_retake_gives_up_both_tracks_and_nothing_else():
    board = Board()
    for ref in (Q1, audio("q1"), Q2):
        board.record(ref, 5)
    board.commands()
    board.scheduler.abandon("q1", "1", 1)
    assert board.commands() == [DropUpload(Q1), DropUpload(audio("q1"))]


def test_retake_forgets_the_text_of_the_old_take():
    board = Board()
    board.tell(AnswerWritten(note("q1", "x")))
    board.scheduler.abandon("q1", "1", 1)
    assert board.commands() == []
    assert board.progress.unstored == frozenset()


def test_late_news_of_a_given_up_take_is_let_pass():
    board = Board()
    board.record(Q1, 30)
    board.tell(AnswerWritten(note("q1", "x")))
    store, opening = board.commands()
    board.scheduler.abandon("q1", "1", 1)
    (drop,) = board.commands()
    board.tell(UploadAborted(Q1))
    board.tell(AnswerStored(note("q1", "x")), PartAcknowledged(Q1, 1, "e" * 32), BytesSent(Q1, 3))
    board.tell(
        UploadCreated(Q1, "upload-1", "key", PartRules.equal(10), is_md5_signed=False), UploadCompleted(Q1, "key", 30)
    )
    for command in (store, opening, drop):
        board.fail(command, NetworkFailed("reset"))
    assert board.commands() == []


def test_drop_is_tried_again():
    board = opened(10)
    board.scheduler.abandon("q1", "1", 1)
    (drop,) = board.commands()
    board.fail(drop, NetworkFailed("reset"), jitter=0.5)
    assert board.commands() == []
    board.now += 0.25
    assert board.commands() == [drop]


def test_drop_that_fails_does_not_hold_up_the_next_take():
    board = opened(30)
    board.commands()
    board.scheduler.abandon("q1", "1", 1)
    (drop,) = board.commands()
    board.fail(drop, UrlRejected("no"))
    board.record(video("q1", 2), 20)
    board.open(video("q1", 2))
    assert board.parts() == [(video("q1", 2), 1), (video("q1", 2), 2)]


def test_drop_of_an_upload_that_the_store_has_lost_is_tried_again():
    board = opened(10)
    board.scheduler.abandon("q1", "1", 1)
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
