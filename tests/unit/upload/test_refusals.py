"""An upload that a store refuses is begun again with smaller parts, and the operator is told."""

import pytest

from app.contract import PartRules, TroubleKind
from app.contract.embed.outbound import UploadError as ToldError
from app.core.errors import BodyTooLarge, NetworkFailed, StoreSilent
from app.core.notices import Topic
from app.core.upload.events import PartAcknowledged, UploadAborted, UploadCreated
from app.core.upload.refusals import Reached
from tests.support.fake_store import FakeStore, key_of, video
from tests.support.held import settle
from tests.support.sitting import sitting
from tests.support.uploading import uploading

Q1 = video("q1")
SILENT = StoreSilent("no reply")
SIGNER = Reached(True, False)


class ShrinkingStore(FakeStore):
    def create(self, request):
        opened = dict(self.uploads)
        grant = super().create(request)
        self.uploads = opened | self.uploads  # a store that does not list them: the signer gives none of them up
        return grant.model_copy(
            update={"parts": PartRules.equal(min(self.part_bytes, request.part_bytes_at_most or 99))}
        )


@pytest.mark.anyio
async def test_upload_that_is_begun_again_leaves_nothing_of_the_first_one():
    async with uploading() as desk:
        desk.store.__class__ = ShrinkingStore
        await desk.record(Q1, bytes(range(25)))
        first, second = await desk.transport.next_send(), await desk.transport.next_send()
        first.fail(BodyTooLarge("The store answered 413."))
        await settle()
        assert second.is_cancelled
        assert [request.part_bytes_at_most for request in desk.signer.calls("create")] == [None, 5]
        assert len(desk.store.uploads) == 1, "the first upload stays open"
        assert [made.parts.max_bytes for made in desk.told(UploadCreated)] == [10, 5]
        desk.transport.holds_parts = False
        for send in desk.transport.in_flight:
            send.acknowledge()
        await desk.stop(Q1)
        await settle()
        assert desk.store.objects == {key_of(Q1): bytes(range(25))}
        assert desk.told(UploadAborted) == []
        assert len(desk.told(PartAcknowledged)) == 5


@pytest.mark.anyio
async def test_retake_while_parts_are_made_smaller_leaves_no_upload_open():
    async with uploading() as desk:
        await desk.record(Q1, bytes(range(25)))
        send = await desk.transport.next_send()
        desk.signer.holding = {"create"}
        send.fail(BodyTooLarge("The store answered 413."))
        (await desk.signer.next_call("create")).fail(NetworkFailed("reset"))
        await settle()
        desk.scheduler.abandon("q1", "1", 1)
        desk.uploader.wake()
        await settle()
        assert desk.store.uploads == {}


@pytest.mark.anyio
async def test_reload_goes_on_with_the_size_that_passed():
    store = ShrinkingStore()
    async with sitting(store=store) as before:
        before.transport.holds_parts = True
        await before.record("q1", b"x" * 20)
        (await before.transport.next_send()).fail(BodyTooLarge("The store answered 413."))
        (await before.transport.next_send()).fail(BodyTooLarge("The store answered 413."))
        await settle()
        (await before.transport.next_send()).acknowledge()
        await settle()
    async with sitting(journal=before.journal, store=store) as desk:
        await desk.clock.advance(5)
        assert list(store.objects.values()) == [b"x" * 20]
        assert desk.signer.calls("create") == []
        assert {len(send.content) for send in desk.transport.sends if send.number} <= {5, 2}


@pytest.mark.anyio
async def test_operator_is_told_once_a_kind_in_console_and_log():
    async with sitting() as desk:
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 10)
        for _ in range(3):
            await desk.clock.advance(100)
            for send in desk.transport.in_flight:
                send.fail(BodyTooLarge("The store answered 413."))
            await settle()
        [trouble] = desk.signer.calls("report")
        assert (trouble.kind, trouble.question) == (TroubleKind.TOO_LARGE, "q1")
        [said] = desk.console.said
        assert "too-large" in said
        assert Topic.STORE_REFUSES in desk.view.topics
        assert Topic.UPLOAD_FAILED not in desk.view.topics
        errors = [told for told in desk.told if isinstance(told, ToldError)]
        assert [error.reason for error in errors] == ["too-large"]


@pytest.mark.anyio
async def test_store_that_alone_is_away_is_told_and_taken_back():
    async with sitting() as desk:
        desk.endpoints.reached = SIGNER
        desk.transport.holds_parts = True
        await desk.record("q1", b"x" * 10)
        for _ in range(6):
            await desk.clock.advance(2)
            for send in desk.transport.in_flight:
                send.fail(SILENT)
            await settle()
            assert Topic.OFFLINE not in desk.view.topics
        assert Topic.STORE_AWAY in desk.view.topics
        desk.transport.holds_parts = False
        for send in desk.transport.in_flight:
            send.acknowledge()
        await desk.clock.advance(2)
        assert Topic.STORE_AWAY not in desk.view.topics
