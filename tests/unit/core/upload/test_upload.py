"""One upload: what is recorded, cut, in flight, acknowledged, complete."""

import pytest

from app.contract import PartRules
from app.core.upload.commands import OpenUpload, SendPart
from app.core.upload.due import finishing_command, opening_command, step_of
from app.core.upload.events import RecordingStopped, UploadCreated, UploadReconciled
from app.core.upload.parts import Part
from app.core.upload.steps import StepEvent, StepRefused, StepState
from app.core.upload.upload import Upload
from tests.support.fake_store import video

REF = video()


def upload(size: int, *, is_open: bool = True) -> Upload:
    made = Upload(REF, "video/webm", 1)
    made.grow(size)
    if is_open:
        made.open(UploadCreated(REF, "upload-1", "key", PartRules.equal(10), is_md5_signed=False))
    return made


def stop(made: Upload) -> None:
    made.stop(RecordingStopped(REF, "0" * 64, 1.0))


def send_all(made: Upload) -> list[Part]:
    parts = []
    while (part := made.ready_part(0.0)) is not None:
        made.send(part)
        parts.append(part)
    return parts


def test_nothing_is_cut_before_the_store_says_how_long_a_part_is():
    made = upload(100, is_open=False)
    assert made.ready_part(0.0) is None
    assert opening_command(made, 0.0) == OpenUpload(REF, "video/webm")


def test_what_was_recorded_before_is_cut_like_what_comes_after():
    early, late = upload(100, is_open=False), upload(0)
    early.open(UploadCreated(REF, "upload-1", "key", PartRules.equal(10), is_md5_signed=False))
    late.grow(100)
    assert send_all(early) == send_all(late)


def test_parts_are_acknowledged_in_any_order():
    made = upload(25)
    stop(made)
    parts = send_all(made)
    for number in (3, 1, 2):
        assert made.acknowledge(number, "e") == parts[number - 1]
    assert made.is_acknowledged
    command = finishing_command(made, 0.0)
    assert command is not None
    assert [piece.part.number for piece in command.parts] == [1, 2, 3]


def test_journal_may_tell_that_an_unsent_part_is_acknowledged():
    made = upload(30)
    made.acknowledge(2, "e")
    assert [part.number for part in send_all(made)] == [1, 3]


def test_upload_of_a_running_recording_is_never_finished():
    made = upload(20)
    send_all(made)
    made.acknowledge(1, "e")
    made.acknowledge(2, "e")
    assert (made.is_acknowledged, finishing_command(made, 0.0)) == (False, None)


def test_new_beginning_shows_no_less_than_before():
    made = upload(20)
    send_all(made)
    made.acknowledge(1, "e")
    made.acknowledge(2, "e")
    made.begin_again()
    assert (made.parts.acknowledged_size, made.parts.shown_size) == (0, 20)
    assert (made.created, made.opening.state) == (None, StepState.WAITING)

    made.open(UploadCreated(REF, "upload-2", "key", PartRules.equal(10), is_md5_signed=False))
    send_all(made)
    made.acknowledge(1, "e")
    assert (made.parts.acknowledged_size, made.parts.shown_size) == (10, 20)


def test_new_beginning_may_cut_longer_parts():
    made = upload(25)
    made.begin_again()
    made.open(UploadCreated(REF, "upload-2", "key", PartRules.equal(20), is_md5_signed=False))
    stop(made)
    assert send_all(made) == [Part(1, 0, 20), Part(2, 20, 5)]


def test_command_of_an_earlier_beginning_has_no_step_when_parts_differ():
    made = upload(25)
    made.begin_again()
    made.open(UploadCreated(REF, "upload-2", "key", PartRules.equal(20), is_md5_signed=False))
    send_all(made)
    assert step_of(made, SendPart(REF, Part(1, 0, 10))) is None
    assert step_of(made, SendPart(REF, Part(1, 0, 20))) is not None


def test_acknowledgement_out_of_nowhere_changes_nothing():
    made = upload(25)
    send_all(made)
    with pytest.raises(StepRefused):
        made.acknowledge(3, "e")
    assert (made.parts.acknowledged, made.parts.acknowledged_size, len(made.parts.tried)) == ({}, 0, 2)


def test_part_in_flight_is_not_offered_again():
    made = upload(10)
    send_all(made)
    assert made.ready_part(1e9) is None


# What the store is asked about.


def doubted(size: int, *acknowledged: int) -> Upload:
    made = upload(size)
    stop(made)
    for number in acknowledged:
        made.acknowledge(number, "e")
    made.doubt()
    return made


def reconcile(made: Upload, *numbers: int) -> None:
    made.reconciling.on(StepEvent.STARTED)
    made.reconcile(UploadReconciled(REF, tuple((number, "e") for number in numbers)))


def test_doubted_upload_sends_and_finishes_nothing():
    assert doubted(25, 1).ready_part(0.0) is None
    assert finishing_command(doubted(25, 1, 2, 3), 0.0) is None


def test_what_the_store_has_is_acknowledged_and_the_rest_is_sent_in_order():
    made = doubted(45, 2, 4)
    reconcile(made, 1, 4)
    assert sorted(made.parts.acknowledged) == [1, 4]
    assert made.parts.acknowledged_size == 20
    assert [part.number for part in send_all(made)] == [2, 3, 5]


def test_known_parts_are_all_that_were_cut():
    assert [part.number for part in doubted(45, 2, 4).parts.known()] == [1, 2, 3, 4, 5]


def test_store_that_has_everything_leaves_only_to_finish():
    made = doubted(25, 1)
    reconcile(made, 1, 2, 3)
    assert send_all(made) == []
    assert finishing_command(made, 0.0) is not None


def test_store_that_has_less_takes_nothing_from_what_was_shown():
    made = doubted(25, 1, 2)
    reconcile(made)
    assert (made.parts.acknowledged_size, made.parts.shown_size) == (0, 20)


def test_there_is_nothing_to_ask_of_an_upload_that_is_not_open_or_complete():
    closed, complete = upload(25, is_open=False), doubted(25)
    reconcile(complete, 1, 2, 3)
    complete.finishing.on(StepEvent.SUCCEEDED)
    for made in (closed, complete):
        made.doubt()
        assert made.reconciling.state is StepState.DONE


def test_second_doubt_waits_for_the_answer_to_the_first():
    made = doubted(25)
    made.reconciling.on(StepEvent.STARTED)
    made.doubt()
    assert made.reconciling.state is StepState.IN_FLIGHT


def test_new_beginning_leaves_no_doubt():
    made = doubted(25, 1)
    made.begin_again()
    made.open(UploadCreated(REF, "upload-2", "key", PartRules.equal(10), is_md5_signed=False))
    assert [part.number for part in send_all(made)] == [1, 2, 3]
