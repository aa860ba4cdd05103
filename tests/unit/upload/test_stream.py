"""The driver of streams: a dialogue with the gateway, the store and the journal."""

import asyncio

import pytest

from app.core.upload.events import (
    PartAcknowledged,
    PartCut,
    RecordingEnded,
)
from app.core.upload.streams import STREAM_S
from tests.support.fake_store import key_of
from tests.support.streamed_desk import CONTENT, Q1, finish, streamed_store
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio


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


async def test_memory_is_kept_until_the_stream_is_acknowledged():
    async with uploading(store=streamed_store()) as desk:
        await desk.record(Q1, CONTENT)
        stream = await desk.transport.next_stream()
        await finish(desk)
        assert desk.journal.released == []
        stream.acknowledge()
        await desk.settle()

        assert desk.journal.released == [(Q1, 0, 60)]


async def test_browser_that_cannot_stream_asks_for_no_stream():
    store = streamed_store()
    async with uploading(store=store, can_stream=False) as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await finish(desk)

        assert desk.transport.streams == []
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
