"""What the scheduler does while the store asks for patience."""

import pytest

from app.core.errors import NetworkFailed, StoreBusy
from app.core.upload.events import AnswerStored, AnswerWritten, UploadAborted
from app.core.upload.in_flight import SCOUTS
from tests.support.fake_store import video
from tests.support.scheduling import fail_for, note, opened, sends

Q1, Q2 = video("q1"), video("q2")
RESET, BUSY = NetworkFailed("reset"), StoreBusy("busy")


def test_patience_that_was_asked_for_is_everybodys():
    board = opened(50)
    board.record(Q2, 50)
    board.open(Q2)
    first, second = sends(board)
    board.acknowledge(Q1, second.part.number)
    board.parts()
    board.fail(first, StoreBusy("busy", 20), jitter=0.0)
    board.acknowledge(Q1, 3)
    board.now += 19.9
    assert board.parts() == []
    assert board.scheduler.next_wake(board.now) == pytest.approx(board.now + 0.1)
    board.now += 0.1
    assert board.parts()[0] == (Q1, 1)


@pytest.mark.parametrize("relief", ["online", "retry", "reply"])
def test_patience_that_was_asked_for_is_never_cut_short(relief):
    board = opened(10)
    (send,) = sends(board)
    board.fail(send, StoreBusy("busy", 20), jitter=0.0)
    match relief:
        case "online":
            board.scheduler.set_online(is_online=False)
            board.scheduler.set_online(is_online=True)
        case "retry":
            board.scheduler.retry()
        case _:
            board.tell(AnswerWritten(note()), AnswerStored(note()))
    board.now += 19.9
    assert board.parts() == []
    board.now += 0.1
    assert board.parts() == [(Q1, 1)]


def test_wake_is_known_although_the_part_that_was_refused_is_gone():
    board = opened(10)
    board.record(Q2, 50)
    board.open(Q2)
    first, second = sends(board)
    board.acknowledge(Q2, second.part.number)
    board.parts()
    board.acknowledge(Q2, 2)
    board.fail(first, StoreBusy("busy", 20))
    board.scheduler.abandon("q1", "1", 1)
    board.commands()
    board.tell(UploadAborted(Q1))
    assert board.parts() == []
    assert board.scheduler.next_wake(board.now) == board.now + 20
    board.now += 20
    assert board.parts()


def test_busy_store_gets_fewer_parts_at_once_and_more_again_with_success():
    board = opened(1000, parallel_parts=4)
    first, *others = sends(board)
    for other in others:
        board.acknowledge(Q1, other.part.number)
    board.parts()
    board.fail(first, BUSY)
    for number in (5, 6, 7):
        board.acknowledge(Q1, number)
    assert len(board.parts()) == 3, "two, and one more after a round of successes"


def test_busy_store_is_asked_less_and_less_often():
    board = opened(20_000)
    early, late = fail_for(board, BUSY, 60), fail_for(board, BUSY, 600)
    assert late / 600 < early / 60
    assert late <= 600 * SCOUTS / (board.scheduler.policy.retry_cap_s / 2) + SCOUTS
    assert len(board.scheduler.uploads[Q1].parts.tried) <= SCOUTS


def test_store_that_is_patient_again_gets_new_parts():
    board = opened(20_000)
    fail_for(board, BUSY, 60)
    board.now += 60
    (send,) = sends(board)
    board.acknowledge(Q1, send.part.number)
    for send in [*sends(board), *sends(board)]:
        board.acknowledge(Q1, send.part.number)
    assert max(number for _, number in board.parts()) > SCOUTS
