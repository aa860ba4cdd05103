"""What the scheduler does while the network is away."""

import pytest

from app.core.errors import Aborted, NetworkFailed, SignerInvalid, StoreBusy, UploadLost, UrlExpired, UrlRejected
from app.core.upload.commands import DropUpload, SendPart, StoreAnswer
from app.core.upload.connectivity import FAILURES, PROBE_S
from app.core.upload.events import AnswerStored, AnswerWritten, UploadAborted
from app.core.upload.in_flight import SCOUTS
from app.core.upload.parts import Part
from app.core.upload.progress import TrackState
from tests.support.fake_store import video
from tests.support.scheduling import Board, fail_for, note, opened, sends

Q1, Q2 = video("q1"), video("q2")
RESET, BUSY = NetworkFailed("reset"), StoreBusy("busy")


def offline(size: int = 2000, parallel_parts: int = 2) -> Board:
    board = opened(size, parallel_parts)
    fail_for(board, RESET, 5)
    assert board.scheduler.is_offline
    return board


# The signer names wrong places.


def test_signer_that_misleads_is_asked_without_end_about_few_parts():
    board = opened(20_000)
    fail_for(board, SignerInvalid("another place"), 3600)
    assert not board.progress.has_failed
    assert board.progress.is_signer_invalid
    assert len(board.scheduler.uploads[Q1].parts.tried) <= SCOUTS + 1
    board.now += 60
    assert board.parts()


# The network is away.


def test_requests_without_a_reply_are_offline():
    board = opened(100, parallel_parts=FAILURES)
    for send in board.commands():
        assert not board.scheduler.is_offline
        board.fail(send, RESET)
    assert board.scheduler.is_offline
    board.stop(Q1)
    assert board.progress.tracks[0].state is TrackState.OFFLINE


def test_offline_one_part_at_a_time_looks_for_the_network():
    board = offline()
    board.now += PROBE_S
    assert len(board.parts()) == 1
    assert board.parts() == []


def test_hour_offline_costs_few_requests_and_touches_few_parts():
    board = opened(20_000)
    requests = fail_for(board, RESET, 3600)
    assert requests <= (SCOUTS + 1) * 3600 / PROBE_S
    assert len(board.scheduler.uploads[Q1].parts.tried) <= SCOUTS + 1


def test_offline_the_next_look_is_never_far_away():
    board = offline()
    for _ in range(50):
        wake = board.scheduler.next_wake(board.now)
        assert wake is not None
        assert wake - board.now <= PROBE_S
        board.now = wake
        for send in board.commands():
            board.fail(send, RESET)


def test_offline_spends_no_tries():
    board = offline()
    tried = {part.part.number: part.step.failures for part in board.scheduler.uploads[Q1].parts.tried.values()}
    fail_for(board, RESET, 600)
    assert {part.part.number: part.step.failures for part in board.scheduler.uploads[Q1].parts.tried.values()} == tried
    assert max(tried.values()) < FAILURES


def test_reply_ends_offline_and_every_wait():
    board = offline()
    board.now += PROBE_S
    (lost,) = sends(board)
    board.fail(lost, RESET)
    (probe,) = sends(board)
    board.acknowledge(Q1, probe.part.number)
    assert not board.scheduler.is_offline
    assert (Q1, lost.part.number) in board.parts(), "although it had just begun to wait"


@pytest.mark.parametrize("refusal", [BUSY, UrlExpired("403"), UploadLost("gone")])
def test_refusal_is_a_reply(refusal):
    board = offline()
    board.now += PROBE_S
    (probe,) = sends(board)
    board.fail(probe, refusal)
    assert not board.scheduler.is_offline


def test_document_that_arrives_ends_offline():
    board = offline()
    board.tell(AnswerWritten(note("q2", "words")))
    assert StoreAnswer(note("q2", "words")) in board.commands()
    board.tell(AnswerStored(note("q2", "words")))
    assert not board.scheduler.is_offline


def test_browser_that_says_offline_is_believed_until_a_reply_comes():
    board = opened(100)
    board.scheduler.set_online(is_online=False)
    (probe,) = sends(board)
    assert board.parts() == []
    board.acknowledge(Q1, probe.part.number)
    assert not board.scheduler.is_offline
    assert len(board.parts()) == 2


def test_browser_that_says_online_is_a_fresh_start():
    board = offline()
    board.scheduler.set_online(is_online=True)
    assert not board.scheduler.is_offline
    assert len(board.parts()) == 2


def test_one_part_that_never_arrives_does_not_hide_the_network_from_the_others():
    """A box on the way may cut off at the same bytes every time: that is silence, too."""
    board = offline()
    bad = min(board.scheduler.uploads[Q1].parts.tried)
    board.now += PROBE_S
    (probe,) = sends(board)
    assert probe.part.number == bad
    board.fail(probe, RESET)
    (probe,) = sends(board)
    board.acknowledge(Q1, probe.part.number)
    assert not board.scheduler.is_offline


def test_parts_that_wait_for_a_person_do_not_keep_others_from_looking_for_the_network():
    board = opened(100, parallel_parts=SCOUTS)
    for send in sends(board):
        board.fail(send, UrlRejected("no"))
    board.scheduler.set_online(is_online=False)
    assert len(board.parts()) == 1


def test_what_we_cancel_says_nothing_of_the_network():
    board = offline()
    board.now += PROBE_S
    (probe,) = sends(board)
    board.fail(probe, Aborted("given up"))
    assert board.scheduler.is_offline


def test_retake_of_what_looked_for_the_network_lets_others_look():
    board = offline(60)
    board.record(Q2, 50)
    board.open(Q2)
    fail_for(board, RESET, 2)
    board.scheduler.abandon("q1", "1", 1)
    drop, look = board.commands()
    assert drop == DropUpload(Q1)
    assert look == SendPart(Q2, Part(1, 0, 10))
    board.tell(UploadAborted(Q1))
    assert board.parts() == [(Q2, 2)], "the signer has answered: the network is there"
