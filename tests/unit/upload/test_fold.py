"""The folded layout on the page's side: small parts are folded while more are recorded, and signed ahead."""

import asyncio

import pytest

from app.contract import SignedPart
from app.core.errors import NetworkFailed, StoreBusy, UrlRejected
from app.core.upload.events import PartCut, UploadCompleted, UploadCreated, UploadFolded
from tests.support.fake_store import key_of, video
from tests.support.folding_store import SMALL, WINDOW, FoldingStore
from tests.support.uploading import Desk, content, uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")


async def record(desk: Desk, size: int) -> None:
    await desk.record(Q1, content(size))
    await desk.settle()


async def test_each_acknowledged_part_is_folded_and_the_end_names_only_what_is_left():
    async with uploading(store=FoldingStore()) as desk:
        desk.transport.holds_parts = False
        await record(desk, 2 * SMALL + 4)
        await desk.stop(Q1)
        await desk.settle()

        assert [fact.folded for fact in desk.told(UploadFolded)][-1] >= SMALL
        [end] = desk.signer.calls("complete")
        assert [part.size for part in end.parts][-1] == 4
        assert end.parts[0].offset == desk.told(UploadFolded)[-1].folded
        assert desk.store.objects[key_of(Q1)] == content(2 * SMALL + 4)
        assert len(desk.told(UploadCompleted)) == 1


async def test_how_a_part_is_cut_is_noted_before_it_is_sent():
    async with uploading(store=FoldingStore()) as desk:
        await record(desk, SMALL)
        send = await desk.transport.next_send()

        [cut] = [fact for how, fact in desk.history if how == "kept" and isinstance(fact, PartCut)]
        assert (cut.part.number, cut.part.offset, cut.part.size) == (1, 0, SMALL)
        assert isinstance(send.target, SignedPart)
        assert cut.slot == send.target.slot


async def test_next_parts_are_signed_with_the_folding_of_the_last_one():
    async with uploading(store=FoldingStore(), sign_ahead=2) as desk:
        desk.transport.holds_parts = False
        await record(desk, SMALL)
        assert len(desk.signer.calls("sign")) == 1
        [fold] = desk.signer.calls("fold")
        assert [part.offset for part in fold.ahead] == [2 * SMALL]  # the one before it is in the stock

        await record(desk, 2 * SMALL)
        assert len(desk.signer.calls("sign")) == 1, "a part has waited for its signature"


async def test_what_is_not_folded_yet_is_folded_when_the_recording_ends():
    async with uploading(store=FoldingStore(small=1)) as desk:
        await record(desk, 39)
        for _ in range(2):
            (await desk.transport.next_send()).acknowledge()
        await desk.settle()
        assert desk.signer.calls("fold") == []  # the call would take the line from what waits for it
        await desk.stop(Q1)
        await desk.settle()

        [fold] = desk.signer.calls("fold")
        assert [part.number for part in fold.parts] == [1, 2]


async def test_next_part_of_a_backlog_is_signed_with_the_folding_of_the_last_one():
    async with uploading(store=FoldingStore(small=1)) as desk:
        await record(desk, 39)
        for size in (16, 8, 4):
            send = await desk.transport.next_send()
            assert send.size == size
            if size == 4:
                await record(desk, 39)
            send.acknowledge()
        await desk.settle()
        [fold] = desk.signer.calls("fold")
        assert [(part.offset, part.size) for part in fold.ahead] == [(40, 16)]  # those before it are on their way
        signed = len(desk.signer.calls("sign"))

        (await desk.transport.next_send()).acknowledge()
        await desk.settle()
        assert len(desk.signer.calls("sign")) == signed, "a part has waited for its signature"


async def test_no_round_trip_is_spent_on_folding_a_window_that_was_sent_whole():
    async with uploading(store=FoldingStore()) as desk:
        desk.transport.holds_parts = False
        await record(desk, WINDOW)
        await desk.stop(Q1)
        await desk.settle()

        assert desk.signer.calls("fold") == []
        assert desk.store.objects[key_of(Q1)] == content(WINDOW)


async def test_folding_whose_reply_is_lost_is_asked_for_again():
    async with uploading(store=FoldingStore()) as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"fold"}
        await record(desk, SMALL)
        (await desk.signer.next_call("fold")).lose_reply(NetworkFailed("reset"))
        (await desk.clock.next_sleep()).wake()
        (await desk.signer.next_call("fold")).answer()
        await desk.settle()

        assert [fact.folded for fact in desk.told(UploadFolded)] == [SMALL]
        assert len(desk.transport.sends) == 1


async def test_what_the_store_has_lost_of_a_window_is_sent_again():
    store = FoldingStore()
    async with uploading(store=store) as desk:
        desk.transport.holds_parts = False
        await record(desk, 2 * SMALL)
        [handle] = store.uploads
        store.drop(handle, "tail 0")
        await record(desk, SMALL)
        await desk.stop(Q1)
        await desk.settle()
        for _ in range(6):
            if desk.told(UploadCompleted):
                break
            (await desk.clock.next_sleep()).wake()
            await desk.settle()

        assert desk.store.objects[key_of(Q1)] == desk.journal.recorded(Q1)


async def stick(desk: Desk, store: FoldingStore) -> None:
    """Have the first part stored in a slot that the store fails to fold."""
    await record(desk, SMALL)
    send = await desk.transport.next_send()
    assert isinstance(send.target, SignedPart)
    assert send.target.slot is not None
    store.stuck.add(send.target.slot)
    desk.transport.holds_parts = False
    send.acknowledge()
    await desk.settle()


@pytest.mark.parametrize("has_ended", [False, True], ids=["in mid-answer", "at the end"])
async def test_part_that_the_store_fails_to_fold_is_sent_again_to_another_place(has_ended):
    store = FoldingStore()
    async with uploading(store=store) as desk:
        desk.signer.holding = {"fold"} if has_ended else set()
        await stick(desk, store)
        if has_ended:  # a call that got no reply: the end is the first that the store fails
            (await desk.signer.next_call("fold")).fail(NetworkFailed("reset"))
            desk.signer.holding = set()
            await desk.stop(Q1)
        assert len(desk.transport.sends) == 1
        await desk.clock.advance(120)
        assert len(desk.transport.sends) == 2, "sent again and again, or not at all"
        if not has_ended:
            await record(desk, 2 * SMALL)
            await desk.stop(Q1)
            await desk.clock.advance(120)

        assert store.objects[key_of(Q1)] == desk.journal.recorded(Q1)
        assert len(desk.told(UploadCompleted)) == 1


async def test_other_parts_are_sent_while_one_is_stuck_and_not_again():
    store = FoldingStore()
    async with uploading(store=store) as desk:
        await stick(desk, store)
        await record(desk, 5 * SMALL)
        await desk.clock.advance(120)
        await desk.stop(Q1)
        await desk.clock.advance(120)

        sent = sorted(send.target.url.partition("#")[0] for send in desk.transport.sends)
        assert len(sent) == len(set(sent)) + 1
        assert store.objects[key_of(Q1)] == desk.journal.recorded(Q1)


async def test_stuck_part_whose_bytes_this_device_let_go_waits_for_the_store():
    store = FoldingStore()
    async with uploading(store=store) as desk:
        await stick(desk, store)
        whole = desk.journal.recorded(Q1)
        desk.journal.disk.let_go(Q1, SMALL)
        await desk.stop_with(Q1, whole)
        await desk.clock.advance(600)
        assert len(desk.transport.sends) == 1
        store.stuck.clear()
        await desk.clock.advance(120)

        assert store.objects[key_of(Q1)] == whole


async def test_store_that_fails_to_fold_anything_is_asked_less_and_less():
    store = FoldingStore()
    async with uploading(store=store) as desk:
        await stick(desk, store)
        store.folds_nothing = True
        await desk.clock.advance(3_600)

        asked = 3_600 / (desk.policy.retry_cap_s * desk.randomness.next_jitter)
        assert 0.9 * asked <= len(desk.signer.calls("fold")) <= asked + 10  # a few come before the back-off has grown
        assert len(desk.transport.sends) <= asked / 3 + 4

        store.folds_nothing = False
        await desk.stop(Q1)
        await desk.clock.advance(120)
        assert store.objects[key_of(Q1)] == desk.journal.recorded(Q1)


async def test_end_does_not_wait_for_folding_that_only_a_person_would_repeat():
    async with uploading(store=FoldingStore()) as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"fold", "complete"}
        await record(desk, SMALL)
        (await desk.signer.next_call("fold")).fail(UrlRejected("The signer answered 400."))
        await desk.stop(Q1)
        for _ in range(4):
            (await desk.signer.next_call("complete")).fail(StoreBusy("The signer answered 503."))
            await desk.clock.advance(60)
        (await desk.signer.next_call("complete")).answer()
        await desk.settle()

        assert len(desk.told(UploadCompleted)) == 1


async def test_folding_lets_no_bytes_go_before_the_journal_knows_that_they_are_stored():
    async with uploading(store=FoldingStore()) as desk:
        desk.transport.holds_parts = False
        desk.journal.slow_notes = asyncio.Event()
        await record(desk, SMALL)
        assert [fact.folded for fact in desk.told(UploadFolded)] == [SMALL]
        assert desk.journal.is_wanted(Q1, 0, SMALL)

        desk.journal.slow_notes.set()
        await desk.settle()
        assert not desk.journal.is_wanted(Q1, 0, SMALL)


async def test_bytes_of_a_stuck_part_are_kept_until_the_store_has_folded_them():
    store = FoldingStore()
    async with uploading(store=store) as desk:
        await stick(desk, store)
        assert desk.journal.is_wanted(Q1, 0, SMALL)
        store.stuck.clear()
        await desk.clock.advance(10)
        assert not desk.journal.is_wanted(Q1, 0, SMALL)


@pytest.mark.parametrize("small", [SMALL, 1], ids=["few parts a window", "many"])
async def test_after_a_reload_only_what_the_store_lacks_is_sent(small):
    store = FoldingStore(small)
    async with uploading(store=store) as desk:
        desk.transport.holds_parts = False
        whole = content(WINDOW + 2 * SMALL)
        for place in range(len(whole)):
            await desk.record(Q1, whole[place : place + 1])
            await desk.settle()
        journal = desk.journal
        facts = await journal.replay()
    sent = len(desk.transport.sends)

    async with uploading(store=store) as again:
        again.transport.holds_parts = False
        await again.restore(journal)
        await again.stop(Q1)
        await again.settle()

        assert any(isinstance(fact, UploadCreated) for fact in facts)
        assert again.transport.sends == [], f"{len(again.transport.sends)} of {sent} parts went twice"
        assert store.objects[key_of(Q1)] == content(WINDOW + 2 * SMALL)
