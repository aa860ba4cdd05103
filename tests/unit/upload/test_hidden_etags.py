"""A proxy hides the ETag of what has arrived: the signer's list says it instead."""

import pytest

from app.contract import AnswerRecord, StoredParts, StoredState
from app.core.errors import Corrupted, EtagMissing, NetworkFailed, UploadLost
from app.core.upload.events import AnswerStored, AnswerWritten, CommandFailed, PartAcknowledged
from tests.support.fake_store import video
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(35))


async def test_part_whose_etag_is_hidden_is_looked_up_in_the_signers_list():
    async with uploading(parallel_parts=1) as desk:
        await desk.record(Q1, CONTENT[:20])
        for number in (1, 2):
            send = await desk.transport.next_send()
            send.store()
            send.fail(EtagMissing("hidden"))
            await desk.settle()
            assert desk.signer.calls("list")[-1] == ("upload-1", number - 1)
        assert [fact.number for fact in desk.told(PartAcknowledged)] == [1, 2]
        assert desk.last.acknowledged == 20


@pytest.mark.parametrize("stored", [b"y" * 10, b"x" * 9, None])
async def test_part_whose_etag_is_hidden_and_that_the_store_does_not_hold_is_sent_again(stored: bytes | None):
    async with uploading() as desk:
        await desk.record(Q1, b"x" * 10)
        send = await desk.transport.next_send()
        if stored is not None:
            desk.store.uploads["upload-1"].parts[1] = stored
        desk.store.uploads["upload-1"].parts[2] = b"x" * 10
        send.fail(EtagMissing("hidden"))
        await desk.settle()
        assert desk.told(PartAcknowledged) == []
        (failed,) = desk.told(CommandFailed)
        assert isinstance(failed.error, Corrupted)
        assert not desk.last.has_failed
        await desk.clock.advance(1)
        again = await desk.transport.next_send()
        again.store()
        again.fail(EtagMissing("hidden"))
        await desk.settle()
        assert [fact.number for fact in desk.told(PartAcknowledged)] == [1]


async def test_part_whose_etag_is_hidden_and_whose_list_cannot_be_had_is_sent_again():
    async with uploading() as desk:
        desk.signer.holding = {"list"}
        await desk.record(Q1, CONTENT[:10])
        send = await desk.transport.next_send()
        send.store()
        send.fail(EtagMissing("hidden"))
        (await desk.signer.next_call("list")).fail(NetworkFailed("reset"))
        await desk.clock.advance(1)
        assert desk.transport.part_numbers == [1, 1]


async def test_list_of_an_upload_that_is_gone_proves_nothing():
    async with uploading() as desk:
        desk.signer.holding = {"list"}
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(EtagMissing("hidden"))
        (await desk.signer.next_call("list")).answer(StoredParts(state=StoredState.UNKNOWN))
        await desk.settle()
        assert desk.told(PartAcknowledged) == []
        (failed,) = desk.told(CommandFailed)
        assert isinstance(failed.error, UploadLost)
        await desk.clock.advance(1)
        assert len(desk.signer.calls("create")) == 2


@pytest.mark.parametrize("has_arrived", [True, False])
async def test_answer_whose_etag_is_hidden_is_looked_up_in_the_bucket(has_arrived):
    record = AnswerRecord(question="q1", take=1, text="Because.")
    async with uploading() as desk:
        desk.transport.holds_documents = True
        desk.uploader.tell(AnswerWritten(record))
        send = await desk.transport.next_document()
        if has_arrived:
            send.store()
        send.fail(EtagMissing("hidden"))
        await desk.settle()
        assert desk.told(AnswerStored) == ([AnswerStored(record)] if has_arrived else [])
        assert desk.last.is_safe is has_arrived
        if not has_arrived:
            await desk.clock.advance(1)
            (await desk.transport.next_document()).acknowledge()
            await desk.settle()
            assert desk.last.is_safe


async def test_hidden_etag_that_is_no_md5_is_taken_from_the_list():
    async with uploading() as desk:
        desk.store.has_md5_etags = False
        desk.store.is_md5_signed = True
        await desk.record(Q1, CONTENT[:10])
        send = await desk.transport.next_send()
        send.store()
        send.fail(EtagMissing("hidden"))
        await desk.settle()
        (acknowledged,) = desk.told(PartAcknowledged)
        assert acknowledged.etag == desk.store.etag_of(CONTENT[:10]) != send.md5


@pytest.mark.parametrize("stored", [b"x" * 9, None])
async def test_hidden_etag_that_is_no_md5_of_a_part_that_is_not_listed_so_is_sent_again(stored: bytes | None):
    async with uploading() as desk:
        desk.store.has_md5_etags = False
        await desk.record(Q1, b"x" * 10)
        send = await desk.transport.next_send()
        if stored is not None:
            desk.store.uploads["upload-1"].parts[1] = stored
        send.fail(EtagMissing("hidden"))
        await desk.settle()
        assert desk.told(PartAcknowledged) == []
        (failed,) = desk.told(CommandFailed)
        assert isinstance(failed.error, Corrupted)
