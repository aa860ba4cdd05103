"""The driver's dialogue with store, signer and journal."""

import asyncio
import hashlib

import pytest

from app.contract import AnswerRecord, SignedPart, SignedParts, Track, TrackRecord
from app.core.errors import SignerInvalid
from app.core.upload.events import (
    AnswerWritten,
    ChunkJournalled,
    CommandFailed,
    PartAcknowledged,
    RecordingStarted,
    RecordingStopped,
    UploadCreated,
)
from app.upload.uploader import LOOK_S
from tests.support.fake_store import key_of, video
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(25))
RECORD = TrackRecord(key=key_of(Q1), size=25, sha256="0" * 64, content_type="video/webm", duration_s=1.0)


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
    for kind in (RecordingStarted, ChunkJournalled, UploadCreated, RecordingStopped):
        facts = [(how, fact) for how, fact in desk.history if isinstance(fact, kind)]
        assert facts
        for how, fact in facts:
            if how == "told":
                assert facts.index(("kept", fact)) < facts.index(("told", fact))


async def test_slot_is_free_at_the_acknowledgement_however_slow_the_disk_is():
    async with uploading(parallel_parts=1) as desk:
        desk.journal.slow_notes = asyncio.Event()
        await desk.record(Q1, CONTENT)
        (await desk.transport.next_send()).acknowledge()
        assert (await desk.transport.next_send()).number == 2
        assert (desk.last.acknowledged, desk.journal.released) == (10, [])
        desk.journal.slow_notes.set()
        await desk.settle()
        assert desk.journal.released == [(Q1, 0, 10)]
        assert ("kept", desk.told(PartAcknowledged)[0]) in desk.history


async def test_rows_of_a_recording_go_only_once_all_its_notes_are_written():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        desk.journal.slow_notes = asyncio.Event()
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        await desk.settle()
        assert desk.store.objects
        record = AnswerRecord(question="q1", take=1, tracks={Track.VIDEO: RECORD})
        desk.uploader.tell(AnswerWritten(record))
        await desk.settle()
        assert desk.journal.recorded(Q1) == CONTENT
        desk.journal.slow_notes.set()
        await desk.settle()
        assert (desk.journal.is_empty, desk.last.is_safe) == (True, True)


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
        assert isinstance(failed.error, SignerInvalid)
        assert "evil" not in str(failed.error)
        await desk.clock.advance(1)
        (await desk.signer.next_call("sign")).answer()
        (await desk.transport.next_send()).acknowledge()
        await desk.settle()
        assert [fact.number for fact in desk.told(PartAcknowledged)] == [1]


async def test_document_is_not_sent_to_another_place():
    async with uploading() as desk:
        desk.signer.holding = {"sign_document"}
        desk.uploader.tell(AnswerWritten(AnswerRecord(question="q2", take=1, text="a")))
        call = await desk.signer.next_call("sign_document")
        honest = desk.store.sign_document(call.asked)
        call.answer(honest.model_copy(update={"url": "https://evil.test/x"}))
        await desk.settle()
        assert desk.transport.sends == []
        await desk.clock.advance(1)
        (await desk.signer.next_call("sign_document")).answer()
        await desk.settle()
        assert desk.last.is_safe


# Pause.


async def test_pause_stops_within_one_part_and_resume_goes_on():
    async with uploading(parallel_parts=1) as desk:
        await desk.record(Q1, CONTENT)
        send = await desk.transport.next_send()
        desk.scheduler.is_paused = True
        desk.uploader.wake()
        send.acknowledge()
        await desk.settle()
        assert desk.transport.part_numbers == [1]
        assert desk.last.is_paused
        desk.scheduler.is_paused = False
        desk.uploader.wake()
        assert (await desk.transport.next_send()).number == 2


# Figures.


async def test_figures_follow_a_silence_that_nobody_reports():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        send = await desk.transport.next_send()
        desk.clock.time += 1
        send.progress(10)
        await desk.settle()
        seen = len(desk.progress)
        await desk.clock.advance(10 * LOOK_S)
        assert len(desk.progress) >= seen + 9
        speeds = [progress.bytes_per_second or 0 for progress in desk.progress[seen + 3 :]]
        assert speeds == sorted(speeds, reverse=True)
        assert speeds[-1] < 10 / 2


async def test_nobody_looks_while_nothing_is_under_way():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        await desk.clock.advance(2 * LOOK_S)
        seen = len(desk.progress)
        await desk.clock.advance(60)
        assert len(desk.progress) == seen
