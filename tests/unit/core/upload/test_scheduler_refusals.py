"""What a store refuses is tried in smaller parts, then rarely, and told; a network that is away is no refusal."""

import pytest

from app.contract import TroubleKind
from app.core.errors import BodyTooLarge, StoreSilent, StoreUnable, UploadLost, UrlExpired
from app.core.upload.commands import OpenUpload, ProbeEndpoints, SendPart, StoreAnswer
from app.core.upload.connectivity import PROBE_S
from app.core.upload.events import AnswerWritten, EndpointsProbed
from app.core.upload.in_flight import SCOUTS
from app.core.upload.progress import TrackState
from app.core.upload.refusals import Reached
from app.core.upload.retry import FRESH_URLS, refused_wait_s
from app.core.upload.scheduler import LOOK_AGAIN_S
from tests.support.fake_store import video
from tests.support.gateway import BOTH, Gateway, answer
from tests.support.scheduling import PART, note, opened

Q1, Q2 = video("q1"), video("q2")
SILENT = StoreSilent("no reply")
SIGNER, NOBODY = Reached(True, False), Reached(False, False)


@pytest.mark.parametrize("error", [BodyTooLarge("413"), SILENT])
def test_parts_are_made_smaller_until_they_pass_and_the_size_is_remembered(error):
    board = Gateway(takes=25)
    answer(board, error, 60)
    assert board.opened == [None, 40, 20]
    assert board.upload.parts.acknowledged_size == 1000
    assert not board.progress.has_failed

    board.record(Q2, 100)
    answer(board, error, 1)
    assert board.opened[3:] == [20]


@pytest.mark.parametrize(
    ("error", "kind"), [(BodyTooLarge("The store answered 413."), TroubleKind.TOO_LARGE), (SILENT, TroubleKind.BLOCKED)]
)
def test_refused_at_the_smallest_size_is_told_and_tried_again_rarely(error, kind):
    board = Gateway(takes=0, floor=40)
    answer(board, error, 60)
    assert board.opened == [None, 40, 20], "the signer gave no smaller ones the last time"
    [refusal] = board.progress.refusals
    assert (refusal.kind, refusal.question, refusal.track, refusal.part_bytes) == (kind, "q1", Q1.track, 40)
    assert (board.progress.has_failed, board.progress.is_offline) == (True, False)
    assert board.progress.tracks[0].state is TrackState.FAILED

    sent = answer(board, error, 3600)
    assert 0 < len(sent) <= 3600 / refused_wait_s(board.scheduler.policy) + 1
    assert board.progress.has_failed

    board.takes = 80
    answer(board, error, refused_wait_s(board.scheduler.policy) + 1)
    assert board.upload.parts.acknowledged_size == 1000
    assert not board.progress.has_failed
    assert board.progress.refusals == ()


def test_one_413_among_parts_that_arrive_throws_nothing_away():
    board = opened(100)
    first, second = (command for command in board.commands() if isinstance(command, SendPart))
    board.acknowledge(Q1, first.part.number)
    for _ in range(FRESH_URLS):
        board.fail(second, BodyTooLarge("413"))
        board.now += 30
        assert second in board.commands()
    board.fail(second, BodyTooLarge("413"))
    assert board.progress.acknowledged == PART
    assert board.scheduler.uploads[Q1].created is not None, "what has arrived is given up, and may be nowhere else"
    assert [refusal.kind for refusal in board.progress.refusals] == [TroubleKind.TOO_LARGE]


def test_silence_makes_no_parts_smaller_once_one_has_arrived():
    board = Gateway(takes=80)
    answer(board, SILENT, 1)
    board.takes = 0
    board.record(Q1, 1000)
    answer(board, SILENT, 60)
    assert board.opened == [None]
    assert board.upload.parts.acknowledged_size == 960
    assert [refusal.kind for refusal in board.progress.refusals] == [TroubleKind.BLOCKED]


@pytest.mark.parametrize("reached", [SIGNER, NOBODY])
def test_silence_that_is_explained_is_looked_through_for_ever_and_refuses_nothing(reached):
    board = Gateway()
    sent = answer(board, SILENT, 3600, reached)
    assert board.opened == [None]
    assert not board.progress.has_failed
    assert board.progress.is_offline is (reached is NOBODY)
    assert board.progress.is_store_away is (reached is SIGNER)
    assert len(sent) <= (SCOUTS + 1) * 3600 / PROBE_S
    assert len(board.upload.parts.tried) <= SCOUTS + 1
    board.takes = 80
    answer(board, SILENT, 2 * PROBE_S)
    assert board.upload.parts.acknowledged_size
    assert not board.progress.is_offline
    assert not board.progress.is_store_away


def test_offline_is_never_said_of_a_store_that_answers_a_look():
    board = opened(100)
    for _ in range(200):
        for command in board.commands():
            if isinstance(command, ProbeEndpoints):
                board.tell(EndpointsProbed(BOTH))
            else:
                board.fail(command, SILENT)
            assert not board.progress.is_offline
        board.now += 0.5


def test_looks_have_a_pause_between_them():
    board = Gateway(floor=80)
    looks = 0
    for _ in range(600):
        for command in board.commands():
            if isinstance(command, ProbeEndpoints):
                looks += 1
                board.tell(EndpointsProbed(SIGNER))
            elif isinstance(command, OpenUpload):
                board.open(Q1)
            else:
                board.fail(command, SILENT)
        board.now += 0.1
    assert 1 < looks <= 60 / LOOK_AGAIN_S + 1


def test_record_that_is_blocked_is_told_although_recordings_arrive_and_words_are_typed():
    board = opened(10)
    board.tell(AnswerWritten(note("q1", "a")))
    for turn in range(40):
        for command in board.commands():
            if isinstance(command, ProbeEndpoints):
                board.tell(EndpointsProbed(BOTH))
            elif isinstance(command, StoreAnswer):
                board.fail(command, SILENT)
            elif isinstance(command, SendPart):
                board.acknowledge(Q1, command.part.number)
        board.record(Q1, 10)
        board.tell(AnswerWritten(note("q1", "a" * turn)))
        board.now += 5
    [refusal] = board.progress.refusals
    assert (refusal.kind, refusal.question, refusal.track) == (TroubleKind.BLOCKED, "q1", None)
    assert board.progress.tracks[0].state is TrackState.RECORDING, "the recording itself gets through"
    board.now += 2 * refused_wait_s(board.scheduler.policy)
    [again] = [command for command in board.commands() if isinstance(command, StoreAnswer)]
    assert again.record.text == "a" * 39


@pytest.mark.parametrize("error", [StoreUnable("The store answered 507."), UrlExpired("The store answered 403.")])
def test_store_that_cannot_or_forbids_is_asked_a_few_times_and_then_told(error):
    board = Gateway()
    answer(board, error, 120)
    [refusal] = board.progress.refusals
    assert refusal.sentence == str(error)
    sent = answer(board, error, 3600)
    assert len(sent) <= 3600 / refused_wait_s(board.scheduler.policy) + 1


def test_one_refused_part_asks_for_all_of_its_upload_and_for_no_other():
    board = Gateway(floor=80)
    answer(board, BodyTooLarge("413"), 60)
    board.takes = 79
    board.record(Q2, 60)
    board.stop(Q2)
    sent = answer(board, BodyTooLarge("413"), 130)
    assert {command.part.number for command in sent} <= {1, 2}
    assert board.scheduler.uploads[Q2].is_acknowledged


def test_return_of_the_network_and_retry_try_what_is_refused_at_once():
    board = Gateway(floor=80)
    answer(board, BodyTooLarge("413"), 10)
    assert board.parts() == []
    board.scheduler.skip_backoff()
    assert board.parts() != []


@pytest.mark.parametrize("word", ["501 (NotImplemented)", "404 (NoSuchUpload)"])
def test_store_that_gives_up_every_upload_before_a_part_has_arrived_is_told(word):
    board = Gateway()
    answer(board, UploadLost(f"The store answered {word}."), 600)
    [refusal] = board.progress.refusals
    assert (refusal.kind, refusal.sentence) == (TroubleKind.UNABLE, f"The store answered {word}.")
    begun = len(board.opened)
    answer(board, UploadLost(f"The store answered {word}."), 3600)
    assert 0 < len(board.opened) - begun <= 3600 / refused_wait_s(board.scheduler.policy) + 1

    board.takes = 80
    answer(board, UploadLost("gone"), refused_wait_s(board.scheduler.policy) + 1)
    assert board.upload.parts.acknowledged_size == 960
    assert board.progress.refusals == ()


def test_store_that_takes_parts_between_its_losses_is_not_told():
    board = Gateway(takes=80)
    for _ in range(4 * FRESH_URLS):
        answer(board, UploadLost("gone"), 60)
        board.takes, before = 0, board.takes
        board.record(Q1, 80)
        answer(board, UploadLost("gone"), 0.05)
        board.takes = before
    assert board.progress.refusals == ()
