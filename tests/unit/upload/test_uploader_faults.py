"""The driver when something fails: it says so, waits, and goes on."""

import pytest

from app.contract import AnswerRecord, CompletedObject
from app.core.errors import NetworkFailed, StoreBusy, UrlExpired, UrlRejected
from app.core.upload.events import AnswerWritten, UploadCompleted
from app.core.upload.progress import TrackState
from tests.support.fake_store import key_of, video
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(25))


async def test_part_is_sent_again_after_network_failure():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(NetworkFailed("reset"))
        sleep = await desk.clock.next_sleep()
        assert sleep.duration_s == 0.25  # half of the first bound
        assert desk.last.tracks[0].problem == "reset"
        sleep.wake()
        retry = await desk.transport.next_send()
        assert (retry.number, retry.content) == (1, CONTENT[:10])


async def test_part_that_the_disk_does_not_show_is_read_again_later():
    async with uploading() as desk:
        desk.journal.unread = 1
        await desk.record(Q1, CONTENT[:10])
        (await desk.clock.next_sleep()).wake()
        assert (await desk.transport.next_send()).content == CONTENT[:10]


async def test_part_that_becomes_due_while_the_page_draws_is_sent_again():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        send = await desk.transport.next_send()
        desk.randomness.next_jitter = 0.01
        desk.uploader._on_progress = lambda _: setattr(desk.clock, "time", desk.clock.time + 1)
        send.fail(NetworkFailed("reset"))
        (await desk.clock.next_sleep()).wake()
        assert (await desk.transport.next_send()).number == 1


async def test_part_whose_reply_was_lost_is_sent_again_and_counts_once():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        send = await desk.transport.next_send()
        send.store()
        send.fail(NetworkFailed("reset"))
        (await desk.clock.next_sleep()).wake()
        (await desk.transport.next_send()).acknowledge()
        await desk.stop(Q1)
        await desk.settle()
        assert desk.store.objects == {key_of(Q1): CONTENT[:10]}
        assert desk.last.acknowledged == 10


async def test_patience_asked_for_is_kept():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(StoreBusy("busy", 20))
        await desk.clock.advance(20.2)
        assert desk.transport.part_numbers == [1]
        await desk.clock.advance(0.1)
        assert desk.transport.part_numbers == [1, 1]


async def test_back_off_is_cut_short_when_the_network_returns():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(NetworkFailed("offline"))
        await desk.clock.next_sleep()
        desk.scheduler.set_online(is_online=True)
        desk.uploader.wake()
        assert (await desk.transport.next_send()).number == 1


async def test_expired_url_is_replaced_by_a_fresh_one_at_once():
    async with uploading(sign_ahead=4) as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(UrlExpired("403"))
        retry = await desk.transport.next_send()
        assert retry.number == 1
        assert len(desk.signer.calls("sign")) == 2


async def test_urls_signed_together_with_a_refused_one_are_not_used():
    async with uploading(parallel_parts=1, sign_ahead=4) as desk:
        await desk.record(Q1, CONTENT)
        for _ in range(2):
            (await desk.transport.next_send()).fail(UrlExpired("403"))
        assert (await desk.transport.next_send()).number == 2, "the first one waits: it was refused twice"
        signed = [[part.number for part in parts] for _, parts in desk.signer.calls("sign")]
        assert signed == [[1, 2, 3, 4], [1, 2, 3, 4], [2, 3, 4, 5]]


async def test_signer_that_is_down_holds_up_the_upload_and_nothing_else():
    async with uploading() as desk:
        desk.signer.holding = {"create"}
        await desk.record(Q1, CONTENT)
        (await desk.signer.next_call("create")).fail(NetworkFailed("down"))
        await desk.record(Q1, CONTENT)
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("create")).answer()
        assert (await desk.transport.next_send()).number == 1


async def test_recording_is_opened_with_one_nonce_however_often():
    async with uploading() as desk:
        desk.signer.holding = {"create"}
        await desk.record(Q1, CONTENT)
        (await desk.signer.next_call("create")).lose_reply(NetworkFailed("lost"))
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("create")).answer()
        await desk.settle()
        assert len({request.nonce for request in desk.signer.calls("create")}) == 1


async def test_completion_whose_reply_was_lost_is_asked_for_again():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"complete"}
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        (await desk.signer.next_call("complete")).lose_reply(NetworkFailed("lost"))
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("complete")).answer()
        await desk.settle()
        assert len(desk.told(UploadCompleted)) == 1
        assert desk.last.is_safe


@pytest.mark.parametrize("claimed", [CompletedObject(key="other", size=25), CompletedObject(key=key_of(Q1), size=24)])
async def test_another_object_than_was_recorded_is_no_completion(claimed):
    async with uploading() as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"complete"}
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        (await desk.signer.next_call("complete")).answer(claimed)
        await desk.settle()
        assert desk.told(UploadCompleted) == []
        assert not desk.last.is_safe


async def test_fatal_stops_until_retry():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).fail(UrlRejected("The store answered 405."))
        await desk.clock.advance(1000)
        assert desk.transport.part_numbers == [1]
        assert desk.last.has_failed
        desk.scheduler.retry()
        desk.uploader.wake()
        (await desk.transport.next_send()).acknowledge()
        await desk.settle()
        assert not desk.last.has_failed


async def test_journal_that_has_lost_a_recording_is_a_failure_and_no_crash():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        desk.journal.disk.stores["chunks"].clear()
        await desk.settle()
        assert desk.last.tracks[0].state is TrackState.FAILED
        assert "no longer on this device" in desk.last.tracks[0].problem


async def test_full_journal_does_not_hold_up_what_it_has_already():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        desk.journal.room = 0
        desk.transport.holds_parts = False
        desk.uploader.tell(AnswerWritten(AnswerRecord(question="q2", take=1, text="Because.")))
        await desk.settle()
        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert desk.last.is_safe
