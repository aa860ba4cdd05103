"""What an earlier visit, or another device, has left: takes given up, rows that do not fit, answers in the bucket."""

import pytest

from app.contract import AnswerRecord, Track, TrackRecord
from app.core.session.actions import EditText, Retake, Stop, Submit
from app.core.session.answers import Phase
from app.core.upload.events import ChunkJournalled, PartAcknowledged, RecordingStarted, RecordingStopped, UploadCreated
from tests.support.fake_journal import FakeJournal, FakeMedia
from tests.support.fake_store import FakeStore, document_of, key_of, video
from tests.support.held import settle
from tests.support.sitting import SPOKEN, SPOKEN_AND_WRITTEN, Sitting, sitting

pytestmark = pytest.mark.anyio
Q1 = video("q1")
RECORD = TrackRecord(key="k", size=3, sha256="0" * 64, content_type="video/webm", duration_s=1.0)


async def _reloaded_in_the_middle() -> Sitting:
    """Record 35 bytes; the page is gone when the store has the first part and the journal knows it."""
    async with sitting() as desk:
        desk.transport.holds_parts = True
        (await desk.record("q1", b"x" * 10)).give(b"x" * 25)
        await settle()
        (await desk.transport.next_send()).acknowledge()
        await settle()
    return desk


# Takes that were given up.


async def test_older_take_that_the_store_never_heard_was_given_up_is_cleared_away():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        desk.signer.holding = {"abort"}
        await desk.answer("q1", b"x" * 25)
        await desk.action(Retake("q1"))
        await desk.record("q1", b"y" * 5)
        await desk.signer.next_call("abort")
        assert desk.journal.recorded(Q1)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert (again.phase("q1"), again.shown("q1").take) == (Phase.TAKEN, 2)
        assert (again.store.uploads, again.journal.is_empty) == ({}, True)
        assert again.store.objects == {key_of(video("q1", 2)): b"y" * 5}


async def test_older_take_that_was_never_closed_is_cleared_away_while_another_recording_is_closed():
    """Its rows may be gone before anybody could digest them."""
    journal, old, new = FakeJournal(), Q1, video("q1", 2)
    for ref, content in ((new, bytes(3 * 1024 * 1024)), (old, b"old")):
        await journal.note(RecordingStarted(ref, "video/webm", int(ref.key)))
        await journal.append(ChunkJournalled(ref, len(content), 1.0), FakeMedia(content))
    async with sitting(journal=journal, store=FakeStore(part_bytes=1024 * 1024)) as desk:
        await desk.clock.advance(1)
        assert desk.store.objects.keys() == {key_of(new)}
        assert (desk.view.figures.is_safe, desk.journal.is_empty) == (True, True)


# Rows that fit to nothing.


async def test_acknowledgement_of_a_chunk_that_only_memory_had_does_not_keep_the_page_from_starting():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        recorder = await desk.record("q1", b"x" * 10)
        desk.journal.room = 0
        recorder.give(b"y" * 10)
        await settle()
        desk.journal.room = None
        for _ in range(2):
            (await desk.transport.next_send()).acknowledge()
        await settle()
        assert [fact.number for fact in desk.journal.facts if isinstance(fact, PartAcknowledged)] == [1, 2]
    desk.journal.crash()
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.phase("q1") is Phase.TAKEN
        assert again.view.figures.recorded == 20, "the store has it"


async def test_recording_that_was_cut_off_on_a_full_disk_arrives_without_its_digest():
    """Bytes that the store has were let go to make room: nobody can digest them again."""
    desk = await _reloaded_in_the_middle()
    desk.journal.disk.let_go(Q1, 10)
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        record = AnswerRecord.model_validate_json(again.store.documents[document_of("q1")]).tracks[Track.VIDEO]
        assert (record.sha256, record.size, record.interrupted) == (None, 35, True)


# What another device has given.


async def test_recording_that_the_bucket_has_is_kept_although_this_device_knows_only_the_text():
    async with sitting(SPOKEN_AND_WRITTEN) as desk:
        await desk.action(EditText("q5", "Here."))
        await desk.clock.advance(1)
    stored = AnswerRecord(question="q5", take=1, text="There.", tracks={Track.VIDEO: RECORD})
    async with sitting(SPOKEN_AND_WRITTEN, journal=desk.journal, store=desk.store, answers=(stored,)) as again:
        assert again.phase("q5") is Phase.TAKEN
        written = AnswerRecord.model_validate_json(again.store.documents[document_of("q5")])
        assert written.tracks == {Track.VIDEO: RECORD}


async def test_answer_given_on_another_device_can_be_submitted_here():
    stored = AnswerRecord(question="q1", take=2, tracks={Track.VIDEO: RECORD})
    async with sitting(SPOKEN, answers=(stored,)) as desk:
        desk.store.objects["k"] = b"abc"
        assert (desk.phase("q1"), desk.shown("q1").take, desk.shown("q1").takes_left) == (Phase.TAKEN, 2, 0)
        await desk.action(Submit())
        assert desk.view.receipt is not None
        assert desk.view.receipt.answers == (stored,)


async def test_older_take_of_this_device_gives_way_to_the_newer_one_of_another():
    desk = await _reloaded_in_the_middle()
    stored = AnswerRecord(question="q1", take=2, tracks={Track.VIDEO: RECORD})
    async with sitting(journal=desk.journal, store=desk.store, answers=(stored,)) as again:
        assert (again.phase("q1"), again.shown("q1").take) == (Phase.TAKEN, 2)
        assert (again.store.uploads, again.store.objects, again.journal.is_empty) == ({}, {}, True)


async def test_retake_of_this_device_is_newer_than_what_the_bucket_has():
    async with sitting() as desk:
        await desk.answer("q1", b"abc")
        await desk.action(Retake("q1"))
    stored = AnswerRecord(question="q1", take=1, tracks={Track.VIDEO: RECORD})
    async with sitting(journal=desk.journal, store=desk.store, answers=(stored,)) as again:
        assert (again.phase("q1"), again.shown("q1").take) == (Phase.READY, 2)


async def test_recording_of_an_earlier_page_that_cannot_be_digested_is_stored_without_a_digest():
    journal = FakeJournal()
    await journal.note(RecordingStarted(Q1, "video/webm", 1))
    await journal.append(ChunkJournalled(Q1, 3, 1.0), FakeMedia(b"abc"))
    journal.unread = 1
    async with sitting(SPOKEN, journal=journal) as desk:
        await desk.clock.advance(30)
        assert desk.store.objects[key_of(Q1)] == b"abc"
        assert not [fact for fact in journal.facts if isinstance(fact, RecordingStopped) and fact.sha256 is not None]


# A disk that was full for a moment.


async def test_rows_without_a_beginning_never_become_part_of_the_next_recording():
    journal = FakeJournal()
    await journal.append(ChunkJournalled(video("q1"), 3, 1.0), FakeMedia(b"old"))
    async with sitting(journal=journal) as desk:
        await desk.answer("q1", b"new words")
        assert desk.store.objects == {key_of(video("q1")): b"new words"}


async def test_rows_that_cannot_be_deleted_never_become_part_of_the_next_recording():
    journal = FakeJournal()
    await journal.append(ChunkJournalled(video("q1"), 3, 1.0), FakeMedia(b"old"))
    journal.is_broken = True
    async with sitting(journal=journal) as desk:
        await desk.answer("q1", b"new words")
        assert desk.store.objects == {key_of(video("q1")): b"new words"}


async def test_recording_that_the_bucket_has_and_a_full_disk_knows_nothing_of_is_not_uploaded_again():
    async with sitting(SPOKEN) as desk:
        recorder = await desk.record("q1", b"abcdefghijklm")
        desk.journal.is_broken = True  # no deletion works
        await desk.action(Stop("q1"))
        recorder.stop()
        await settle()
    journal = desk.journal
    journal.facts = [fact for fact in journal.facts if not isinstance(fact, UploadCreated | PartAcknowledged)]
    journal.answers.clear()
    journal.is_broken = False
    async with sitting(SPOKEN, journal=journal, store=desk.store, answers=desk.store.answers()) as again:
        assert again.view.figures.is_safe
        assert again.signer.calls("create") == []
        assert journal.is_empty
        await again.action(Submit())
        assert again.view.receipt is not None
