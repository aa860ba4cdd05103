"""A candidate's sitting, from the device check to the receipt."""

import pytest

from app.contract import AnswerRecord, Track, UploadMode
from app.core.errors import (
    TicketRefused,
)
from app.core.notices import Topic
from app.core.session.actions import (
    Begin,
    CheckDevices,
    ChooseDevice,
    EditText,
    GoTo,
    Record,
    RenewTicket,
    Retake,
    Stop,
    Submit,
)
from app.core.session.answers import COUNTS_FROM_S, Phase
from tests.support.fake_store import audio, document_of, key_of, video
from tests.support.held import settle
from tests.support.sitting import BOTH_TRACKS, SPOKEN, WRITTEN, sitting

pytestmark = pytest.mark.anyio


async def test_bad_input_11_no_recording_begins_with_a_link_that_has_expired():
    async with sitting() as desk:
        recorder = await desk.record("q1", b"in time")
        desk.clock.time += 3600
        recorder.give(b", and its end")
        await desk.action(Stop("q1"))
        await desk.action(Retake("q1"), Record("q1"))
        assert (desk.phase("q1"), len(desk.media_devices.made)) == (Phase.READY, 1)
        assert Topic.TICKET_EXPIRED in desk.view.topics


async def test_row_25_renewed_ticket_tries_again_what_the_last_one_was_refused_for_and_lets_record_longer():
    async with sitting() as desk:
        desk.signer.holding = {"create"}
        recorder = await desk.record("q1", b"said")
        (await desk.signer.next_call("create")).fail(TicketRefused("401"))
        await settle()
        assert Topic.TICKET_EXPIRED in desk.view.topics
        desk.signer.holding = set()
        desk.clock.time += 3600

        await desk.action(RenewTicket(1800))
        recorder.give(b" on")
        await desk.action(Stop("q1"))

        assert Topic.TICKET_EXPIRED not in desk.view.topics
        assert desk.store.objects == {key_of(video("q1")): b"said on"}
        await desk.action(Retake("q1"), Record("q1"))
        assert desk.phase("q1") is Phase.RECORDING


async def test_whole_interview_from_the_device_check_to_the_receipt():
    async with sitting(SPOKEN, WRITTEN, BOTH_TRACKS) as desk:
        await desk.action(CheckDevices(), Begin())
        assert desk.view.question == "q1"
        await desk.answer("q1", b"spoken" * 5)
        await desk.action(GoTo("q2"), EditText("q2", "Because."), GoTo("q3"), Record("q3"))
        await desk.clock.advance(COUNTS_FROM_S)
        desk.media_devices.recorders[Track.VIDEO].give(b"picture")
        desk.media_devices.recorders[Track.AUDIO].give(b"sound")
        await settle()
        await desk.action(Stop("q3"))
        await desk.action(Submit())

        assert desk.view.receipt is not None
        by_question = {answer.question: answer for answer in desk.view.receipt.answers}
        assert by_question["q1"].tracks[Track.VIDEO].key == key_of(video("q1"))
        assert by_question["q2"].text == "Because."
        assert by_question["q3"].tracks.keys() == {Track.VIDEO, Track.AUDIO}
        assert desk.store.objects == {
            key_of(video("q1")): b"spoken" * 5,
            key_of(video("q3")): b"picture",
            key_of(audio("q3")): b"sound",
        }
        for question, answer in by_question.items():
            assert AnswerRecord.model_validate_json(desk.store.documents[document_of(question)]) == answer
        assert (desk.store.uploads, desk.journal.is_empty, desk.journal.answers) == ({}, True, {})
        assert (desk.media_devices.is_open, desk.playback.live) == (False, {})
    assert desk.is_over


async def test_answer_record_names_digest_size_and_type():
    async with sitting() as desk:
        await desk.record("q1", b"abc")
        await desk.clock.advance(2.5)
        await desk.action(Stop("q1"))
        record = AnswerRecord.model_validate_json(desk.store.documents[document_of("q1")]).tracks[Track.VIDEO]
        assert record.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        assert (record.size, record.content_type, record.duration_s) == (3, "video/webm", 3.5)


async def test_answer_record_waits_for_every_track():
    async with sitting(BOTH_TRACKS) as desk:
        desk.transport.holds_parts = True
        await desk.action(Record("q3"))
        await desk.clock.advance(COUNTS_FROM_S)
        for track in Track:
            desk.media_devices.recorders[track].give(track.value.encode())
        await desk.action(Stop("q3"))
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        first.acknowledge()
        await settle()
        assert desk.store.documents == {}
        second.acknowledge()
        await settle()
        assert desk.store.documents.keys() == {document_of("q3")}


# Device check.


async def test_interview_without_recordings_begins_with_its_first_question():
    async with sitting(WRITTEN) as desk:
        assert desk.view.question == "q2"
        assert desk.media_devices.opened == []


async def test_level_moves_during_the_device_check_only():
    async with sitting() as desk:
        await desk.clock.advance(1)
        assert desk.view.levels == []
        await desk.action(CheckDevices())
        await desk.clock.advance(1)
        assert len(desk.view.levels) >= 9
        await desk.action(Begin())
        desk.view.levels.clear()
        await desk.clock.advance(1)
        assert desk.view.levels == []


async def test_chosen_device_is_opened_and_the_other_kept():
    async with sitting() as desk:
        await desk.action(
            CheckDevices(), ChooseDevice("microphone", "microphone-2"), ChooseDevice("camera", "camera-2")
        )
        assert desk.media_devices.opened[1:] == [
            (True, "camera-1", "microphone-2"),
            (True, "camera-2", "microphone-2"),
        ]


async def test_device_is_not_changed_during_a_recording():
    async with sitting() as desk:
        await desk.record("q1", b"abc")
        before = list(desk.media_devices.opened)
        await desk.action(ChooseDevice("camera", "camera-2"))
        assert desk.media_devices.opened == before


async def test_devices_are_not_opened_anew_during_a_recording():
    async with sitting() as desk:
        await desk.record("q1", b"abc")
        before = list(desk.media_devices.opened)
        await desk.action(CheckDevices())
        assert desk.media_devices.opened == before


async def test_camera_is_closed_while_the_candidate_types():
    async with sitting() as desk:
        await desk.action(CheckDevices(), Begin())
        assert desk.media_devices.is_open
        await desk.action(GoTo("q2"))
        assert not desk.media_devices.is_open
        await desk.action(GoTo("q1"))
        assert desk.media_devices.is_open


async def test_unknown_question_is_not_gone_to():
    async with sitting() as desk:
        await desk.action(Begin(), GoTo("nowhere"), Record("nowhere"))
        assert desk.view.question == "q1"


# Modes.


async def test_bulk_sends_only_after_submit():
    async with sitting(SPOKEN, mode=UploadMode.BULK) as desk:
        await desk.answer("q1", b"x" * 25)
        assert (desk.transport.sends, desk.signer.asked) == ([], [])
        await desk.action(Submit())
        assert desk.view.receipt is not None
        assert desk.store.objects == {key_of(video("q1")): b"x" * 25}


async def test_per_answer_sends_only_after_stop():
    async with sitting(SPOKEN, mode=UploadMode.PER_ANSWER) as desk:
        await desk.record("q1", b"x" * 25)
        assert desk.transport.sends == []
        await desk.action(Stop("q1"))
        assert desk.store.objects == {key_of(video("q1")): b"x" * 25}
