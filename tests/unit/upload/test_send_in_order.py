"""Parts that the store takes in order: one at a time, proven at the end, and sent again after what breaks."""

import pytest

from app.core.errors import NetworkFailed, UrlExpired
from app.core.upload.events import PartAcknowledged, PartCut, Restored, UploadCompleted, UploadReconciled
from tests.support.fake_store import key_of, md5_hex, video
from tests.support.ordered_store import LARGEST, STEP, OrderedStore
from tests.support.uploading import Desk, content, uploading

pytestmark = pytest.mark.anyio
Q1, Q2 = video("q1"), video("q2")


async def record(desk: Desk, size: int, ref=Q1) -> None:
    await desk.record(ref, content(size))
    await desk.settle()


async def record_and_store_first(desk: Desk, size: int) -> None:
    await record(desk, size)
    (await desk.transport.next_piece()).acknowledge()
    await desk.settle()


async def later(desk: Desk) -> None:
    """Let all waits pass."""
    await desk.clock.advance(60)
    await desk.settle()


async def fail(desk: Desk, error: Exception) -> None:
    (await desk.transport.next_piece()).fail(error)
    await desk.settle()
    await later(desk)


async def test_one_part_at_a_time_whatever_else_may_be_in_flight():
    async with uploading(store=OrderedStore(), parallel_parts=4) as desk:
        await record(desk, 4 * LARGEST)
        await record(desk, 2 * LARGEST, Q2)
        assert [piece.place.part.offset for piece in desk.transport.pieces] == [0, 0], "one for each recording"

        (await desk.transport.next_piece()).acknowledge()
        await desk.settle()
        assert [piece.place.part.offset for piece in desk.transport.pieces] == [0, 0, LARGEST]


async def test_idle_sender_takes_whole_steps_and_the_rest_once_the_recording_has_ended():
    async with uploading(store=OrderedStore()) as desk:
        desk.transport.holds_parts = False
        await record(desk, STEP - 1)
        assert desk.transport.pieces == []
        await record(desk, STEP)
        await desk.stop(Q1)
        await desk.settle()

        assert [piece.place.header for piece in desk.transport.pieces] == ["bytes 0-4/*", "bytes 5-8/9"]
        assert desk.store.objects == {key_of(Q1): content(STEP - 1) + content(STEP)}
        assert len(desk.told(UploadCompleted)) == 1


async def test_recording_that_ends_with_a_whole_step_is_ended_by_the_signer():
    async with uploading(store=OrderedStore()) as desk:
        desk.transport.holds_parts = False
        await record(desk, STEP)
        await desk.stop(Q1)
        await desk.settle()

        assert [piece.place.header for piece in desk.transport.pieces] == ["bytes 0-4/*"]
        assert desk.store.objects == {key_of(Q1): content(STEP)}


async def test_one_signature_serves_all_parts_and_each_cut_is_noted_before_it_is_sent():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, 3 * LARGEST)
        piece = await desk.transport.next_piece()
        assert [fact.part for how, fact in desk.history if how == "kept" and isinstance(fact, PartCut)] == [
            piece.place.part
        ]
        for _ in range(3):
            (await desk.transport.next_piece()).acknowledge()
            await desk.settle()

        assert len(desk.signer.calls("sign")) == 1


async def test_digest_of_a_part_is_that_of_everything_up_to_its_end():
    async with uploading(store=OrderedStore()) as desk:
        desk.transport.holds_parts = False
        await record(desk, 2 * LARGEST + 3)
        await desk.stop(Q1)
        await desk.settle()

        whole = content(2 * LARGEST + 3)
        digests = [fact.etag for fact in desk.told(PartAcknowledged)]
        assert digests == [md5_hex(whole[:LARGEST]), md5_hex(whole[: 2 * LARGEST]), md5_hex(whole)]
        [end] = desk.signer.calls("complete")
        assert end.parts[-1].etag == md5_hex(whole)


async def test_part_whose_connection_breaks_is_sent_again_and_nothing_is_stored_twice():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, LARGEST)
        (await desk.transport.next_piece()).cut_off(LARGEST - 1)
        await desk.settle()
        await later(desk)
        again = await desk.transport.next_piece()
        assert again.place.part.offset == 0
        again.acknowledge()
        desk.transport.holds_parts = False
        await desk.stop(Q1)
        await desk.settle()

        assert desk.store.objects == {key_of(Q1): content(LARGEST)}


async def test_next_part_waits_while_the_one_before_waits_for_another_try():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, 3 * LARGEST)
        (await desk.transport.next_piece()).fail(NetworkFailed("reset"))
        await desk.settle()

        assert len(desk.transport.pieces) == 1


async def test_lost_reply_of_the_last_part_is_settled_by_sending_it_again():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, STEP + 2)
        (await desk.transport.next_piece()).acknowledge()
        await desk.stop(Q1)
        await desk.settle()
        piece = await desk.transport.next_piece()
        assert piece.place.header == "bytes 5-6/7"
        piece.store()
        desk.transport.holds_parts = False
        await fail(desk, NetworkFailed("reset"))

        assert desk.store.objects == {key_of(Q1): content(STEP + 2)}
        assert len(desk.told(UploadCompleted)) == 1


async def test_reply_that_does_not_tell_is_settled_by_the_signer():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, LARGEST)
        piece = await desk.transport.next_piece()
        piece.store()
        piece.answer(None)
        await desk.settle()

        assert len(desk.signer.calls("list")) == 1
        assert len(desk.told(PartAcknowledged)) == 1


async def test_part_of_which_the_store_has_only_the_beginning_is_sent_again():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, LARGEST)
        (await desk.transport.next_piece()).answer(STEP)
        await desk.settle()
        assert desk.told(PartAcknowledged) == []
        await later(desk)

        assert (await desk.transport.next_piece()).place.part.offset == 0


async def test_store_that_has_less_than_it_had_acknowledged_has_lost_the_upload():
    async with uploading(store=OrderedStore()) as desk:
        await record_and_store_first(desk, 2 * LARGEST)
        (await desk.transport.next_piece()).answer(STEP)
        await desk.settle()
        await later(desk)

        assert len(desk.signer.calls("create")) == 2
        assert (await desk.transport.next_piece()).place.part.offset == 0


async def test_session_that_has_expired_begins_again_from_the_journal():
    async with uploading(store=OrderedStore()) as desk:
        await record_and_store_first(desk, 2 * LARGEST)
        desk.store.lose("upload-1")
        desk.transport.holds_parts = False
        (await desk.transport.next_piece()).acknowledge()  # 404
        await desk.settle()
        await desk.clock.advance(60)
        await desk.stop(Q1)
        await desk.settle()

        assert desk.store.objects == {key_of(Q1): content(2 * LARGEST)}


async def test_refused_url_is_signed_again():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, LARGEST)
        await fail(desk, UrlExpired("403"))

        assert len(desk.signer.calls("sign")) == 2


async def test_damaged_bytes_are_found_at_the_end_and_all_is_sent_again():
    async with uploading(store=OrderedStore()) as desk:
        await record(desk, LARGEST)
        piece = await desk.transport.next_piece()
        piece.content = b"X" + piece.content[1:]
        piece.acknowledge()
        desk.transport.holds_parts = False
        await desk.stop(Q1)
        await desk.settle()
        await later(desk)

        assert len(desk.signer.calls("create")) == 2
        assert desk.store.objects == {key_of(Q1): content(LARGEST)}


async def test_store_with_more_than_was_recorded_has_another_recording():
    store = OrderedStore()
    async with uploading(store=store) as desk:
        await record_and_store_first(desk, LARGEST)
        store.sessions["upload-1"].content += b"of another recording"
        desk.uploader.tell(Restored())
        await desk.settle()

        assert desk.told(UploadReconciled) == []
        await later(desk)
        assert len(desk.signer.calls("create")) == 2
