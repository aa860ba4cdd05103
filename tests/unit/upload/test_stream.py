"""The driver of streams: a dialogue with the gateway, the store and the journal."""

import asyncio

import pytest

from app.contract import PartRules
from app.core.errors import JournalUnread, SignerInvalid, StoreSilent, UrlRejected
from app.core.upload.events import (
    CommandFailed,
    PartAcknowledged,
    PartCut,
    RecordingCutShort,
    RecordingEnded,
    Restored,
    UploadCreated,
)
from app.core.upload.streams import STREAM_S
from app.journal import rows
from tests.support.fake_store import FakeStore, key_of, video
from tests.support.uploading import Desk, uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(60))
RULES = PartRules(min_bytes=20, max_bytes=100, is_streamed=True)


def streamed_store() -> FakeStore:
    store = FakeStore()
    store.stream_rules = RULES
    return store


async def finish(desk: Desk) -> None:
    desk.uploader.tell(RecordingEnded(Q1))
    await desk.stop(Q1)
    await desk.settle()


async def test_answer_is_streamed_while_it_is_recorded_and_nothing_else_is_sent():
    async with uploading(store=streamed_store()) as desk:
        for start in range(0, 60, 10):
            await desk.record(Q1, CONTENT[start : start + 10])
            await desk.settle()
        [stream] = desk.transport.streams
        assert stream.content == CONTENT
        assert not stream.is_whole
        await finish(desk)
        assert stream.is_whole
        stream.acknowledge()
        await desk.settle()

        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert desk.transport.sends == []
        assert desk.last.is_safe


async def test_how_the_part_is_cut_is_in_the_journal_before_the_stream_ends():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT)
        stream = await desk.transport.next_stream()
        desk.uploader.tell(RecordingEnded(Q1))
        while not [fact for how, fact in desk.history if how == "kept" and isinstance(fact, PartCut)]:
            assert not stream.is_whole
            await asyncio.sleep(0)

        await desk.settle()
        assert stream.is_whole


async def test_stream_is_closed_after_its_time_and_the_next_one_goes_on_behind_it():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT[:30])
        await desk.clock.advance(STREAM_S)
        await desk.record(Q1, CONTENT[30:])
        await desk.settle()
        first, second = desk.transport.streams
        await finish(desk)
        second.acknowledge()
        first.acknowledge()
        await desk.settle()

        assert (first.content, second.content) == (CONTENT[:30], CONTENT[30:])
        assert desk.store.objects == {key_of(Q1): CONTENT}


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


async def test_memory_is_kept_until_the_stream_is_acknowledged():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT)
        stream = await desk.transport.next_stream()
        await finish(desk)
        assert desk.journal.released == []
        stream.acknowledge()
        await desk.settle()

        assert desk.journal.released == [(Q1, 0, 60)]


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


async def test_browser_that_cannot_stream_asks_for_no_stream():
    store = streamed_store()
    async with uploading(store=store, can_stream=False) as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await finish(desk)

        assert desk.transport.streams == []
        assert store.objects == {key_of(Q1): CONTENT}


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
        again.journal.disk.stores = journal.disk.stores
        again.transport.holds_parts = False
        for fact in await again.journal.replay():
            again.uploader.tell(fact)
        again.uploader.tell(Restored())
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
        again.journal.disk.stores = journal.disk.stores
        for fact in await again.journal.replay():
            again.uploader.tell(fact)
        again.uploader.tell(Restored())
        await again.settle()

        assert again.transport.streams == []
        assert again.transport.sends == []
        assert store.objects == {key_of(Q1): CONTENT}


async def test_take_that_is_given_up_ends_its_stream():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT)
        stream = await desk.transport.next_stream()
        desk.scheduler.abandon("q1", Q1.key, 1)
        desk.uploader.wake()
        await desk.settle()

        assert stream.is_cancelled
        assert desk.store.uploads == {}
        assert desk.told(PartAcknowledged) == []


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


async def test_take_that_is_given_up_does_not_wait_for_the_reply_to_its_stream():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT)
        stream = await desk.transport.next_stream()
        await finish(desk)
        assert stream.is_whole
        desk.scheduler.abandon("q1", Q1.key, 1)
        desk.uploader.wake()
        await desk.settle()

        assert stream.is_cancelled
        assert desk.store.uploads == {}
