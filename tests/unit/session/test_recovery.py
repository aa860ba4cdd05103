"""A reload: the journal tells its facts again, and everything goes on where it was."""

import hashlib

import pytest

from app.contract import AnswerRecord, PartRules, Track
from app.core.notices import Notice, Topic
from app.core.session.actions import EditText, Record, Retake, Stop, Submit
from app.core.session.answers import Phase
from app.core.upload.events import AnswerWritten, ChunkJournalled, PartAcknowledged, RecordingStarted, UploadCreated
from tests.support.fake_journal import FakeJournal, FakeMedia
from tests.support.fake_store import audio, document_of, key_of, video
from tests.support.held import settle
from tests.support.sitting import BOTH_TRACKS, SPOKEN, WRITTEN, sitting

pytestmark = pytest.mark.anyio
Q1 = video("q1")


async def test_empty_journal_says_nothing():
    async with sitting() as desk:
        assert desk.view.topics == set()
        assert desk.phase("q1") is Phase.READY


async def test_crash_during_a_recording_loses_nothing_that_was_kept():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"abcdefghijklm")
        (await desk.transport.next_send()).acknowledge()
        await settle()
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.view.topics == {Topic.RECOVERING, Topic.CUT_OFF}
        assert again.view.notices[Topic.CUT_OFF, None].questions == ("q1",), "the welcome page names the question"
        assert (Topic.CUT_OFF, "q1") in again.view.notices
        assert again.phase("q1") is Phase.TAKEN
        assert again.store.objects == {key_of(Q1): b"abcdefghijklm"}
        assert again.store.written == [("upload-1", 1), ("upload-1", 2)], "the same upload, no part twice"
        record = AnswerRecord.model_validate_json(again.store.documents[document_of("q1")]).tracks[Track.VIDEO]
        assert record.interrupted
        assert record.size == 13


async def test_reload_while_a_stopped_recording_uploads_goes_on_with_the_same_upload():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 35)
        await desk.clock.advance(3)
        await desk.action(Stop("q1"))
        for _ in range(2):
            (await desk.transport.next_send()).acknowledge()
        await settle()
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        assert sorted(again.store.written) == [("upload-1", number) for number in (1, 2, 3, 4)]
        assert not again.journal.answers["q1"].record.tracks[Track.VIDEO].interrupted
        assert list(again.view.notices.values()) == [Notice(Topic.RECOVERING, is_over=True)]
        assert again.journal.answers["q1"].record.tracks[Track.VIDEO].duration_s == 4
        assert again.journal.is_empty


async def test_reload_while_finishing_finishes_once():
    async with sitting() as desk:
        desk.signer.holding = {"complete"}
        await desk.answer("q1", b"abc")
        call = await desk.signer.next_call("complete")
        desk.store.complete(call.asked)  # the page is gone before it hears
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"abc"}
        assert again.store.written == [("upload-1", 1)]
        assert again.view.figures.is_safe


async def test_restored_answer_can_be_submitted():
    async with sitting(SPOKEN) as desk:
        await desk.answer("q1", b"abc")
    async with sitting(SPOKEN, journal=desk.journal, store=desk.store) as again:
        assert again.shown("q1").is_answered
        await again.action(Submit())
        assert again.view.receipt is not None
        assert again.view.receipt.answers[0].tracks[Track.VIDEO].key == key_of(Q1)


async def test_restored_take_may_be_given_up():
    async with sitting() as desk:
        await desk.answer("q1", b"abc")
    async with sitting(journal=desk.journal, store=desk.store) as again:
        await again.action(Retake("q1"))
        await again.answer("q1", b"better")
        assert again.store.objects[key_of(video("q1", 2))] == b"better"


async def test_text_is_restored():
    async with sitting() as desk:
        await desk.action(EditText("q2", "Because."))
        await desk.clock.advance(1)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert (again.shown("q2").text, again.shown("q2").is_answered) == ("Because.", True)
        assert again.view.topics == set(), "there is no recording to go on with"


async def test_both_tracks_are_restored():
    async with sitting(BOTH_TRACKS) as desk:
        desk.transport.holds_parts = True
        await desk.action(Record("q3"))
        for track in Track:
            desk.media_devices.recorders[track].give(track.value.encode() * 5)
        await settle()
    async with sitting(BOTH_TRACKS, journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(video("q3")): b"video" * 5, key_of(audio("q3")): b"audio" * 5}
        assert again.journal.answers["q3"].record.tracks.keys() == set(Track)


async def test_second_take_wins_over_the_first():
    async with sitting() as desk:
        await desk.answer("q1", b"first")
        await desk.action(Retake("q1"))
        await desk.answer("q1", b"second")
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert (again.phase("q1"), again.shown("q1").take) == (Phase.TAKEN, 2)


async def test_upload_that_the_store_has_lost_meanwhile_begins_anew():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 25)
        (await desk.transport.next_send()).acknowledge()
        await settle()
        desk.store.lose("upload-1")
    async with sitting(journal=desk.journal, store=desk.store) as again:
        await again.clock.advance(1)
        assert again.store.objects == {key_of(Q1): b"x" * 25}


async def test_reload_after_an_upload_was_begun_again_trusts_only_the_new_one():
    journal = FakeJournal()
    for fact in (
        RecordingStarted(Q1, "video/webm", 1),
        UploadCreated(Q1, "lost", key_of(Q1), PartRules.equal(10), is_md5_signed=False),
        PartAcknowledged(Q1, 1, "0" * 32),
    ):
        await journal.note(fact)
    await journal.append(ChunkJournalled(Q1, 12, 1.0), FakeMedia(b"x" * 12))
    async with sitting(journal=journal) as desk:
        await desk.clock.advance(1)
        assert desk.store.objects == {key_of(Q1): b"x" * 12}
        assert sorted(desk.store.written) == [("upload-1", 1), ("upload-1", 2)]


async def test_beginning_without_a_chunk_is_no_take():
    journal = FakeJournal()
    await journal.note(RecordingStarted(Q1, "video/webm", 1))
    async with sitting(journal=journal) as desk:
        assert (desk.phase("q1"), desk.view.topics, desk.view.figures.is_safe) == (Phase.READY, set(), True)
        await desk.record("q1", b"abc")
    async with sitting(journal=journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"abc"}
        assert again.journal.answers["q1"].record.tracks[Track.VIDEO].sha256 == hashlib.sha256(b"abc").hexdigest()


async def test_rows_of_questions_that_are_not_asked_are_set_aside():
    journal, foreign = FakeJournal(), video("elsewhere")
    await journal.note(RecordingStarted(foreign, "video/webm", 1))
    await journal.append(ChunkJournalled(foreign, 3, 1.0), FakeMedia(b"abc"))
    await journal.note(AnswerWritten(AnswerRecord(question="gone", take=1, text="x")))
    async with sitting(WRITTEN, journal=journal) as desk:
        assert (desk.signer.asked, desk.view.topics) == ([], set())
        assert desk.journal.recorded(foreign) == b"abc"
        await desk.action(EditText("q2", "Because."), Submit())
        assert desk.view.receipt is not None


async def test_full_journal_does_not_keep_the_page_from_going_on():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 25)
    desk.journal.room = 0
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 25}


async def test_upload_that_is_finished_while_another_recording_is_still_closed_gets_its_record():
    """Digesting a long recording takes seconds; the store answers meanwhile."""
    long_one = bytes(30 * 1024 * 1024)
    async with sitting(SPOKEN, BOTH_TRACKS) as desk:
        desk.signer.holding = {"complete"}
        await desk.answer("q1", b"first")
        await desk.action(Retake("q1"))
        await desk.answer("q1", b"abc")
        desk.signer.holding = {"create"}
        await desk.record("q3", long_one)
    desk.store.part_bytes = len(long_one)
    async with sitting(SPOKEN, BOTH_TRACKS, journal=desk.journal, store=desk.store) as again:
        assert again.store.objects[key_of(video("q1", 2))] == b"abc"
        assert document_of("q1", 2) in again.store.documents
        assert again.journal.answers["q1"].record.tracks.keys() == {Track.VIDEO}
