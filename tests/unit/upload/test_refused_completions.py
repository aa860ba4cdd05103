"""A completion that is refused has the upload compared with what the store has."""

from typing import Any

import pytest

from app.core.errors import Corrupted, NetworkFailed, UploadError, UrlRejected
from app.core.upload.decision import COMPARISONS
from app.core.upload.events import CommandFailed, UploadReconciled
from tests.support.fake_store import key_of, video
from tests.support.uploading import uploading

pytestmark = pytest.mark.anyio
Q1 = video("q1")
CONTENT = bytes(range(35))
LIST = frozenset({"list"})


async def test_store_that_has_other_parts_than_were_acknowledged_is_compared_and_mended():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await desk.settle()
        upload = desk.store.uploads["upload-1"]
        del upload.parts[2]
        upload.parts[3] = b"otherwise!"
        await desk.stop(Q1)
        await desk.clock.advance(5)
        assert desk.store.objects == {key_of(Q1): CONTENT}
        assert [number for _, number in desk.store.written] == [1, 2, 3, 4, 2, 3]
        assert desk.told(UploadReconciled) == [UploadReconciled(Q1, _etags(desk.store, 1, 4))]


def _etags(store: Any, *numbers: int) -> tuple[tuple[int, str], ...]:
    from tests.support.fake_store import md5_hex

    parts = {number: CONTENT[(number - 1) * 10 : number * 10] for number in numbers}
    return tuple((number, md5_hex(part)) for number, part in parts.items())


async def test_progress_does_not_fall_when_the_store_has_less_than_was_acknowledged():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        await desk.record(Q1, CONTENT)
        await desk.settle()
        desk.transport.holds_parts = True
        del desk.store.uploads["upload-1"].parts[2]
        await desk.stop(Q1)
        (await desk.transport.next_send()).acknowledge()
        await desk.clock.advance(5)
        (await desk.transport.next_send()).acknowledge()
        await desk.settle()
        acknowledged = [progress.acknowledged for progress in desk.progress]
        assert acknowledged == sorted(acknowledged)
        assert acknowledged[-1] == 35
        assert desk.store.objects == {key_of(Q1): CONTENT}


@pytest.mark.parametrize("error", [UrlRejected("The signer answered 422."), Corrupted("another object")])
async def test_completion_that_is_refused_again_and_again_is_compared_a_few_times_and_then_told(error: UploadError):
    async with uploading() as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"complete"}
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        for _ in range(COMPARISONS):
            assert not desk.last.has_failed
            (await desk.signer.next_call("complete")).fail(error)
            await desk.clock.advance(5)
        assert len(desk.told(UploadReconciled)) == COMPARISONS
        assert len(desk.told(CommandFailed)) == COMPARISONS
        assert desk.last.has_failed
        assert desk.last.tracks[0].problem == str(error)

        desk.signer.holding = set()
        desk.scheduler.retry()
        desk.uploader.wake()
        await desk.settle()
        assert desk.store.objects == {key_of(Q1): CONTENT}


async def test_other_errors_of_a_completion_need_no_comparison():
    async with uploading() as desk:
        desk.transport.holds_parts = False
        desk.signer.holding = {"complete"}
        await desk.record(Q1, CONTENT)
        await desk.stop(Q1)
        (await desk.signer.next_call("complete")).fail(NetworkFailed("reset"))
        await desk.clock.advance(1)
        (await desk.signer.next_call("complete")).answer()
        await desk.settle()
        assert desk.signer.calls("list") == []
        assert desk.last.is_safe
