"""What is done next, across all uploads."""

import pytest

from app.contract import PartRules, UploadMode
from app.core.errors import NetworkFailed
from app.core.upload.commands import DropUpload, FinishUpload, OpenUpload, ReconcileUpload, SendPart, StoreAnswer
from app.core.upload.events import AnswerWritten, ChunkJournalled, RecordingEnded, UploadCompleted, UploadCreated
from app.core.upload.parts import Part, StoredPiece
from app.core.upload.steps import StepRefused
from tests.support.fake_store import audio, video
from tests.support.scheduling import Board, note, opened

Q1, Q2 = video("q1"), video("q2")


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


def test_short_last_part_goes_before_the_recording_is_digested_and_the_end_waits_for_the_digest():
    board = opened(13)
    board.acknowledge(Q1, *[number for _, number in board.parts()])
    board.tell(RecordingEnded(Q1))
    assert board.commands() == [SendPart(Q1, Part(2, 10, 3))]
    with pytest.raises(StepRefused):
        board.record(Q1, 1)
    board.acknowledge(Q1, 2)
    assert board.commands() == []
    board.stop(Q1)
    assert [type(command) for command in board.commands()] == [FinishUpload]


def test_undigested_recording_that_ended_before_the_store_knew_it_is_sent_whole():
    board = Board(UploadMode.PER_ANSWER, parallel_parts=8)
    board.record(Q1, 23)
    assert board.commands() == []
    board.tell(RecordingEnded(Q1))
    assert board.commands() == [OpenUpload(Q1, "video/webm")]
    board.open(Q1)
    assert board.parts() == [(Q1, 1), (Q1, 2), (Q1, 3)]


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
    finish = FinishUpload(Q1, (StoredPiece(Part(1, 0, 10), "e" * 32), StoredPiece(Part(2, 10, 10), "e" * 32)), 20)
    assert board.commands() == [finish]
    board.tell(UploadCompleted(Q1, "key", 20))
    assert board.commands() == []
    assert board.scheduler.uploads[Q1].is_completed


def test_recording_of_nothing_leaves_no_upload():
    board = Board()
    board.record(Q1, 0)
    board.stop(Q1)
    assert board.scheduler.uploads == {}
    assert board.commands() == []


def test_chunk_after_the_end_is_refused():
    board = opened(13)
    board.stop(Q1)
    with pytest.raises(StepRefused):
        board.tell(ChunkJournalled(Q1, 5, 2.0))
    assert board.scheduler.uploads[Q1].recorded == 13


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
    board.fail(first, NetworkFailed("reset"))
    assert board.parts() == [(Q1, 3)]


# Pause and modes.


def test_pause_holds_everything_back_but_what_runs():
    board = opened(30)
    board.commands()
    board.scheduler.is_paused = True
    board.acknowledge(Q1, 1)
    board.tell(AnswerWritten(note("q2", "x")))
    assert board.commands() == []
    board.scheduler.is_paused = False
    assert [type(command) for command in board.commands()] == [StoreAnswer, SendPart]


def test_retake_is_cleared_away_although_paused():
    board = opened(10)
    board.scheduler.is_paused = True
    board.scheduler.abandon("q1", "1", 1)
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
    board.scheduler.is_submitting = True
    assert board.commands() == [OpenUpload(Q1, "video/webm")]


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


def test_reply_is_awaited_until_an_end_or_a_new_beginning_overtakes_it():
    board = opened(25)
    first, second = (command for command in board.commands() if isinstance(command, SendPart))
    assert board.scheduler.awaits(first)
    board.acknowledge(Q1, first.part.number)
    assert (board.scheduler.awaits(first), board.scheduler.awaits(second)) == (False, True)
    del board.scheduler.uploads[Q1]
    board.record(Q1, 5)  # another recording of the same name
    assert not board.scheduler.awaits(second)
    assert not board.scheduler.awaits(ReconcileUpload(Q1))


def test_second_creation_is_refused():
    board = opened(25)
    with pytest.raises(StepRefused):
        board.tell(UploadCreated(Q1, "other", "key", PartRules.equal(10), is_md5_signed=False))
    created = board.scheduler.uploads[Q1].created
    assert created is not None
    assert created.handle == "upload-1"
