"""The driver when an upload is lost or given up: nothing stays open, nothing arrives twice."""

import pytest

from app.contract import UploadMode
from app.core.errors import NetworkFailed, UploadLost
from app.core.upload.events import UploadAborted
from tests.support.fake_store import key_of, video
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(25))


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
        desk.scheduler.abandon("q1", "1", 1)
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
        desk.scheduler.abandon("q1", "1", 1)
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
        desk.scheduler.abandon("q1", "1", 1)
        desk.uploader.wake()
        await desk.settle()
        assert desk.signer.asked == []
        assert desk.journal.is_empty


async def test_abort_is_repeated_until_the_signer_hears_it():
    async with uploading() as desk:
        desk.signer.holding = {"abort"}
        await desk.record(Q1, CONTENT)
        await desk.transport.next_send()
        desk.scheduler.abandon("q1", "1", 1)
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
        desk.scheduler.abandon("q1", "1", 1)
        desk.uploader.wake()
        (await desk.signer.next_call("abort")).fail(UploadLost("gone"))
        await desk.settle()
        assert desk.told(UploadAborted) == [UploadAborted(Q1)]
        assert desk.journal.is_empty
