"""An answer's record is kept, stored and forgotten in its order."""

import pytest

from app.contract import AnswerRecord, Track, TrackRecord
from app.core.upload.events import AnswerStored, AnswerWritten
from tests.support.fake_store import document_of, key_of, video
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(25))
RECORD = TrackRecord(key=key_of(Q1), size=25, sha256="0" * 64, content_type="video/webm", duration_s=1.0)


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
    record = AnswerRecord(question="q1", take=1, tracks={Track.VIDEO: RECORD})
    async with uploading() as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        await desk.settle()
        assert not desk.journal.is_empty
        desk.uploader.tell(AnswerWritten(record))
        await desk.settle()
        assert desk.journal.is_empty
        assert desk.journal.answers["q1"].record == record


async def test_rows_make_room_on_a_full_disk_once_the_bucket_has_the_record():
    record = AnswerRecord(question="q1", take=1, tracks={Track.VIDEO: RECORD})
    async with uploading() as desk:
        desk.transport.holds_parts, desk.transport.holds_documents = False, True
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        await desk.settle()
        desk.journal.room = 0
        desk.uploader.tell(AnswerWritten(record))
        document = await desk.transport.next_document()
        assert not desk.journal.is_empty, "not before the record is kept, here or there"
        document.acknowledge()
        await desk.settle()
        assert desk.journal.is_empty


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
        desk.scheduler.abandon("q1", "1", 1)
        document.acknowledge()
        await desk.settle()
        assert desk.last.is_safe


async def test_document_of_a_store_whose_etags_are_no_md5_is_stored():
    record = AnswerRecord(question="q2", take=1, text="Because.")
    async with uploading() as desk:
        desk.store.has_md5_etags = False  # the transport is told so
        desk.uploader.tell(AnswerWritten(record))
        await desk.settle()
        assert desk.told(AnswerStored) == [AnswerStored(record)]
