"""What the journal believes of an upload is compared with what the store has."""

import pytest

from app.core.errors import NetworkFailed, UploadLost
from app.core.session.actions import Retake, Stop
from app.core.upload.events import PartAcknowledged
from tests.support.fake_store import key_of, video
from tests.support.held import settle
from tests.support.sitting import Sitting, sitting
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(35))
LIST = frozenset({"list"})


async def _reloaded_in_the_middle() -> Sitting:
    """Record 35 bytes; the page is gone when the store has the first part and the journal knows it."""
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 35)
        (await desk.transport.next_send()).acknowledge()
        await settle()
    return desk


async def test_part_that_the_store_has_and_the_journal_does_not_know_is_not_sent_again():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 35)
        for _ in range(2):
            (await desk.transport.next_send()).store()  # the reply is lost with the page
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        assert sorted(again.store.written) == [("upload-1", number) for number in (1, 2, 3, 4)]


async def test_part_that_the_store_turns_out_to_have_is_noted_and_let_go():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 35)
        await desk.action(Stop("q1"))
        for _ in range(2):
            (await desk.transport.next_send()).store()  # the reply is lost with the page
    async with sitting(journal=desk.journal, store=desk.store, holding=frozenset({"create", "sign"})) as again:
        noted = [fact.number for fact in again.journal.facts if isinstance(fact, PartAcknowledged)]
        assert noted == [1, 2]
        assert again.journal.released == [(Q1, 0, 10), (Q1, 10, 10)]


async def test_parts_of_an_upload_that_the_store_has_lost_are_wanted_again():
    async with uploading() as desk:
        await desk.record(Q1, CONTENT[:10])
        (await desk.transport.next_send()).acknowledge()
        await desk.record(Q1, CONTENT[10:20])
        await settle()
        assert not desk.journal.is_wanted(Q1, 0, 10)
        desk.signer.holding = {"create"}
        desk.store.lose("upload-1")
        (await desk.transport.next_send()).fail(UploadLost("gone"))
        await settle()
        assert desk.journal.is_wanted(Q1, 0, 20)


async def test_part_that_the_journal_knows_and_the_store_does_not_have_is_sent_again():
    desk = await _reloaded_in_the_middle()
    del desk.store.uploads["upload-1"].parts[1]
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        assert again.store.written.count(("upload-1", 1)) == 2


@pytest.mark.parametrize("stored", [b"y" * 10, b"x" * 9, b""])
async def test_part_that_the_store_holds_otherwise_is_sent_again(stored):
    desk = await _reloaded_in_the_middle()
    desk.store.uploads["upload-1"].parts[1] = stored or b"z"
    desk.store.uploads["upload-1"].parts[2] = b"y" * 10  # nobody has acknowledged this one
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}


async def test_nothing_is_sent_or_finished_before_the_store_was_asked():
    desk = await _reloaded_in_the_middle()
    async with sitting(journal=desk.journal, store=desk.store, holding=LIST) as again:
        call = await again.signer.next_call("list")
        assert [name for name, _ in again.signer.asked] == ["list"]
        assert again.transport.sends == []
        call.answer()
        await settle()
        assert again.store.objects == {key_of(Q1): b"x" * 35}


async def test_store_that_does_not_answer_is_asked_again():
    desk = await _reloaded_in_the_middle()
    async with sitting(journal=desk.journal, store=desk.store, holding=LIST) as again:
        (await again.signer.next_call("list")).fail(NetworkFailed("reset"))
        await again.clock.advance(1)
        (await again.signer.next_call("list")).answer()
        await settle()
        assert again.store.objects == {key_of(Q1): b"x" * 35}


async def test_take_that_is_compared_with_the_store_may_be_replaced():
    desk = await _reloaded_in_the_middle()
    async with sitting(journal=desk.journal, store=desk.store, holding=LIST) as again:
        call = await again.signer.next_call("list")
        await again.action(Retake("q1"))
        await again.record("q1", b"new")
        call.answer()
        await settle()
        assert again.journal.recorded(Q1) == b""
        await again.action(Stop("q1"))
        assert again.store.objects == {key_of(video("q1", 2)): b"new"}
        assert (again.store.uploads, again.journal.is_empty) == ({}, True)
        assert again.store.written == [("upload-1", 1), ("upload-2", 1)], "nothing of the first take is sent"


async def test_progress_of_the_earlier_visit_is_shown_at_once():
    desk = await _reloaded_in_the_middle()
    async with sitting(journal=desk.journal, store=desk.store, holding=LIST) as again:
        await again.signer.next_call("list")
        assert (again.view.figures.acknowledged, again.view.figures.recorded) == (10, 35)


async def test_object_that_was_put_together_before_the_reload_is_not_sent_again():
    """The store has all of it; what the journal has not heard of is no reason to begin anew."""
    async with sitting() as desk:
        desk.signer.holding = {"complete"}
        await desk.answer("q1", b"x" * 35)
        desk.store.complete((await desk.signer.next_call("complete")).asked)
    desk.journal.facts = [fact for fact in desk.journal.facts if not isinstance(fact, PartAcknowledged)]
    async with sitting(journal=desk.journal, store=desk.store) as again:
        await again.clock.advance(10)
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        assert len(again.store.written) == 4
        assert again.view.figures.is_safe


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_upload_that_neither_store_nor_object_remember_begins_anew(is_stopped):
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 35)
        (await desk.transport.next_send()).acknowledge()
        await settle()
        if is_stopped:
            await desk.action(Stop("q1"))
    desk.store.lose("upload-1")
    async with sitting(journal=desk.journal, store=desk.store) as again:
        await again.clock.advance(1)
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        assert {handle for handle, _ in again.signer.calls("sign")} == {"upload-2"}, "the store was asked first"
        assert again.journal.is_empty


async def test_second_reload_after_a_part_was_sent_again_goes_on():
    """The journal has then heard twice of one part."""
    desk = await _reloaded_in_the_middle()
    del desk.store.uploads["upload-1"].parts[1]
    async with sitting(journal=desk.journal, store=desk.store, holding=frozenset({"complete"})) as second:
        await second.signer.next_call("complete")
    acknowledged = [fact.number for fact in desk.journal.facts if isinstance(fact, PartAcknowledged)]
    assert acknowledged.count(1) == 2
    async with sitting(journal=desk.journal, store=desk.store) as third:
        await third.clock.advance(1)
        assert third.store.objects == {key_of(Q1): b"x" * 35}


async def test_long_list_of_parts_is_read_to_its_end():
    desk = await _reloaded_in_the_middle()
    upload = desk.store.uploads["upload-1"]
    upload.parts |= {2: b"x" * 10, 3: b"x" * 10}
    desk.store.page_parts = 1
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        assert [after for _, after in again.signer.calls("list")] == [0, 1, 2]
        assert again.store.written == [("upload-1", 1), ("upload-1", 4)]


async def test_list_that_does_not_get_on_is_read_once():
    desk = await _reloaded_in_the_middle()
    async with sitting(journal=desk.journal, store=desk.store, holding=LIST) as again:
        call = await again.signer.next_call("list")
        call.answer(again.store.list("upload-1", 0).model_copy(update={"next_after": 0}))
        await settle()
        assert again.store.objects == {key_of(Q1): b"x" * 35}


async def test_where_etags_are_no_md5_only_a_part_with_a_noted_etag_is_not_sent_again():
    """Nothing compares the second part with the recording: its ETag is unknown, its size says little."""
    async with sitting() as desk:
        desk.store.has_md5_etags, desk.store.is_md5_signed = False, True
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 35)
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        first.acknowledge()
        second.store()  # the reply is lost with the page
        await settle()
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}
        assert [again.store.written.count(("upload-1", number)) for number in (1, 2, 3, 4)] == [1, 2, 1, 1]


async def test_where_etags_are_no_md5_a_part_that_the_store_has_replaced_is_sent_again():
    async with sitting() as desk:
        desk.store.has_md5_etags, desk.store.is_md5_signed = False, True
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 35)
        (await desk.transport.next_send()).acknowledge()
        await settle()
    desk.store.uploads["upload-1"].parts[1] = b"y" * 10
    async with sitting(journal=desk.journal, store=desk.store) as again:
        assert again.store.objects == {key_of(Q1): b"x" * 35}


async def test_where_etags_are_no_md5_a_complete_object_is_not_sent_again():
    async with sitting() as desk:
        desk.store.has_md5_etags, desk.store.is_md5_signed = False, True
        desk.signer.holding = {"complete"}
        await desk.answer("q1", b"x" * 35)
        desk.store.complete((await desk.signer.next_call("complete")).asked)
    desk.journal.facts = [fact for fact in desk.journal.facts if not isinstance(fact, PartAcknowledged)]
    async with sitting(journal=desk.journal, store=desk.store) as again:
        await again.clock.advance(10)
        assert len(again.store.written) == 4
        assert again.view.figures.is_safe
