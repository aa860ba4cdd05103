"""The driver of streams where something breaks: the stream, its reply, the gateway, the page, the storage."""

import asyncio

import pytest

from app.core.errors import JournalUnread, SignerInvalid, StoreSilent, UrlRejected
from app.core.upload.events import (
    CommandFailed,
    PartCut,
    RecordingCutShort,
    UploadCreated,
)
from app.core.upload.parts import Part
from app.core.upload.streams import STREAM_S
from app.journal import rows
from tests.support.fake_store import key_of, video
from tests.support.streamed_desk import CONTENT, Q1, finish, streamed_store
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio


async def test_broken_stream_loses_nothing():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT[:30])
        (await desk.transport.next_stream()).fail(StoreSilent("the gateway is gone"))
        await desk.settle()
        assert desk.told(PartCut) == []
        await desk.record(Q1, CONTENT[30:])
        await desk.clock.advance(1.0)
        await finish(desk)
        (await desk.transport.next_stream()).acknowledge()
        await desk.settle()

        assert desk.store.objects == {key_of(Q1): CONTENT}


async def test_stream_that_breaks_while_its_cut_is_noted_is_cut_only_once(monkeypatch):
    async with uploading(store=streamed_store()) as desk:
        noting, has_time, note = asyncio.Event(), asyncio.Event(), desk.journal.note

        async def note_slowly(fact):
            if isinstance(fact, PartCut):
                noting.set()
                await has_time.wait()
            await note(fact)

        monkeypatch.setattr(desk.journal, "note", note_slowly)
        await desk.record(Q1, CONTENT[:30])
        stream = await desk.transport.next_stream()
        await desk.clock.advance(STREAM_S)
        await noting.wait()
        stream.fail(StoreSilent("the gateway is gone"))
        await desk.record(Q1, CONTENT[30:])
        has_time.set()
        await desk.clock.advance(1.0)

        assert {fact.part for fact in desk.told(PartCut)} == {Part(1, 0, 30)}
        assert {fact.part for fact in desk.journal.facts if isinstance(fact, PartCut)} == {Part(1, 0, 30)}
        assert (await desk.transport.next_send()).content == CONTENT[:30]


async def test_lost_reply_is_followed_by_an_ordinary_part_of_the_same_bytes():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT)
        stream = await desk.transport.next_stream()
        await finish(desk)
        stream.store()
        stream.fail(StoreSilent("lost"))
        await desk.clock.advance(1.0)
        send = await desk.transport.next_send()
        assert (send.number, send.content) == (1, CONTENT)
        send.acknowledge()
        await desk.settle()

        assert desk.store.objects == {key_of(Q1): CONTENT}


async def test_gateway_that_wants_a_length_is_left_for_ordinary_parts():
    async with uploading(store=streamed_store()) as desk:
        desk.transport.holds_parts = True
        await desk.record(Q1, CONTENT)
        (await desk.transport.next_stream()).fail(UrlRejected("411"))
        desk.transport.holds_parts = False
        await desk.settle()
        await finish(desk)
        await desk.record(video("q2"), CONTENT)
        await desk.settle()

        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert len(desk.transport.streams) == 1
        assert [request.can_stream for request in desk.signer.calls("create")] == [True, False]


async def test_address_that_leads_elsewhere_is_not_used():
    async with uploading(store=streamed_store()) as desk:
        desk.signer.holding = {"sign_stream"}
        await desk.record(Q1, CONTENT)
        call = await desk.signer.next_call("sign_stream")
        call.answer(desk.store.sign_stream(call.asked).model_copy(update={"url": "https://elsewhere.test/part/x/1"}))
        await desk.settle()

        assert desk.transport.streams == []
        assert isinstance(desk.told(CommandFailed)[0].error, SignerInvalid)


async def test_storage_that_cannot_be_read_breaks_the_stream_and_says_nothing_about_streams():
    async with uploading(store=streamed_store()) as desk:
        desk.journal.unread = 1
        await desk.record(Q1, CONTENT)
        await desk.settle()
        assert isinstance(desk.told(CommandFailed)[0].error, JournalUnread)
        await desk.clock.advance(2.0)
        await finish(desk)
        [_, stream] = desk.transport.streams
        stream.acknowledge()
        await desk.settle()

        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert not desk.scheduler.stream_health.is_given_up


async def test_reload_sends_again_only_the_stream_that_was_open():
    store = streamed_store()
    async with uploading(store=store) as desk:
        await desk.record(Q1, CONTENT[:30])
        await desk.clock.advance(STREAM_S)
        first = desk.transport.streams[0]
        first.acknowledge()
        await desk.record(Q1, CONTENT[30:])
        await desk.settle()
        assert desk.transport.streams[1].content == CONTENT[30:]
        journal = desk.journal

    async with uploading(store=store) as again:
        again.transport.holds_parts = False
        await again.restore(journal)
        await again.stop(Q1)
        await again.settle()

        assert [stream.content for stream in again.transport.streams] == [CONTENT[30:]]
        assert again.transport.sends == []
        assert len(again.told(UploadCreated)) == 1, "it is another upload"
        assert store.objects == {key_of(Q1): CONTENT}


async def test_stream_whose_reply_the_reload_has_cut_off_is_found_in_the_store():
    store = streamed_store()
    async with uploading(store=store) as desk:
        await desk.record(Q1, CONTENT)
        stream = await desk.transport.next_stream()
        await finish(desk)
        stream.store()
        journal = desk.journal

    async with uploading(store=store) as again:
        await again.restore(journal)
        await again.settle()

        assert again.transport.streams == []
        assert again.transport.sends == []
        assert store.objects == {key_of(Q1): CONTENT}


async def test_recording_whose_end_is_lost_ends_with_what_is_left():
    async with uploading(store=streamed_store()) as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"sign_stream"}
        await desk.record(Q1, CONTENT[:25])
        await desk.record(Q1, CONTENT[25:])
        await finish(desk)
        row = desk.journal.disk.stores["chunks"][rows.chunk_key(Q1, 1)]
        assert isinstance(row, dict)
        row["media"] = None  # dropped by the browser
        (await desk.signer.next_call("sign_stream")).answer()
        desk.signer.holding = set()
        await desk.clock.advance(2.0)

        assert [fact.size for fact in desk.told(RecordingCutShort)] == [25]
        assert desk.store.objects == {key_of(Q1): CONTENT[:25]}
