"""The driver's dialogue with store, signer and journal."""

import hashlib

import pytest

from app.contract import AnswerRecord, CompletedObject, SignedPart, SignedParts, Track, TrackRecord, UploadMode
from app.core.errors import NetworkFailed, StoreBusy, UploadLost, UrlExpired, UrlRejected
from app.core.events import (
    AnswerStored,
    AnswerWritten,
    ChunkJournalled,
    CommandFailed,
    PartAcknowledged,
    RecordingStarted,
    RecordingStopped,
    UploadAborted,
    UploadCompleted,
    UploadCreated,
)
from app.core.progress import TrackState
from tests.core.uploading import uploading
from tests.fake_store import document_of, key_of, video

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(25))


async def test_recording_becomes_an_object_byte_for_byte():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        for byte in CONTENT:
            await desk.record(Q1, bytes([byte]))
        await desk.stop(Q1)
        await desk.settle()
        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert desk.store.uploads == {}
        assert desk.last.is_safe


async def test_parts_are_acknowledged_while_the_recording_goes_on():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await desk.settle()
        (row,) = desk.last.tracks
        assert (row.is_recording, row.acknowledged) == (True, 20)


async def test_fact_is_kept_before_it_is_told():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        await desk.settle()
    for kind in (RecordingStarted, ChunkJournalled, UploadCreated, PartAcknowledged, RecordingStopped):
        facts = [(how, fact) for how, fact in desk.history if isinstance(fact, kind)]
        assert facts
        for how, fact in facts:
            if how == "told":
                assert facts.index(("kept", fact)) < facts.index(("told", fact))


async def test_part_carries_its_own_bytes_and_digest():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        for send, content in ((first, CONTENT[:10]), (second, CONTENT[10:20])):
            assert send.content == content
            assert send.md5 == hashlib.md5(content, usedforsecurity=False).hexdigest()


async def test_acknowledged_bytes_are_let_go():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        (await desk.transport.next_send()).acknowledge()
        await desk.settle()
        assert desk.journal.released == [(Q1, 0, 10)]


async def test_progress_is_what_was_acknowledged_and_not_what_was_sent():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        send = await desk.transport.next_send()
        desk.clock.time += 1
        send.progress(10)
        await desk.settle()
        assert desk.last.acknowledged == 0
        assert desk.last.bytes_per_second == 10
        send.acknowledge()
        await desk.settle()
        assert desk.last.acknowledged == 10


# Failures.


async def test_part_is_sent_again_after_network_failure():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(NetworkFailed("reset"))
        sleep = await desk.clock.next_sleep()
        assert sleep.duration_s == 0.25  # half of the first bound
        assert desk.last.tracks[0].problem == "reset"
        sleep.wake()
        retry = await desk.transport.next_send()
        assert (retry.number, retry.content) == (1, CONTENT[:10])


async def test_part_whose_reply_was_lost_is_sent_again_and_counts_once():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        send = await desk.transport.next_send()
        send.store()
        send.fail(NetworkFailed("reset"))
        (await desk.clock.next_sleep()).wake()
        (await desk.transport.next_send()).acknowledge()
        await desk.stop(Q1)
        await desk.settle()
        assert desk.store.objects == {key_of(Q1): CONTENT[:10]}
        assert desk.last.acknowledged == 10


async def test_patience_asked_for_is_kept():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(StoreBusy("busy", 20))
        assert (await desk.clock.next_sleep()).duration_s == 20.25
        await desk.clock.advance(20.2)
        assert desk.transport.part_numbers == [1]
        await desk.clock.advance(0.1)
        assert desk.transport.part_numbers == [1, 1]


async def test_back_off_is_cut_short_when_the_network_returns():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(NetworkFailed("offline"))
        await desk.clock.next_sleep()
        desk.schedule.set_online(is_online=True)
        desk.uploader.wake()
        assert (await desk.transport.next_send()).number == 1


async def test_expired_url_is_replaced_by_a_fresh_one_at_once():
    async with uploading(sign_ahead=4) as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(UrlExpired("403"))
        retry = await desk.transport.next_send()
        assert retry.number == 1
        assert len(desk.signer.calls("sign")) == 2


async def test_urls_signed_together_with_a_refused_one_are_not_used():
    async with uploading(parallel_parts=1, sign_ahead=4) as desk:
        await desk.record(Q1, CONTENT)
        for _ in range(2):
            (await desk.transport.next_send()).fail(UrlExpired("403"))
        assert (await desk.transport.next_send()).number == 2, "the first one waits: it was refused twice"
        signed = [[part.number for part in parts] for _, parts in desk.signer.calls("sign")]
        assert signed == [[1, 2, 3, 4], [1, 2, 3, 4], [2, 3, 4, 5]]


async def test_signer_that_is_down_holds_up_the_upload_and_nothing_else():
    async with uploading() as desk:
        desk.signer.holding = {"create"}
        await desk.record(Q1, CONTENT)
        (await desk.signer.next_call("create")).fail(NetworkFailed("down"))
        await desk.record(Q1, CONTENT)
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("create")).answer()
        assert (await desk.transport.next_send()).number == 1


async def test_recording_is_opened_with_one_nonce_however_often():
    async with uploading() as desk:
        desk.signer.holding = {"create"}
        await desk.record(Q1, CONTENT)
        (await desk.signer.next_call("create")).lose_reply(NetworkFailed("lost"))
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("create")).answer()
        await desk.settle()
        assert len({request.nonce for request in desk.signer.calls("create")}) == 1


async def test_completion_whose_reply_was_lost_is_asked_for_again():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"complete"}
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        (await desk.signer.next_call("complete")).lose_reply(NetworkFailed("lost"))
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("complete")).answer()
        await desk.settle()
        assert len(desk.told(UploadCompleted)) == 1
        assert desk.last.is_safe


@pytest.mark.parametrize("claimed", [CompletedObject(key="other", size=25), CompletedObject(key=key_of(Q1), size=24)])
async def test_another_object_than_was_recorded_is_no_completion(claimed):
    async with uploading() as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"complete"}
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        (await desk.signer.next_call("complete")).answer(claimed)
        await desk.settle()
        assert desk.told(UploadCompleted) == []
        assert not desk.last.is_safe


async def test_fatal_stops_until_retry():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(UrlRejected("The store answered 405."))
        await desk.clock.advance(1000)
        assert desk.transport.part_numbers == [1]
        assert desk.last.has_failed
        desk.schedule.retry()
        desk.uploader.wake()
        (await desk.transport.next_send()).acknowledge()
        await desk.settle()
        assert not desk.last.has_failed


async def test_journal_that_has_lost_a_recording_is_a_failure_and_no_crash():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        desk.journal.chunks.clear()
        await desk.settle()
        assert desk.last.tracks[0].state is TrackState.FAILED
        assert "no longer on this device" in desk.last.tracks[0].problem


async def test_full_journal_does_not_hold_up_what_it_has_already():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        desk.journal.room = 0
        desk.transport.holds_parts = False
        desk.uploader.tell(AnswerWritten(AnswerRecord(question="q2", take=1, text="Because.")))
        await desk.settle()
        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert desk.last.is_safe


# The store has lost the upload.


async def test_lost_upload_begins_anew_and_arrives_whole():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        (await desk.transport.next_send()).acknowledge()
        second = await desk.transport.next_send()
        desk.store.lose("upload-1")
        second.fail(UploadLost("The store answered 404 (NoSuchUpload)."))
        desk.transport.holds_parts = False
        await desk.clock.advance(5)
        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert [handle for handle, _ in desk.store.written if handle == "upload-2"] == ["upload-2"] * 3


async def test_neighbours_of_a_lost_part_are_cancelled():
    """Their acknowledgements would be of the lost upload, and would be taken for the new one's."""
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:20])
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        first.fail(UploadLost("gone"))
        await desk.settle()
        assert second.is_cancelled
        await desk.clock.advance(5)
        assert {send.target.url.split("/")[-2] for send in desk.transport.in_flight} == {"upload-2"}


async def test_neighbour_that_is_acknowledged_in_the_same_moment_is_not_taken_for_the_new_ones():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:20])
        await desk.stop(Q1)
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        second.acknowledge()
        first.fail(UploadLost("gone"))
        desk.store.lose("upload-1")
        desk.transport.holds_parts = False
        await desk.clock.advance(5)
        assert desk.store.objects == {key_of(Q1): CONTENT[:20]}


# Retakes.


async def test_retake_cancels_running_parts_and_leaves_nothing_open():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        sends = [await desk.transport.next_send(), await desk.transport.next_send()]
        desk.schedule.give_up("q1", 1)
        desk.uploader.wake()
        await desk.settle()
        assert all(send.is_cancelled for send in sends)
        assert (desk.store.uploads, desk.journal.is_empty) == ({}, True)
        assert desk.told(UploadAborted) == [UploadAborted(Q1)]
        assert desk.last.tracks == ()


async def test_retake_waits_for_a_running_creation_so_that_it_can_undo_it():
    async with uploading() as desk:
        desk.signer.holding = {"create"}
        await desk.record(Q1, CONTENT)
        creation = await desk.signer.next_call("create")
        desk.schedule.give_up("q1", 1)
        desk.uploader.wake()
        await desk.settle()
        assert desk.signer.calls("abort") == []
        creation.answer()
        await desk.settle()
        assert desk.signer.calls("abort") == ["upload-1"]
        assert (desk.store.uploads, desk.journal.is_empty) == ({}, True)


async def test_retake_before_anything_was_opened_asks_the_signer_for_nothing():
    async with uploading(mode=UploadMode.PER_ANSWER) as desk:
        await desk.record(Q1, CONTENT)
        desk.schedule.give_up("q1", 1)
        desk.uploader.wake()
        await desk.settle()
        assert desk.signer.asked == []
        assert desk.journal.is_empty


async def test_abort_is_repeated_until_the_signer_hears_it():
    async with uploading() as desk:
        desk.signer.holding = {"abort"}
        await desk.record(Q1, CONTENT)
        await desk.transport.next_send()
        desk.schedule.give_up("q1", 1)
        desk.uploader.wake()
        (await desk.signer.next_call("abort")).fail(NetworkFailed("down"))
        assert not desk.journal.is_empty, "a reload must still know what to abort"
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("abort")).answer()
        await desk.settle()
        assert (desk.store.uploads, desk.journal.is_empty) == ({}, True)


async def test_abort_of_an_upload_that_the_store_has_lost_is_done():
    async with uploading() as desk:
        desk.signer.holding = {"abort"}
        await desk.record(Q1, CONTENT)
        await desk.transport.next_send()
        desk.schedule.give_up("q1", 1)
        desk.uploader.wake()
        (await desk.signer.next_call("abort")).fail(UploadLost("gone"))
        await desk.settle()
        assert desk.told(UploadAborted) == [UploadAborted(Q1)]
        assert desk.journal.is_empty


# Documents.


async def test_document_is_kept_and_then_stored():
    record = AnswerRecord(question="q2", take=1, text="Because.")
    async with uploading() as desk:
        desk.uploader.tell(AnswerWritten(record))
        await desk.settle()
        assert AnswerRecord.model_validate_json(desk.store.documents[document_of("q2")]) == record
        assert desk.history[0] == ("told", AnswerWritten(record))
        assert desk.history[1] == ("kept", AnswerWritten(record))
        assert desk.told(AnswerStored) == [AnswerStored(record)]


async def test_rows_of_a_complete_object_go_once_its_record_is_kept():
    record = AnswerRecord(
        question="q1",
        take=1,
        tracks={
            Track.VIDEO: TrackRecord(
                key=key_of(Q1), size=25, sha256="0" * 64, content_type="video/webm", duration_s=1.0
            )
        },
    )
    async with uploading() as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        await desk.settle()
        assert not desk.journal.is_empty
        desk.journal.room = 0
        desk.uploader.tell(AnswerWritten(record))
        await desk.settle()
        assert not desk.journal.is_empty, "not before the record is kept"
        desk.journal.room = None
        desk.uploader.tell(AnswerWritten(record))
        await desk.settle()
        assert desk.journal.is_empty
        assert desk.journal.answers["q1"].record == record


async def test_document_rewritten_on_its_way_arrives_in_its_last_state():
    async with uploading() as desk:
        desk.transport.holds_documents = True
        desk.uploader.tell(AnswerWritten(AnswerRecord(question="q2", take=1, text="a")))
        first = await desk.transport.next_document()
        desk.uploader.tell(AnswerWritten(AnswerRecord(question="q2", take=1, text="ab")))
        first.acknowledge()
        (await desk.transport.next_document()).acknowledge()
        await desk.settle()
        assert b'"ab"' in desk.store.documents[document_of("q2")]
        assert desk.last.is_safe


async def test_retake_while_its_document_is_on_the_way_breaks_nothing():
    async with uploading() as desk:
        desk.transport.holds_documents = True
        desk.uploader.tell(AnswerWritten(AnswerRecord(question="q1", take=1, text="a")))
        document = await desk.transport.next_document()
        desk.schedule.give_up("q1", 1)
        document.acknowledge()
        await desk.settle()
        assert desk.last.is_safe


# Where media goes.


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/part/upload-1/1",
        "http://store.test/part/upload-1/1",
        "https://store.test:8443/part/upload-1/1",
        "https://store.test@evil.test/part/upload-1/1",
        "https://store.test.evil.test/x",
        "javascript:alert(1)",
        "//evil.test/x",
        "/part/upload-1/1",
        "https://[::1/x",
        "",
    ],
)
async def test_url_of_another_place_is_never_used(url):
    async with uploading() as desk:
        desk.signer.holding = {"sign"}
        await desk.record(Q1, CONTENT[:10])
        call = await desk.signer.next_call("sign")
        call.answer(SignedParts(parts=(SignedPart(url=url, life_s=600, number=1, size=10),)))
        await desk.settle()
        assert desk.transport.sends == []
        (failed,) = desk.told(CommandFailed)
        assert isinstance(failed.error, UrlRejected)
        assert "evil" not in str(failed.error)


async def test_document_is_not_sent_to_another_place():
    async with uploading() as desk:
        desk.signer.holding = {"sign_document"}
        desk.uploader.tell(AnswerWritten(AnswerRecord(question="q2", take=1, text="a")))
        call = await desk.signer.next_call("sign_document")
        honest = desk.store.sign_document(call.asked)
        call.answer(honest.model_copy(update={"url": "https://evil.test/x"}))
        await desk.settle()
        assert desk.transport.sends == []
        assert desk.last.has_failed


# Pause.


async def test_pause_stops_within_one_part_and_resume_goes_on():
    async with uploading(parallel_parts=1) as desk:
        await desk.record(Q1, CONTENT)
        send = await desk.transport.next_send()
        desk.schedule.is_paused = True
        desk.uploader.wake()
        send.acknowledge()
        await desk.settle()
        assert desk.transport.part_numbers == [1]
        assert desk.last.is_paused
        desk.schedule.is_paused = False
        desk.uploader.wake()
        assert (await desk.transport.next_send()).number == 2
