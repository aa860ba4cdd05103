"""Another device has stored this take meanwhile: the recording is stored all the same, under the next free number."""

from typing import Any

import pytest

from app.contract import AnswerRecord, Track, TrackRecord
from app.contract.reasons import Reason
from app.core.errors import TakenOver, TicketRefused, UrlRejected
from app.core.notices import Notice, Topic
from app.core.session.actions import Record, Retake, Stop, Submit
from app.core.session.answers import COUNTS_FROM_S, Phase
from tests.support.fake_store import audio, document_of, key_of, video
from tests.support.held import settle
from tests.support.sitting import BOTH_TRACKS, SPOKEN, Sitting, sitting

pytestmark = pytest.mark.anyio


def _stored_elsewhere(desk: Sitting, *takes: int, question: str = "q1") -> dict[str, bytes]:
    objects = {key_of(video(question, take)): b"from another device" for take in takes}
    desk.store.objects |= objects
    return objects


def _record(desk: Sitting, take: int, question: str = "q1") -> AnswerRecord:
    return AnswerRecord.model_validate_json(desk.store.documents[document_of(question, take)])


@pytest.mark.parametrize("takes", [(1,), (1, 2, 3)])
async def test_recording_goes_to_the_next_free_number(takes):
    async with sitting(SPOKEN.model_copy(update={"takes": 9})) as desk:
        theirs, take = _stored_elsewhere(desk, *takes), len(takes) + 1
        recorder = await desk.record("q1", b"x" * 15)
        recorder.give(b"x" * 10)
        await desk.action(Stop("q1"))
        assert desk.store.objects == theirs | {key_of(video("q1", take)): b"x" * 25}
        record = _record(desk, take)
        assert (record.take, record.tracks[Track.VIDEO].key) == (take, key_of(video("q1", take)))
        assert desk.view.figures.is_safe
        assert desk.view.figures.tracks[0].take == take
        assert desk.shown("q1").take == take
        assert desk.journal.is_empty
        await desk.action(Submit())
        (submission,) = desk.signer.calls("submit")
        assert [answer.take for answer in submission.answers] == [take]


@pytest.mark.parametrize("moment", ["opened", "half", "stopped"])
async def test_number_survives_a_reload(moment):
    async with sitting() as desk:
        theirs = _stored_elsewhere(desk, 1)
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 25)
        if moment != "opened":
            (await desk.transport.next_send()).acknowledge()
        if moment == "stopped":
            await desk.action(Stop("q1"))
    earlier = TrackRecord(
        key=key_of(video("q1")), size=19, sha256=None, content_type="video/webm", duration_s=1.0, interrupted=False
    )
    answer = AnswerRecord(question="q1", take=1, tracks={Track.VIDEO: earlier})
    async with sitting(journal=desk.journal, store=desk.store, answers=(answer,)) as again:
        assert again.store.objects == theirs | {key_of(video("q1", 2)): b"x" * 25}
        assert again.phase("q1") is Phase.TAKEN
        assert again.shown("q1").take == 2
        assert _record(again, 2).tracks[Track.VIDEO].size == 25
        assert again.view.figures.is_safe
        assert again.journal.is_empty
    assert desk.store.written.count(("upload-1", 1)) == 1


async def test_recording_of_an_earlier_visit_moves_when_another_device_was_faster():
    async with sitting(holding=frozenset({"create"})) as desk:
        await desk.answer("q1", b"x" * 25)
    theirs = _stored_elsewhere(desk, 1)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == theirs | {key_of(video("q1", 2)): b"x" * 25}
        assert again.view.figures.is_safe


async def test_both_tracks_of_a_take_go_by_one_number():
    async with sitting(BOTH_TRACKS) as desk:
        desk.signer.holding = {"create"}
        await desk.action(Record("q3"))
        await desk.clock.advance(COUNTS_FROM_S)
        for track, recorder in desk.media_devices.recorders.items():
            recorder.give(track.value.encode() * 5)
        await settle()
        creations = [await desk.signer.next_call("create") for _ in range(2)]
        desk.signer.holding = set()
        # The other device has stored only the video so far; our audio is begun under the old number just before.
        theirs = _stored_elsewhere(desk, 1, question="q3")
        for call in sorted(creations, key=lambda call: call.asked.track):
            try:
                call.answer()
            except Exception as error:  # noqa: BLE001  what the store says is what the page hears
                call.fail(error)
            await settle()
        await desk.action(Stop("q3"))
        ours = {key_of(video("q3", 2)): b"video" * 5, key_of(audio("q3", 2)): b"audio" * 5}
        assert desk.store.objects == theirs | ours
        assert set(_record(desk, 2, "q3").tracks) == {Track.VIDEO, Track.AUDIO}
        assert desk.view.figures.is_safe


async def test_next_take_has_a_number_of_its_own():
    async with sitting(SPOKEN.model_copy(update={"takes": 4})) as desk:
        _stored_elsewhere(desk, 1)
        await desk.answer("q1", b"x" * 25)
        await desk.action(Retake("q1"))
        await desk.answer("q1", b"y" * 25)
        assert desk.store.objects[key_of(video("q1", 3))] == b"y" * 25
        assert desk.shown("q1").take == 3
        assert desk.view.figures.is_safe


async def test_question_without_a_free_number_says_so_and_keeps_the_recording():
    async with sitting() as desk:
        _stored_elsewhere(desk, 1)
        desk.signer.holding = {"create"}
        await desk.record("q1", b"x" * 25)
        first = await desk.signer.next_call("create")
        with pytest.raises(Exception, match="already") as refusal:
            first.answer()
        first.fail(refusal.value)
        (await desk.signer.next_call("create")).fail(UrlRejected("The signer answered 422."))
        await settle()
        assert "another device" in desk.view.notices[Topic.UPLOAD_FAILED, None].detail
        assert desk.journal.recorded(video("q1")) == b"x" * 25


async def test_row_41_recording_that_another_device_was_quicker_to_complete_goes_to_the_next_number():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 25)
        await desk.action(Stop("q1"))
        theirs = _stored_elsewhere(desk, 1)
        desk.transport.holds_parts = False
        while desk.transport.in_flight:
            desk.transport.in_flight[0].acknowledge()
            await settle()
        await desk.clock.advance(5)
        assert desk.store.objects == theirs | {key_of(video("q1", 2)): b"x" * 25}
        assert (desk.store.uploads, desk.view.figures.is_safe, desk.view.topics) == ({}, True, set())


@pytest.mark.parametrize("call", ["create", "sign_document"])
async def test_row_41_page_that_lost_its_session_to_another_device_ends_and_keeps_what_it_has(call):
    async with sitting() as desk:
        desk.signer.holding = {call}
        await desk.record("q1", b"x" * 25)
        if call == "sign_document":
            await desk.action(Stop("q1"))
        (await desk.signer.next_call(call)).fail(TakenOver("This interview goes on on another device."))
        await settle()
        assert desk.view.dead_end == Notice(Topic.ON_OTHER_DEVICE)
        assert (desk.media_devices.is_open, desk.journal.is_empty) == (False, call == "sign_document")
    assert desk.is_over


async def test_row_41_page_that_loses_its_session_while_it_submits_says_so():
    async with sitting(SPOKEN) as desk:
        await desk.answer("q1", b"x" * 25)
        desk.signer.holding = {"submit"}
        await desk.action(Submit())
        (await desk.signer.next_call("submit")).fail(TakenOver("This interview goes on on another device."))
        await settle()
        assert (desk.view.dead_end, desk.view.receipt) == (Notice(Topic.ON_OTHER_DEVICE), None)


async def test_host_page_is_told_of_a_moved_take_by_one_number():
    async with sitting() as desk:
        _stored_elsewhere(desk, 1)
        await desk.answer("q1", b"x" * 25)
    told: list[Any] = list(desk.told)
    told = [message for message in told if message.type in ("part-uploaded", "upload-success", "answer-completed")]
    assert {message.type for message in told} == {"part-uploaded", "upload-success", "answer-completed"}
    assert {message.take for message in told} == {2}


async def test_host_page_reads_why_the_upload_of_a_moved_take_has_failed():
    async with sitting() as desk:
        _stored_elsewhere(desk, 1)
        desk.signer.holding = {"complete"}
        await desk.answer("q1", b"x" * 25)
        (await desk.signer.next_call("complete")).fail(TicketRefused("The signer answered 401."))
        await settle()
    messages: list[Any] = list(desk.told)
    (failed,) = [message for message in messages if message.type == "upload-error"]
    assert (failed.take, failed.reason) == (2, Reason.TICKET_REFUSED)


async def test_welcome_back_stays_while_a_moved_recording_is_on_its_way():
    async with sitting(holding=frozenset({"create"})) as desk:
        await desk.answer("q1", b"x" * 25)
    _stored_elsewhere(desk, 1)
    async with sitting(journal=desk.journal, store=desk.store, holds_parts=True) as again:
        assert again.view.figures.tracks[0].take == 2
        assert again.view.notices[Topic.RECOVERING, None] == Notice(Topic.RECOVERING)


async def test_row_41_host_page_is_told_once_that_the_session_is_lost_however_many_calls_say_so():
    async with sitting(SPOKEN, BOTH_TRACKS) as desk:
        desk.signer.holding = {"create"}
        await desk.action(Record("q3"))
        await desk.clock.advance(COUNTS_FROM_S)
        for recorder in desk.media_devices.recorders.values():
            recorder.give(b"x" * 5)
        await settle()
        for call in [await desk.signer.next_call("create") for _ in range(2)]:
            call.fail(TakenOver("This interview goes on on another device."))
        await settle()
        assert desk.view.dead_ends == [Topic.ON_OTHER_DEVICE]
    assert desk.is_over
